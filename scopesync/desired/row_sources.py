"""The rows of one list: inline, from YAML lists and from CSV files, each with the place it came from.

Belongs here: `from:`, and which rows the schema takes. Does not belong here: how rows hang together (`consistency`),
what becomes of them (`tenant_file`).
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
"""The least tenant file there is: the schema's words for a row are those for a row in a tenant file."""


class PlacedRow(NamedTuple):
    """A row as it was written, `protect` included, and its place; `column` is None in a CSV."""

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
        """A Problem with this row; in a CSV at the cell of `field`, where the file has it."""
        spot: tuple[int, int | None] = (self.line, self.column)
        if self.column is None and field is not None:
            spot = field_place(self.source, self.line, field)
        return self.source.problem(message, *spot, hint=hint, severity=severity)


@dataclass(slots=True)
class Gathered:
    """The rows of one list, in the order of the `files` that it names, and what is wrong with the rest."""

    kind: Kind
    rows: list[PlacedRow] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def gather(root: FilePath, places: Places, items: Sequence[Any], kind: Kind) -> Gathered:
    """The rows of a list in a tenant file: its own, then those of the files that it names.

    `items` is the list as `yaml_reader` gives it, at the key `kind.name` of the text of `places`. What the
    schema refuses is left out and reported.
    """
    gathered = Gathered(kind)
    for index, item in _add_mappings(places, items, (kind.name,), gathered):
        for name in _files(root, places, item["from"], (kind.name, index, "from"), gathered):
            if name in gathered.files:
                message = f"{name} is named a second time"
                gathered.problems.append(places.problem((kind.name, index, "from"), message))
            else:
                gathered.files.append(name)
                _add_file(root, places, name, (kind.name, index, "from"), gathered)
    return gathered


def _add_mappings(
    places: Places,
    items: Sequence[Any],
    prefix: Path,
    gathered: Gathered,
) -> list[tuple[int, Mapping]]:
    """Add the rows among `items`, which are at `prefix`; returns the entries that name files, with their indexes."""
    check, source, add = row_check(gathered.kind), places.source, gathered.rows.append
    unsure: list[int] = []
    for index, item in enumerate(items):
        if type(item) is Mapping and check(item):
            add(PlacedRow(item, source, item.line, item.column))
        else:
            unsure.append(index)
    refused = _add_refusals(places, [items[index] for index in unsure], unsure, prefix, gathered)
    sure = [(index, items[index]) for index in unsure if index not in refused]
    gathered.rows.extend(PlacedRow(item, source, item.line, item.column) for _, item in sure if "from" not in item)
    return [(index, item) for index, item in sure if "from" in item]


def _add_refusals(
    places: Places,
    items: Sequence[Any],
    indexes: Sequence[int],
    prefix: Path,
    gathered: Gathered,
) -> set[int]:
    """Report what the schema says against `items`, which stand at `indexes` of the list at `prefix`; returns which."""
    refused: set[int] = set()
    for fault in faults("tenant", {**_FRAME, gathered.kind.name: items}) if items else ():
        _, position, *rest = fault.path
        index = indexes[int(position)]
        refused.add(index)
        gathered.problems.append(fault_problem(fault, (*prefix, index, *rest), places))
    return refused


def _files(root: FilePath, places: Places, pattern: str, path: Path, gathered: Gathered) -> tuple[str, ...]:
    """The files that one `from:` names; at least one, or a Problem at its place."""
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
    """Add the rows of one file; one that cannot be read at all is a Problem at the `from:` that names it."""
    try:
        source = read_text(root, name, cap=CSV_BYTES if is_csv(name) else YAML_BYTES)
        if is_csv(name):
            _add_csv(source, gathered)
        else:
            _add_yaml(source, gathered)
    except ConfigurationError as error:
        for problem in error.problems:
            nowhere = problem.line is None
            moved = places.problem(path, f"{name}: {problem.message}", hint=problem.hint) if nowhere else problem
            gathered.problems.append(moved)


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
