"""The commands, one file each: parse, call one operation, render, return an exit code.

Nothing of ours but options is imported on top of a file, so that `--help` and completion cost click alone.
"""
