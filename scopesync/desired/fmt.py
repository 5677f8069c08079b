"""fmt: the files of a project in their canonical layout, saying what they said before.

Belongs here: which files, and that none is touched that has problems of its own or would come to mean something else.
Does not belong here: the order (`canonical_order`), the layout (`tree_printer`), problems between files (`project`).
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

from scopesync.desired.layout.canonical_order import arrange, arrange_rows, row_order, spelled
from scopesync.desired.layout.tree_printer import printed
from scopesync.desired.layout.tree_reader import layout
from scopesync.desired.project import FILE, paused_collector, tenant_files
from scopesync.desired.row_sources import gather
from scopesync.desired.schema_messages import refuse_newer, schema_problems
from scopesync.desired.select import select
from scopesync.desired.sources import csv_reader
from scopesync.desired.sources.text_file import decode, is_csv
from scopesync.desired.sources.yaml_file import parse_yaml, read_yaml
from scopesync.desired.tenant_file import without_rows
from scopesync.errors import ConfigurationError, ScopesyncError
from scopesync.files import write_atomically
from scopesync.model import KIND_BY_NAME, KINDS, Kind, Tenant
from scopesync.row_identity import canonical_id
from scopesync.schemas import validator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from scopesync.desired.layout.tree import Collection
    from scopesync.desired.sources.text_file import SourceText
    from scopesync.errors import Problem
    from scopesync.model import Row

Sort: TypeAlias = "Kind | str"
"""What a file is: rows of a kind, or what the schema of that name says."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Formatted:
    """The files that `changed`, or would, and the problems of those that were left as they are."""

    changed: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A tenant's files by name, its row files included, and their problems; one that cannot be read has a stem only."""

    tenant: Tenant
    files: Mapping[str, Sort]
    problems: Sequence[Problem]
    labels: Mapping[str, str] = field(default_factory=dict)


def format_project(root: Path, names: Sequence[str] = (), labels: Sequence[str] = (), *, check: bool) -> Formatted:
    """Write the chosen tenants' files anew in the canonical layout: all, and `scopesync.yaml`, without a choice.

    Nothing is written if `check`. A file with errors is left. Raises UsageError for a choice that fits nobody,
    ConfigurationError without a readable project, OSError.
    """
    with paused_collector():
        return _format_project(root, names, labels, check=check)


def _format_project(root: Path, names: Sequence[str], labels: Sequence[str], *, check: bool) -> Formatted:
    found, problems = tenant_files(root)
    chosen = select([_candidate(root, name) for name in found], names, labels)
    is_all = not names and not labels
    files: dict[str, Sort] = {FILE: "project"} if is_all else {}
    problems = (*(problems if is_all else ()), *(problem for one in chosen for problem in one.problems))
    for one in chosen:
        files.update(one.files)
    wrong = {problem.file for problem in problems if problem.severity == "error"}
    changed = tuple(
        name for name, sort in files.items() if name not in wrong and _format(root, name, sort, check=check)
    )
    return Formatted(changed, tuple(dict.fromkeys(one for one in problems if one.severity == "error")))


def _candidate(root: Path, name: str) -> _Candidate:
    stem = PurePosixPath(name).stem
    try:
        file = read_yaml(root, name)
        refuse_newer(file.value, file.places)
    except ConfigurationError as error:
        return _Candidate(Tenant("", stem), {name: "tenant"}, error.problems)
    value = file.value if isinstance(file.value, dict) else {}
    problems = [*file.problems, *schema_problems("tenant", without_rows(file.value), file.places)]
    files: dict[str, Sort] = {name: "tenant"}
    for kind in KINDS:
        items = value.get(kind.name)
        gathered = gather(root, file.places, items if isinstance(items, list) else [], kind)
        problems += gathered.problems
        files.update(dict.fromkeys(gathered.files, kind))
    tenant, labels = Tenant(str(value.get("tenant", "")), str(value.get("name", stem))), value.get("labels")
    return _Candidate(tenant, files, problems, labels if isinstance(labels, dict) else {})


def _format(root: Path, name: str, sort: Sort, *, check: bool) -> bool:
    """Whether the file is not canonical; it is then written, unless `check`, with the mode that it has."""
    path = (root / name).resolve()
    before = path.read_bytes()
    after = formatted(before, name, sort)
    if after == before:
        return False
    if not check:
        write_atomically(path, after.decode(), mode=stat.S_IMODE(path.stat().st_mode))
    return True


def formatted(before: bytes, name: str, sort: Sort) -> bytes:
    """The canonical bytes of a file without problems. A BOM, and the sort of its line breaks, are kept.

    Raises ScopesyncError where they would not say the same: a fault of ours, and the file is left.
    """
    source = decode(before, name)
    if isinstance(sort, Kind) and is_csv(name):
        table = csv_reader.read(source, sort)
        after = csv_bytes(table.rows, sort, header=table.header, like=before)
    else:
        after = yaml_bytes(layout(parse_yaml(source)), sort, like=before)
    if _meaning(decode(after, name), sort) != _meaning(source, sort):
        message = f"{name}: its canonical layout would not say the same; the file was left"
        raise ScopesyncError(message, hint="this is a fault of scopesync, please report it")
    return after


def yaml_bytes(root: Collection, sort: Sort, *, like: bytes) -> bytes:
    """The canonical bytes of a tree, which is put in order for it, with the line breaks and the BOM of `like`."""
    if isinstance(sort, Kind):
        arrange_rows(root, sort)
    else:
        schema = validator(sort).schema
        assert isinstance(schema, dict)
        arrange(root, schema)
    return _bom(like) + printed(root).replace("\n", _line_break(like)).encode()


def csv_bytes(rows: Iterable[Row], kind: Kind, *, header: Sequence[str] = (), like: bytes = b"") -> bytes:
    """The canonical bytes of rows as a CSV, each row once, with the line breaks and the BOM of `like`."""
    once = {frozenset(row.items()): row for row in map(spelled, rows)}.values()
    ordered = sorted(once, key=partial(row_order, kind=kind))
    return _bom(like) + csv_reader.written(ordered, kind, header=header, line_break=_line_break(like)).encode()


def _bom(like: bytes) -> bytes:
    return _BOM if like.startswith(_BOM) else b""


def _line_break(like: bytes) -> str:
    return "\r\n" if like.partition(b"\n")[0].endswith(b"\r") else "\n"


def _meaning(source: SourceText, sort: Sort) -> Any:
    """What a file says, whatever its layout: rows in no order, each once."""
    if isinstance(sort, Kind) and is_csv(source.name):
        table = csv_reader.read(source, sort)
        return set(table.header), _rows(table.rows), [one for one in table.problems if one.severity == "error"]
    file = parse_yaml(source)
    if isinstance(sort, Kind):
        return _rows(file.value), file.problems
    said = {key: _rows(item) if key in KIND_BY_NAME else item for key, item in file.value.items()}
    tenant = file.value.get("tenant")
    if sort == "tenant" and isinstance(tenant, str):
        said["tenant"] = canonical_id(tenant)
    return said, file.problems


def _rows(rows: Iterable[Mapping[str, Any]]) -> frozenset[frozenset[tuple[str, Any]]]:
    return frozenset(frozenset(spelled(row).items()) for row in rows)
