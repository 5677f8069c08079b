"""The canonical layout of a YAML file, comments kept."""
