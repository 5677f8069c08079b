"""fmt: rewrite the files of a project in the canonical layout, without changing their meaning.

Belongs here: which files to format; leaving alone a file that has errors, or whose meaning would change.
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

Content: TypeAlias = "Kind | str"
"""What a file holds: rows of a kind, or a document of the schema with that name."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Formatted:
    """The files that were rewritten (with `check`: would be), and the errors of the files that were left alone."""

    changed: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A tenant, the names of its files (row files included) and their problems.

    A tenant file that cannot be read gives a tenant with the file's stem as its name, and nothing else.
    """

    tenant: Tenant
    files: Mapping[str, Content]
    problems: Sequence[Problem]
    labels: Mapping[str, str] = field(default_factory=dict)


def format_project(root: Path, names: Sequence[str] = (), labels: Sequence[str] = (), *, check: bool) -> Formatted:
    """Rewrite the files of the chosen tenants in the canonical layout.

    Without `names` and `labels` this means all tenants, and `scopesync.yaml`. With `check` nothing is written. A file
    with errors is left alone. Raises UsageError when no tenant matches the choice, ConfigurationError when the project
    cannot be read, OSError.
    """
    with paused_collector():
        return _format_project(root, names, labels, check=check)


def _format_project(root: Path, names: Sequence[str], labels: Sequence[str], *, check: bool) -> Formatted:
    found, project_problems = tenant_files(root)
    chosen = select([_candidate(root, name) for name in found], names, labels)
    files: dict[str, Content] = {}
    problems: list[Problem] = []
    is_all = not names and not labels
    if is_all:
        files[FILE] = "project"
        problems += project_problems
    for candidate in chosen:
        files.update(candidate.files)
        problems += candidate.problems
    # A row file that two tenants use reports its problems twice.
    errors = tuple(dict.fromkeys(problem for problem in problems if problem.severity == "error"))
    faulty = {error.file for error in errors}
    changed: list[str] = []
    for name, content in files.items():
        if name not in faulty and _format(root, name, content, check=check):
            changed.append(name)
    return Formatted(tuple(changed), errors)


def _candidate(root: Path, name: str) -> _Candidate:
    stem = PurePosixPath(name).stem
    try:
        file = read_yaml(root, name)
        refuse_newer(file.value, file.places)
    except ConfigurationError as error:
        return _Candidate(Tenant("", stem), {name: "tenant"}, error.problems)
    value = file.value if isinstance(file.value, dict) else {}
    problems = [*file.problems, *schema_problems("tenant", without_rows(file.value), file.places)]
    files: dict[str, Content] = {name: "tenant"}
    for kind in KINDS:
        items = value.get(kind.name)
        if not isinstance(items, list):
            continue
        gathered = gather(root, file.places, items, kind)
        problems += gathered.problems
        files.update(dict.fromkeys(gathered.files, kind))
    tenant = Tenant(str(value.get("tenant", "")), str(value.get("name", stem)))
    labels = value.get("labels")
    return _Candidate(tenant, files, problems, labels if isinstance(labels, dict) else {})


def _format(root: Path, name: str, content: Content, *, check: bool) -> bool:
    """Rewrite the file if it is not canonical, and keep its mode; returns whether it was not.

    With `check` nothing is written.
    """
    path = (root / name).resolve()
    before = path.read_bytes()
    after = formatted(before, name, content)
    if after == before:
        return False
    if not check:
        write_atomically(path, after.decode(), mode=stat.S_IMODE(path.stat().st_mode))
    return True


def formatted(before: bytes, name: str, content: Content) -> bytes:
    """The canonical bytes of a file without problems. A BOM is kept, and so is the type of line break.

    Raises ScopesyncError if the result would mean something else: that is a bug of ours, and the file is left alone.
    """
    source = decode(before, name)
    if isinstance(content, Kind) and is_csv(name):
        table = csv_reader.read(source, content)
        after = csv_bytes(table.rows, content, header=table.header, like=before)
    else:
        after = yaml_bytes(layout(parse_yaml(source)), content, like=before)
    if _meaning(decode(after, name), content) != _meaning(source, content):
        message = f"{name}: its canonical layout would not say the same; the file was left"
        raise ScopesyncError(message, hint="this is a fault of scopesync, please report it")
    return after


def yaml_bytes(root: Collection, content: Content, *, like: bytes) -> bytes:
    """The canonical bytes of a tree, with the line breaks and the BOM of `like`. Sorts the tree in place."""
    if isinstance(content, Kind):
        arrange_rows(root, content)
    else:
        schema = validator(content).schema
        assert isinstance(schema, dict)
        arrange(root, schema)
    text = printed(root).replace("\n", _line_break(like))
    return _bom(like) + text.encode()


def csv_bytes(rows: Iterable[Row], kind: Kind, *, header: Sequence[str] = (), like: bytes = b"") -> bytes:
    """The canonical bytes of rows as a CSV, each row once, with the line breaks and the BOM of `like`."""
    unique = {frozenset(row.items()): row for row in map(spelled, rows)}
    ordered = sorted(unique.values(), key=partial(row_order, kind=kind))
    text = csv_reader.written(ordered, kind, header=header, line_break=_line_break(like))
    return _bom(like) + text.encode()


def _bom(like: bytes) -> bytes:
    return _BOM if like.startswith(_BOM) else b""


def _line_break(like: bytes) -> str:
    first_line, _, _ = like.partition(b"\n")
    return "\r\n" if first_line.endswith(b"\r") else "\n"


def _meaning(source: SourceText, content: Content) -> Any:
    """The content of a file without its layout, to compare: the order of rows and duplicate rows do not count."""
    if isinstance(content, Kind) and is_csv(source.name):
        table = csv_reader.read(source, content)
        errors = [problem for problem in table.problems if problem.severity == "error"]
        return set(table.header), _rows(table.rows), errors
    file = parse_yaml(source)
    if isinstance(content, Kind):
        return _rows(file.value), file.problems
    document = dict(file.value)
    for key in KIND_BY_NAME.keys() & document.keys():
        document[key] = _rows(document[key])
    tenant = document.get("tenant")
    if content == "tenant" and isinstance(tenant, str):
        document["tenant"] = canonical_id(tenant)
    return document, file.problems


def _rows(rows: Iterable[Mapping[str, Any]]) -> frozenset[frozenset[tuple[str, Any]]]:
    return frozenset(frozenset(spelled(row).items()) for row in rows)
