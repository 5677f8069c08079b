"""CSV files of rows: the header holds field names; an empty cell means that the row lacks the field.

Belongs here: text -> rows with their lines, and back. Does not belong here: valid values of a field (the schema), other
formats. A cell that looks like a formula is data, and so is a line break in quotes.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any

from scopesync.desired.schema_messages import counted, folded, nearest
from scopesync.desired.sources.csv_cells import cell_place, cells, field_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scopesync.desired.sources.text_file import SourceText
    from scopesync.errors import Problem
    from scopesync.model import Kind, Row

FLAGS = ("selected", "protect")
_FLAG: Mapping[str, bool] = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

_SEPARATORS: Mapping[str, str] = {";": "semicolons", "\t": "tabs", "|": "bars"}

_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$|^[<>|=]{7}')
"""Seven of `<>|=` at the beginning of a line are a Git conflict marker."""


@dataclass(slots=True)
class Table:
    """The rows of a CSV, the line (from 1) on which each starts, and what is wrong with the file.

    `values` holds the distinct values of each column: far fewer than the cells of a long list, so they are quicker to
    validate. They are dictionary keys, because these keep the order of the rows; iterating over a set jumps around in
    memory and takes twice as long.
    """

    header: tuple[str, ...] = ()
    lines: Sequence[int] = ()
    rows: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, dict[Any, None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(source: SourceText, kind: Kind) -> Table:
    """Every row with as many cells as the header. Blank lines are skipped; everything else is a Problem."""
    table = Table()
    lines, records = _records(source, table)
    line = lines[0] if records else 1
    header = records[0] if records else []
    table.header = tuple(header)
    if not table.problems:
        table.problems.extend(_header_problems(source, line, header, kind))
    if not table.problems:
        _fill(source, table, _whole(source, table, lines[1:], records[1:]))
    if not table.rows and not table.problems:
        table.problems.append(source.problem("a header, but no rows below it", line, severity="warning"))
    return table


def written(rows: Sequence[Row], kind: Kind, *, header: Collection[str] = (), line_break: str = "\n") -> str:
    """The text of a CSV, with quotes only where they are needed.

    The columns are those of `header` and every field that a row has, in the order of the kind's fields.
    """
    known = {*header}.union(*rows)
    columns = [name for name in (*kind.fields, "protect") if name in known]
    table = [[_cell(row.get(name)) for name in columns] for row in rows]
    lines = [",".join(record) for record in (columns, *table)]
    # A row whose only cell is empty is written as "", because a blank line would be no row.
    return "".join((line or '""') + line_break for line in lines)


def _whole(source: SourceText, table: Table, lines: Sequence[int], records: list[list[str]]) -> list[list[str]]:
    """The records that are as wide as the header; sets the table's lines to theirs and reports the other records."""
    width = len(table.header)
    if set(map(len, records)) <= {width}:
        table.lines = lines
        return records
    whole_lines: list[int] = []
    whole: list[list[str]] = []
    for line, record in zip(lines, records, strict=True):
        if len(record) == width:
            whole_lines.append(line)
            whole.append(record)
        else:
            table.problems.append(_width_problem(source, line, record, width))
    table.lines = whole_lines
    return whole


def _width_problem(source: SourceText, line: int, record: Sequence[str], width: int) -> Problem:
    """A record with too many or too few cells, at its first multi-line cell or else at the header's width."""
    broken = next((index for index, cell in enumerate(record) if "\n" in cell or "\r" in cell), None)
    index = width if broken is None else broken
    if broken is not None:
        hint = "this cell goes on over several lines: is its quote closed where it should be?"
    elif not any(record[width:]):
        hint = "every row has as many commas as the header; an empty cell is nothing between two commas"
    else:
        hint = 'put a cell that has a comma in it in quotes: "Oak, North"'
    message = f"{counted(len(record), 'cell')} where the header has {width}"
    return source.problem(message, *cell_place(source, line, index), hint=hint)


def _fill(source: SourceText, table: Table, records: list[list[Any]]) -> None:
    """Turn records into rows: flags become booleans, empty cells are left out."""
    header = table.header
    for index in [index for index, name in enumerate(header) if name in FLAGS]:
        for record in records:
            record[index] = _FLAG.get(record[index], record[index])
    table.rows = list(map(dict, map(zip, repeat(header), records)))
    table.values = dict(zip(header, map(dict.fromkeys, zip(*records, strict=True)), strict=False))
    gaps = [name for name, values in table.values.items() if "" in values]
    for name in gaps:
        del table.values[name][""]
        for row in table.rows:
            if row[name] == "":
                del row[name]
    for name in FLAGS:
        if words := table.values.get(name, {}).keys() - {True, False}:
            table.problems += _flag_problems(source, table, name, words)


