"""DesiredTenant x LiveTenant -> TenantPlan: pure. No clock, environment, file or network."""
