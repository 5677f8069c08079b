"""Parse, call one operation, render, exit code. The only room that prints, asks or exits."""
