"""One tenant file -> DesiredTenant.

Belongs here: what a tenant file means, with its `defaults`, `manage` and `allow`. Does not belong here: other tenants
and the project (`project`), YAML syntax (`yaml_reader`), the validation of single rows (`row_check`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

from scopesync.desired.consistency import family_problems, list_problems
from scopesync.desired.row_sources import gather
from scopesync.desired.schema_messages import nearest, refuse_newer, schema_problems
from scopesync.desired.sources.yaml_file import read_yaml
from scopesync.desired.tenant_names import is_name
from scopesync.model import KIND_BY_NAME, KINDS, Allow, DesiredList, DesiredRow, DesiredTenant, SecretRef, Tenant
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scopesync.desired.row_sources import PlacedRow
    from scopesync.desired.sources.yaml_places import Places
    from scopesync.errors import Problem
    from scopesync.model import Connection, Kind, ListName, Manage

    Rows: TypeAlias = "Sequence[PlacedRow]"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class TenantFile:
    """The result of reading one file: `tenant` is None if it has errors, `id` is None if it cannot be read."""

    places: Places
    id: str | None
    name: str
    tenant: DesiredTenant | None
    problems: tuple[Problem, ...]


def load_tenant(root: Path, file: str, *, connections: Mapping[str, Connection] | None, today: date) -> TenantFile:
    """Read the tenant file `file` (relative to `root`) and the row files that it names.

    `connections` is None if the project file has errors: the tenant file is then checked, but gives no tenant. Raises
    ConfigurationError if the file cannot be read as one YAML document.
    """
    read = read_yaml(root, file)
    places = read.places
    refuse_newer(read.value, places)
    value = read.value if isinstance(read.value, dict) else {}
    faults = schema_problems("tenant", without_rows(read.value), places)
    problems = [*read.problems, *faults, *_facts(value, places, connections, today)]
    # Defaults that the schema may have refused would only make each row wrong as well.
    defaults = {} if faults else _part(value, "defaults")
    lists = _lists(root, value, places, problems, defaults=defaults)
    name = _text(value, "name") or PurePosixPath(file).stem
    tenant = None
    has_errors = any(problem.severity == "error" for problem in problems)
    if connections is not None and not has_errors:
        tenant = _tenant(value, name, file, lists, connections)
    return TenantFile(places, _text(value, "tenant"), name, tenant, tuple(problems))


def without_rows(value: Any) -> Any:
    """The file with empty lists, for the schema: `row_sources` validates the rows one by one."""
    if not isinstance(value, dict):
        return value
    bare = dict(value)
    for key in KIND_BY_NAME:
        if isinstance(bare.get(key), list):
            bare[key] = []
    return bare


def _lists(
    root: Path,
    value: Mapping[str, Any],
    places: Places,
    problems: list[Problem],
    *,
    defaults: Mapping[str, Any],
) -> dict[ListName, tuple[Rows, Manage]]:
    """The rows of every managed list, defaults filled in; adds what is wrong in and between the lists to `problems`."""
    lists: dict[ListName, tuple[Rows, Manage]] = {}
    refused: list[Problem] = []
    for kind in KINDS:
        items = value.get(kind.name)
        if not isinstance(items, list):
            continue
        gathered = gather(root, places, items, kind)
        rows = _filled(gathered.rows, _part(defaults, kind.name))
        manage = _part(value, "manage").get(kind.name, "exact")
        lists[kind.name] = rows, manage
        problems += list_problems(rows, kind)
        refused += gathered.problems
    problems += refused
    # With a row missing, a course may seem to name a school that the list lacks.
    is_complete = not any(problem.severity == "error" for problem in refused)
    if is_complete:
        problems += family_problems(lists)
    return lists


def _filled(rows: Rows, defaults: Mapping[str, Any]) -> Rows:
    if not defaults:
        return rows
    return [row._replace(fields={**defaults, **row.fields}) for row in rows]


def _facts(
    value: Mapping[str, Any],
    places: Places,
    connections: Mapping[str, Connection] | None,
    today: date,
) -> Iterator[Problem]:
    """What a schema cannot check, in the parts of the file that are not rows."""
    yield from _name_problems(value, places)
    yield from _connection_problems(value, places, connections)
    yield from _allow_problems(value, places, today)
    if "tenant" in value and not KIND_BY_NAME.keys() & value.keys():
        hint = "add schools or courses, when the file is to manage something"
        yield places.problem((), "this file manages no list", hint=hint, severity="note")


def _name_problems(value: Mapping[str, Any], places: Places) -> Iterator[Problem]:
    """Without `name` the stem of the file is the name, so the stem must then be a valid name."""
    stem = PurePosixPath(places.source.name).stem
    if value and "name" not in value and not is_name(stem):
        yield places.problem((), "the file's stem is no name for a tenant", hint="add a line such as name: springfield")


def _connection_problems(
    value: Mapping[str, Any],
    places: Places,
    connections: Mapping[str, Connection] | None,
) -> Iterator[Problem]:
    named = _text(value, "connection")
    if connections is None:
        return
    if named is not None and named not in connections:
        hint = nearest(named, connections) or f"known: {', '.join(connections)}"
        yield places.problem(("connection",), "scopesync.yaml has no such connection", hint=hint)
    elif "connection" not in value and len(connections) > 1:
        hint = f"add connection: with one of {', '.join(connections)}"
        yield places.problem((), "which connection? scopesync.yaml has more than one", hint=hint)


def _allow_problems(value: Mapping[str, Any], places: Places, today: date) -> Iterator[Problem]:
    entries = value.get("allow")
    if not isinstance(entries, list):
        return  # the schema reports it
    for index, entry in enumerate(entries):
        text = _text(entry, "expires") if isinstance(entry, dict) else None
        if text is None or not _DAY.match(text):
            continue  # the schema reports it
        path = ("allow", index, "expires")
        try:
            expires = date.fromisoformat(text)
        except ValueError:
            yield places.problem(path, "the calendar has no such day")
            continue
        if expires < today:
            yield places.problem(path, f"this exception expired on {text}", hint="remove it, or have another reviewed")


def _tenant(
    value: Mapping[str, Any],
    name: str,
    file: str,
    lists: Mapping[ListName, tuple[Rows, Manage]],
    connections: Mapping[str, Connection],
) -> DesiredTenant:
    """The tenant of a file without errors."""
    connection = value.get("connection", next(iter(connections)))
    pair = value.get("credentials")
    credentials = None
    if pair:
        credentials = secret_ref(pair["client_id"]), secret_ref(pair["client_secret"])
    return DesiredTenant(
        tenant=Tenant(id=canonical_id(value["tenant"]), name=name),
        connection=connections[connection],
        lists={key: _list(KIND_BY_NAME[key], rows, manage) for key, (rows, manage) in lists.items()},
        credentials=credentials,
        labels=dict(value.get("labels", {})),
        allow=tuple(_allow(entry) for entry in value.get("allow", ())),
        origin=file,
    )


def _list(kind: Kind, rows: Rows, manage: Manage) -> DesiredList:
    return DesiredList(kind, tuple(map(_row, rows)), manage)


def _row(row: PlacedRow) -> DesiredRow:
    fields, source, line, _ = row
    if "protect" not in fields:
        return DesiredRow(fields, f"{source.name}:{line}")
    kept = {name: value for name, value in fields.items() if name != "protect"}
    return DesiredRow(kept, row.place, protect=fields["protect"])


def _allow(entry: Mapping[str, Any]) -> Allow:
    return Allow(
        guard=entry["guard"],
        list=entry["list"],
        count=int(entry["count"]),
        reason=entry["reason"],
        expires=date.fromisoformat(entry["expires"]),
    )


def secret_ref(text: str) -> SecretRef:
    """Parse `env:NAME` or `file:PATH`; a schema has checked the text."""
    source, _, name = text.partition(":")
    return SecretRef("env" if source == "env" else "file", name)


def _part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The mapping at `key`, an empty one if there is no mapping (the schema reports anything else)."""
    part = value.get(key)
    return part if isinstance(part, dict) else {}


def _text(value: Mapping[str, Any], key: str) -> str | None:
    text = value.get(key)
    return text if isinstance(text, str) else None
