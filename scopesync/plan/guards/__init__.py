"""Guards: when a plan may not be applied, whatever it says."""
