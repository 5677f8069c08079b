"""A CSV file of rows: the header holds field names, an empty cell mentions nothing.

Belongs here: text -> rows with their lines, and back. Does not belong here: what a field may hold (the schema), other
formats. A cell that looks like a formula is data, and so is a quoted line break.
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
"""Seven of those at the beginning of a line are a Git conflict marker."""


@dataclass(slots=True)
class Table:
    """The rows of a CSV, the line (from 1) on which each starts, and what is wrong with the file.

    `values` holds what the rows say in each column, each value once: so much less than the cells of a long list that
    it is quicker to judge. They are keys of dictionaries, for a set would hand them over in an order that is all over
    the memory, which takes twice as long.
    """

    header: tuple[str, ...] = ()
    lines: Sequence[int] = ()
    rows: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, dict[Any, None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(source: SourceText, kind: Kind) -> Table:
    """Every row that has as many cells as the header; blank lines are skipped, everything else is a Problem."""
    table = Table()
    lines, records = _records(source, table)
    line, header = (lines[0], records[0]) if records else (1, [])
    table.header = tuple(header)
    if not table.problems:
        table.problems.extend(_header_problems(source, line, header, kind))
    if not table.problems:
        _fill(source, table, _whole(source, table, lines[1:], records[1:]))
    if not table.rows and not table.problems:
        table.problems.append(source.problem("a header, but no rows below it", line, severity="warning"))
    return table


def written(rows: Sequence[Row], kind: Kind, *, header: Collection[str] = (), line_break: str = "\n") -> str:
    """The text of a CSV, quotes only where they are needed.

    Its columns are those of `header` and every field that a row has, in the order of the fields.
    """
    known = {*header}.union(*rows)
    columns = [name for name in (*kind.fields, "protect") if name in known]
    table = ([_cell(row.get(name)) for name in columns] for row in rows)
    return "".join((",".join(cells) or '""') + line_break for cells in (columns, *table))


def _whole(source: SourceText, table: Table, lines: Sequence[int], records: list[list[str]]) -> list[list[str]]:
    """The records that are as wide as the header; their lines go into the table, the others are reported."""
    width = len(table.header)
    table.lines = lines
    if set(map(len, records)) <= {width}:
        return records
    for line, record in zip(lines, records, strict=True):
        if len(record) != width:
            table.problems.append(_width_problem(source, line, record, width))
    table.lines = [line for line, record in zip(lines, records, strict=True) if len(record) == width]
    return [record for record in records if len(record) == width]


def _width_problem(source: SourceText, line: int, record: Sequence[str], width: int) -> Problem:
    """A record with too many or too few cells, at the first cell that is too much, or that goes on over its line."""
    broken = next((index for index, cell in enumerate(record) if "\n" in cell or "\r" in cell), None)
    if broken is not None:
        index, hint = broken, "this cell goes on over several lines: is its quote closed where it should be?"
    elif not any(record[width:]):
        index, hint = width, "every row has as many commas as the header; an empty cell is nothing between two commas"
    else:
        index, hint = width, 'put a cell that has a comma in it in quotes: "Oak, North"'
    message = f"{counted(len(record), 'cell')} where the header has {width}"
    return source.problem(message, *cell_place(source, line, index), hint=hint)


def _fill(source: SourceText, table: Table, records: list[list[Any]]) -> None:
    """Turn cells into rows: flags become booleans, empty cells go."""
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
    """Each word that is none of a flag's, which is then taken out of its row."""
    for word in words:
        del table.values[name][word]
    for line, row in zip(table.lines, table.rows, strict=True):
        if row.get(name) in words:
            del row[name]
            hint = "write true or false, in English, or leave the cell empty"
            yield source.problem(f"{name} must be true or false", *field_place(source, line, name), hint=hint)


def _records(source: SourceText, table: Table) -> tuple[Sequence[int], list[list[str]]]:
    """Records that are not blank, and the first line of each; a broken quote ends them with a Problem."""
    reader = _reader(source)
    try:
        records = list(reader)
        if reader.line_num == len(records) and all(records):  # one line a record: nothing to count, and most files
            return range(1, len(records) + 1), records
    except csv.Error:
        pass  # found again, and reported, by the count below
    return _counted(source, table)


def _counted(source: SourceText, table: Table) -> tuple[list[int], list[list[str]]]:
    """The same record by record, for files with blank lines, quoted line breaks or a broken quote."""
    lines, records, line = [], [], 1
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
    """Where the quotes of the record on `line` go wrong; the reader's own words where it is something else."""
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
    """Over the text as a file: breaks of lines inside of quotes are kept as they are."""
    return csv.reader(io.TextIOWrapper(io.BytesIO(source.text.encode()), encoding="utf-8", newline=""), strict=True)


def _cell(value: str | bool | None) -> str:  # noqa: FBT001 - a field's value, not a flag
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"' + value.replace('"', '""') + '"' if _NEEDS_QUOTES.search(value) else value


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
    """Whether names of columns stand between these separators, where commas should be."""
    names = ",".join(header).split(separator)
    return len(names) > 1 and (len(header) == 1 or not {*known}.isdisjoint(map(folded, names)))


def _name_problem(name: str, before: Sequence[str], known: Sequence[str]) -> tuple[str, str | None] | None:
    """What is wrong with the name of a column, and what to do; `before` are the names left of it."""
    if name in before:
        return (f'the column "{name[:64]}" is there twice', "remove one of the two") if name else None
    if name in known:
        return None
    if not name.strip():
        return "a column without a name", "remove it from every row, with its comma; or give it a name"
    return f'unknown column "{name[:64]}"', nearest(name, known) or f"known: {', '.join(known)}"
