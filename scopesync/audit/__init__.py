"""What moved, and (with a ledger) who moved it. Sends nothing."""
