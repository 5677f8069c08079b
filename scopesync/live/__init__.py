"""API -> LiveTenant: the network edge, and the only importer of httpx. No files but secrets, no decisions."""
