"""The place of a cell in a CSV text, computed only when a problem is reported.

Belongs here: record and column -> line and column of the text. Does not belong here: reading rows (`csv_reader`),
deciding what is wrong with one.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.desired.sources.text_file import SourceText

_TO_THE_QUOTE = re.compile(r'(?:[^"]|"")*+"')
"""The rest of a cell in quotes; a quote inside of it is written twice."""


class Cell(NamedTuple):
    """A cell's first character, and the first one behind the cell (lines and columns count from 1).

    `end` is None if the quote of the cell is never closed.
    """

    line: int
    column: int
    end: tuple[int, int] | None


def cells(source: SourceText, line: int) -> Iterator[Cell]:
    """The cells of the record that starts on `line`, up to its end or to the cell with broken quotes."""
    lines = source.lines
    column = 1
    while True:
        cell = Cell(line, column, _end(lines, line, column))
        yield cell
        if cell.end is None:
            return
        line, column = cell.end
        if not lines[line - 1].startswith(",", column - 1):
            return
        column += 1


def cell_place(source: SourceText, line: int, index: int) -> tuple[int, int | None]:
    """Where the cell `index` (from 0) of the record on `line` starts; only the line if there is no such cell."""
    for number, cell in enumerate(cells(source, line)):
        if number == index:
            return cell.line, cell.column
    return line, None


def field_place(source: SourceText, line: int, field: str) -> tuple[int, int | None]:
    """Where the cell of `field` in the record on `line` starts; only the line if the header lacks the field."""
    header = next(filter(None, csv.reader(source.lines)), [])
    if field not in header:
        return line, None
    return cell_place(source, line, header.index(field))


def _end(lines: list[str], line: int, column: int) -> tuple[int, int] | None:
    """The place behind the cell that starts here, None if its quote is never closed."""
    text = lines[line - 1]
    start = column - 1
    if not text.startswith('"', start):
        comma = text.find(",", start)
        end = comma if comma >= 0 else len(text)
        return line, end + 1
    start += 1
    while (closed := _TO_THE_QUOTE.match(text, start)) is None:
        if line == len(lines):
            return None
        text = lines[line]  # `line` counts from 1: this is the next one
        start = 0
        line += 1
    return line, closed.end() + 1
