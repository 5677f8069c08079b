"""Text, YAML and CSV -> values with their places. Knows nothing of tenants."""
