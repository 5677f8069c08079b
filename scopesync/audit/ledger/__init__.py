"""The ledger: what was done, as records that nobody can change unnoticed."""
