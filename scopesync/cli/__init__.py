"""Parse, wire, call one function, render, exit code. The only room that prints, reads the environment or exits."""
