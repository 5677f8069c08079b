"""Scripts of faults, and what they make of the engine's answers."""
