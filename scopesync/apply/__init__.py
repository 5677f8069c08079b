"""TenantPlan -> Outcome: runs the calls in order and proves the result. Decides nothing about what to change."""
