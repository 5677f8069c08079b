"""A CSV file of rows: the header holds field names, an empty cell mentions nothing.

Belongs here: text -> fields by line. Does not belong here: what a field may hold (the schema), other formats.
A cell that looks like a formula is data, and so is a quoted line break.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scopesync.desired.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scopesync.desired.text import SourceText
    from scopesync.errors import Problem
    from scopesync.model import Kind

FLAGS = ("selected", "protect")
_FLAG = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(slots=True)
class Table:
    """The rows of a CSV, each with the line (from 1) on which it starts, and what is wrong with the file."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(source: SourceText, kind: Kind) -> Table:
    """Every row that has as many cells as the header; blank lines are skipped, everything else is a Problem."""
    table = Table()
    records = _records(source, table)
    line, header = next(records, (1, []))
    if not table.problems:
        table.problems.extend(_header_problems(source, line, header, kind))
    if not table.problems:
        _add_rows(source, records, header, table)
    if not table.rows and not table.problems:
        table.problems.append(source.problem("a header, but no rows below it", line, severity="warning"))
    return table


def _add_rows(source: SourceText, records: Iterator[tuple[int, list[str]]], header: list[str], table: Table) -> None:
    width, add = len(header), table.rows.append
    flags = [name for name in FLAGS if name in header]
    for line, cells in records:
        if len(cells) != width:
            message = f"{len(cells)} cells where the header has {width}"
            table.problems.append(source.problem(message, line, hint="quote a cell that has a comma in it"))
            continue
        fields: dict[str, Any] = dict(zip(header, cells, strict=True))
        if "" in cells:
            fields = {name: cell for name, cell in fields.items() if cell}
        if flags:
            table.problems.extend(_flag_problems(source, line, fields, flags))
        add((line, fields))


def _flag_problems(source: SourceText, line: int, fields: dict[str, Any], flags: Sequence[str]) -> Iterator[Problem]:
    """Turn the words of `flags` into booleans in place; a word that is none is left out and reported."""
    for name in flags:
        word = fields.pop(name, None)
        if word in _FLAG:
            fields[name] = _FLAG[word]
        elif word is not None:
            yield source.problem(f"{name} must be true or false", line)


def _records(source: SourceText, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, each with its first line; a broken quote ends them with a Problem."""
    lines = io.TextIOWrapper(io.BytesIO(source.text.encode()), encoding="utf-8", newline="")
    reader = csv.reader(lines, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        table.problems.append(source.problem(f"not CSV: {error}, in the record that starts here", line))


def _header_problems(source: SourceText, line: int, header: Sequence[str], kind: Kind) -> Iterator[Problem]:
    known = (*kind.fields, "protect")
    if not header:
        yield source.problem("the file is empty: not even a header", 1, hint=f"the columns are {', '.join(known)}")
    elif not {kind.id_field, kind.ref_field, "local_id"}.intersection(header):
        hint = f"one of {kind.id_field}, {kind.ref_field} and local_id must be there, to tell the rows apart"
        yield source.problem("a column is missing in the header", line, hint=hint)
    for number, name in enumerate(header):
        if name in header[:number]:
            yield source.problem(f'the column "{name[:64]}" is there twice', line)
        elif name not in known:
            other = "separate the columns with commas" if {";", "\t"}.intersection(name) else nearest(name, known)
            yield source.problem(f'unknown column "{name[:64]}"', line, hint=other or f"known: {', '.join(known)}")
