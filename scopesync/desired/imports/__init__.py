"""Live rows -> files of the project."""