def _flag_problems(source: SourceText, table: Table, name: str, words: set[str]) -> Iterator[Problem]:
    """Report each cell of a flag that is not a boolean, and remove it from its row and from `values`."""
    for word in words:
        del table.values[name][word]
    for line, row in zip(table.lines, table.rows, strict=True):
        if row.get(name) in words:
            del row[name]
            hint = "write true or false, in English, or leave the cell empty"
            yield source.problem(f"{name} must be true or false", *field_place(source, line, name), hint=hint)


def _records(source: SourceText, table: Table) -> tuple[Sequence[int], list[list[str]]]:
    """The records that are not blank, after the first line of each. Reports a broken quote, and stops there."""
    reader = _reader(source)
    try:
        records = list(reader)
        has_one_line_each = reader.line_num == len(records) and all(records)
        if has_one_line_each:  # the common case: no lines to count
            return range(1, len(records) + 1), records
    except csv.Error:
        pass  # `_counted` meets it again and reports it
    return _counted(source, table)


def _counted(source: SourceText, table: Table) -> tuple[list[int], list[list[str]]]:
    """The same as `_records`, record by record: for files with blank lines, quoted line breaks or a broken quote."""
    lines: list[int] = []
    records: list[list[str]] = []
    line = 1
    reader = _reader(source)
    try:
        for record in reader:
            if record:
                lines.append(line)
                records.append(record)
            line = reader.line_num + 1
    except csv.Error as error:
        table.problems.append(_quote_problem(source, line, error))
    return lines, records


def _quote_problem(source: SourceText, line: int, error: csv.Error) -> Problem:
    """The mistake in the quotes of the record on `line`; any other error is quoted from the csv module."""
    *_, last = cells(source, line)
    hint = 'a quote inside of a cell in quotes is written twice: "the ""best"" school"'
    if last.end is None:
        return source.problem("the quote that opens here is never closed", last.line, last.column, hint=hint)
    end, column = last.end
    if column > len(source.lines[end - 1]):
        return source.problem(f"not CSV: {error}, in the record that starts here", line)
    if end > last.line:
        message = f"the quote that opens here is closed only on line {end}, before more text"
        return source.problem(message, last.line, last.column, hint=f"close it on line {last.line}")
    return source.problem("text behind a closing quote", end, column, hint=hint)


def _reader(source: SourceText) -> Any:
    """A strict reader of the text; `newline=""` keeps line breaks in quotes as they are."""
    file = io.TextIOWrapper(io.BytesIO(source.text.encode()), encoding="utf-8", newline="")
    return csv.reader(file, strict=True)


def _cell(value: str | bool | None) -> str:  # noqa: FBT001 - a field's value, not a flag
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not _NEEDS_QUOTES.search(value):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _header_problems(source: SourceText, line: int, header: Sequence[str], kind: Kind) -> Iterator[Problem]:
    known = (*kind.fields, "protect")
    keys = {kind.id_field, kind.ref_field, "local_id"}
    if not header:
        yield source.problem("the file is empty: not even a header", 1, hint=f"the columns are {', '.join(known)}")
    elif separator := next((one for one in _SEPARATORS if _separates(one, header, known)), None):
        message = f"this file is separated by {_SEPARATORS[separator]}"
        column = source.lines[line - 1].find(separator) + 1
        yield source.problem(message, line, column or None, hint="save it with commas between the columns")
    else:
        if keys.isdisjoint(map(folded, header)):
            hint = f"one of {kind.id_field}, {kind.ref_field} and local_id must be there, to tell the rows apart"
            yield source.problem("a column is missing in the header", line, hint=hint)
        for index, name in enumerate(header):
            if words := _name_problem(name, header[:index], known):
                message, near = words
                yield source.problem(message, *cell_place(source, line, index), hint=near)


def _separates(separator: str, header: Sequence[str], known: Sequence[str]) -> bool:
    """Whether this character separates the columns, instead of commas."""
    names = ",".join(header).split(separator)
    if len(names) == 1:
        return False
    has_known_name = not set(known).isdisjoint(map(folded, names))
    return len(header) == 1 or has_known_name


def _name_problem(name: str, before: Sequence[str], known: Sequence[str]) -> tuple[str, str | None] | None:
    """Message and hint for the name of a column, None if it is valid; `before` are the names to its left."""
    if name in before:
        if not name:
            return None  # the first column without a name is reported
        return f'the column "{name[:64]}" is there twice', "remove one of the two"
    if name in known:
        return None
    if not name.strip():
        return "a column without a name", "remove it from every row, with its comma; or give it a name"
    return f'unknown column "{name[:64]}"', nearest(name, known) or f"known: {', '.join(known)}"
