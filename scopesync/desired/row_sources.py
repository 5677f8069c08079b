"""The rows of one list: inline, from YAML lists and from CSV files, each with its place in the file.

Belongs here: `from:`, and which rows the schema accepts. Does not belong here: checks between rows (`consistency`), the
meaning of the file (`tenant_file`).
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from scopesync.desired.globs import expand
from scopesync.desired.row_check import row_check, values_check
from scopesync.desired.schema_messages import fault_problem, faults
from scopesync.desired.sources import csv_reader
from scopesync.desired.sources.csv_cells import field_place
from scopesync.desired.sources.text_file import CSV_BYTES, YAML_BYTES, is_csv, read_text
from scopesync.desired.sources.yaml_file import parse_yaml
from scopesync.desired.sources.yaml_reader import Mapping
from scopesync.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping as Fields
    from collections.abc import Sequence
    from pathlib import Path as FilePath

    from scopesync.desired.sources.text_file import SourceText
    from scopesync.desired.sources.yaml_places import Path, Places
    from scopesync.errors import Problem, Severity
    from scopesync.model import Kind

_FRAME = {"version": 1, "tenant": "frame"}
"""The smallest valid tenant file: rows from any file are put in it, so that the tenant schema can validate them."""


class PlacedRow(NamedTuple):
    """A row as the file has it, `protect` included, and its place; `column` is None in a CSV."""

    fields: Fields[str, Any]
    source: SourceText
    line: int
    column: int | None

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.source.name}:{self.line}"

    def problem(
        self,
        message: str,
        *,
        field: str | None = None,
        hint: str | None = None,
        severity: Severity = "error",
    ) -> Problem:
        """A Problem at this row; in a CSV at the cell of `field`, if the file has that column."""
        spot: tuple[int, int | None] = (self.line, self.column)
        if self.column is None and field is not None:
            spot = field_place(self.source, self.line, field)
        return self.source.problem(message, *spot, hint=hint, severity=severity)


@dataclass(slots=True)
class Gathered:
    """The valid rows of one list, the `files` that it names in their order, and the problems of everything else."""

    kind: Kind
    rows: list[PlacedRow] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def gather(root: FilePath, places: Places, items: Sequence[Any], kind: Kind) -> Gathered:
    """The rows of a list in a tenant file: the inline rows, then the rows of the files that it names.

    `items` is the list as `yaml_reader` returns it, at the key `kind.name` of the text of `places`. A row that the
    schema refuses is reported and left out.
    """
    gathered = Gathered(kind)
    for index, item in _add_mappings(places, items, (kind.name,), gathered):
        path = (kind.name, index, "from")
        for name in _files(root, places, item["from"], path, gathered):
            if name in gathered.files:
                gathered.problems.append(places.problem(path, f"{name} is named a second time"))
            else:
                gathered.files.append(name)
                _add_file(root, places, name, path, gathered)
    return gathered


def _add_mappings(
    places: Places,
    items: Sequence[Any],
    prefix: Path,
    gathered: Gathered,
) -> list[tuple[int, Mapping]]:
    """Add the rows among `items`, which are at `prefix`; returns the entries that name files, with their indexes."""
    check = row_check(gathered.kind)
    source = places.source
    add = gathered.rows.append
    unsure: list[int] = []
    for index, item in enumerate(items):
        if type(item) is Mapping and check(item):
            add(PlacedRow(item, source, item.line, item.column))
        else:
            unsure.append(index)
    # The quick check knows only plain rows; the schema decides on the others, and on entries with `from`.
    refused = _add_refusals(places, [items[index] for index in unsure], unsure, prefix, gathered)
    naming_files: list[tuple[int, Mapping]] = []
    for index in unsure:
        item = items[index]
        if index in refused:
            continue
        if "from" in item:
            naming_files.append((index, item))
        else:
            add(PlacedRow(item, source, item.line, item.column))
    return naming_files


def _add_refusals(
    places: Places,
    items: Sequence[Any],
    indexes: Sequence[int],
    prefix: Path,
    gathered: Gathered,
) -> set[int]:
    """Report the `items` that the schema refuses; returns their indexes in the list.

    `indexes` are the indexes of all `items` in the list, which is at `prefix`.
    """
    refused: set[int] = set()
    if not items:
        return refused
    for fault in faults("tenant", {**_FRAME, gathered.kind.name: items}):
        _, position, *rest = fault.path
        index = indexes[int(position)]
        refused.add(index)
        gathered.problems.append(fault_problem(fault, (*prefix, index, *rest), places))
    return refused


def _files(root: FilePath, places: Places, pattern: str, path: Path, gathered: Gathered) -> tuple[str, ...]:
    """The files that one `from:` names; if there are none, a Problem is added at its place."""
    try:
        names = expand(root, pattern, folder=posixpath.dirname(places.source.name))
    except ValueError as error:
        gathered.problems.append(places.problem(path, f"from {error}"))
        return ()
    if not names:
        hint = "a list without rows is written as []"
        gathered.problems.append(places.problem(path, "this glob matches no file", hint=hint))
    return names


def _add_file(root: FilePath, places: Places, name: str, path: Path, gathered: Gathered) -> None:
    """Add the rows of one file; a file that cannot be opened is a Problem at the `from:` that names it."""
    cap = CSV_BYTES if is_csv(name) else YAML_BYTES
    try:
        source = read_text(root, name, cap=cap)
        if is_csv(name):
            _add_csv(source, gathered)
        else:
            _add_yaml(source, gathered)
    except ConfigurationError as error:
        for problem in error.problems:
            if problem.line is not None:
                gathered.problems.append(problem)
            else:
                gathered.problems.append(places.problem(path, f"{name}: {problem.message}", hint=problem.hint))


def _add_csv(source: SourceText, gathered: Gathered) -> None:
    kind = gathered.kind
    table = csv_reader.read(source, kind)
    gathered.problems.extend(table.problems)
    rows = map(PlacedRow, table.rows, repeat(source), table.lines, repeat(None))
    if values_check(kind, table.values):
        gathered.rows.extend(rows)
        return
    check = row_check(kind)
    wrong: list[PlacedRow] = []
    for row in rows:
        (gathered.rows if check(row.fields) else wrong).append(row)
    for fault in faults("tenant", {**_FRAME, kind.name: [row.fields for row in wrong]}):
        _, index, name = fault.path
        gathered.problems.append(wrong[int(index)].problem(fault.message, field=str(name), hint=fault.hint))


def _add_yaml(source: SourceText, gathered: Gathered) -> None:
    file = parse_yaml(source)
    gathered.problems.extend(file.problems)
    if not isinstance(file.value, list):
        hint = "rows are written as a list: `- school_id: ...`; [] is a list without rows"
        gathered.problems.append(file.places.problem((), "this is no list of rows", hint=hint))
        return
    for index, _ in _add_mappings(file.places, file.value, (), gathered):
        message = "a file of rows cannot name further files"
        gathered.problems.append(file.places.problem((index, "from"), message, hint="name them in the tenant file"))
