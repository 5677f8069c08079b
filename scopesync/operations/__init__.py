"""The use cases: what the command line and a Python program can do. They return values; nothing here prints."""
