"""The commands: parse, wire, call one function, render, return an exit code. Nothing of ours is imported on top."""
