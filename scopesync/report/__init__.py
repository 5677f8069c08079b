"""Document -> text: each renderer is a function of plain JSON data."""
