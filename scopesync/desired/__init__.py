"""Git -> DesiredTenant: the disk edge. No network, no comparison with the live side."""
