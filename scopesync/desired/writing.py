"""Live lists -> files that a person would have written.

Belongs here: text of tenant files and of their CSVs. Does not belong here: putting them on a disk, deciding which
tenants are imported. Reading the files back gives the same fields, but for those that are named in `left_out`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from scopesync.desired.crossrows import key_field
from scopesync.desired.rowcheck import row_check
from scopesync.desired.text import conflict_line
from scopesync.model import KINDS, SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scopesync.model import Kind, ListName, Row, Tenant

SCHEMA = "../schemas/tenant.schema.json"
_PLAIN = re.compile(r"[^\W\d_](?:[\w .,'()&/-]*[\w.')])?\Z")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""Plain words that are no text in YAML 1.1 or 1.2."""
_CELL_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$')
_COMMENT_LENGTH = 100


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a file cannot say of a live row: some `fields`, which then keep their live value, or all of it."""

    list: ListName
    row: Row
    reason: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Texts by file name, the tenant file first, and what is not in them.

    A list of which a whole row is left out is written as `additive`, so that the next plan does not remove that row.
    """

    files: Mapping[str, str]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Draft:
    """The rows of one list as they will be written."""

    kind: Kind
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def is_partial(self) -> bool:
        """Whether a whole row is left out."""
        return any(not left.fields for left in self.left_out)


def tenant_file(
    tenant: Tenant,
    *,
    stem: str,
    lists: Mapping[ListName, Sequence[Row]],
    connection: str | None = None,
    labels: Mapping[str, str] | None = None,
    csv_over_rows: int = 200,
    schema: str = SCHEMA,
) -> Written:
    """The files of one tenant: `<stem>.yaml`, and `<stem>.<list>.csv` for a list of more than `csv_over_rows` rows.

    `lists` are complete live lists; one that is missing is not managed. `connection` is None where the project has only
    one. `schema` is the path of the tenant schema as seen from the file. Fields that the server owns, unknown fields
    and nulls (for the diff the same as absent) are not written.
    """
    schools = _draft(SCHOOLS, lists.get("schools", ()))
    drafts = [schools if kind is SCHOOLS else _draft(kind, lists[kind.name]) for kind in KINDS if kind.name in lists]
    _sort(drafts, schools)
    if schools in drafts:
        _keep_families(schools, drafts)
    head = _head(tenant, stem=stem, connection=connection, labels=labels or {}, drafts=drafts, schema=schema)
    tables = {draft.kind.name: f"{stem}.{draft.kind.name}.csv" for draft in drafts if _is_table(draft, csv_over_rows)}
    body = "".join(_list(draft, tables.get(draft.kind.name)) for draft in drafts)
    csvs = {tables[draft.kind.name]: _csv(draft) for draft in drafts if draft.kind.name in tables}
    left_out = tuple(left for draft in drafts for left in draft.left_out)
    return Written({f"{stem}.yaml": head + body, **csvs}, left_out)


def _draft(kind: Kind, live: Sequence[Row]) -> _Draft:
    """The rows that a file can hold: each can be told apart from all others, and the schema takes it."""
    draft = _Draft(kind)
    taken = _shared_keys(live, kind)
    for row in live:
        fields, refused = _fields(row, kind)
        if reason := _reason(fields, refused, kind, taken):
            draft.left_out.append(LeftOut(kind.name, row, reason))
            continue
        if refused:
            draft.left_out.append(LeftOut(kind.name, row, "the schema refuses these values", refused))
        draft.rows.append(fields)
    return draft


def _shared_keys(live: Sequence[Row], kind: Kind) -> set[tuple[str, str]]:
    """Field and value of everything but ids that two rows have, so that it tells neither apart."""
    names = (kind.ref_field, "local_id")
    held = Counter((name, row[name]) for row in live for name in names if isinstance(row.get(name), str))
    return {key for key, count in held.items() if count > 1}


def _fields(row: Row, kind: Kind) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What people may write of a live row, and the names of the fields whose values the schema refuses."""
    check = row_check(kind)
    present = {name: row[name] for name in kind.fields if row.get(name) is not None}
    fields = {name: value for name, value in present.items() if check({name: value})}
    return fields, tuple(name for name in present if name not in fields)


def _reason(fields: Row, refused: Sequence[str], kind: Kind, taken: set[tuple[str, str]]) -> str | None:
    """Why a row cannot be written at all, None if it can; the id of one that can is taken from then on."""
    key = key_field(fields, kind)
    if kind.id_field in refused:
        return f"its {kind.id_field} is not safe in a URL"
    if key is None:
        return f"it has no {kind.id_field}, {kind.ref_field} or local_id"
    if (key, fields[key]) in taken:
        return f"another row has its {key} too"
    if key == kind.id_field:
        taken.add((key, fields[key]))
    return None


def _sort(drafts: Iterable[_Draft], schools: _Draft) -> None:
    """Schools by name, courses by the name of their school, then their own; the key settles every tie."""
    names = {row[key]: _by_name(row) for row in schools.rows for key in ("school_ref_id", "school_id") if key in row}
    for draft in drafts:
        draft.rows.sort(key=partial(_order, kind=draft.kind, schools=names))


def _order(row: Row, *, kind: Kind, schools: Mapping[str, tuple[str, str]]) -> tuple[Any, ...]:
    return _by_school(row, kind, schools), _by_name(row), _keys(row, kind)


def _by_name(row: Row) -> tuple[str, str]:
    name = row.get("name", "")
    return name.casefold(), name


def _by_school(row: Row, kind: Kind, names: Mapping[str, tuple[str, str]]) -> tuple[tuple[str, str], str]:
    if kind is SCHOOLS:
        return ("", ""), ""
    school = row.get("school_id") or row.get("school_ref_id") or ""
    return names.get(school, ("", "")), school


def _keys(row: Row, kind: Kind) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in (kind.id_field, kind.ref_field, "local_id"))


def _keep_families(schools: _Draft, drafts: Iterable[_Draft]) -> None:
    """Leave out the school of a course, where the school itself is in no file: the live value stays as it is."""
    names = ("school_id", "school_ref_id")
    known = {(name, row[name]) for row in schools.rows for name in names if name in row}
    for draft in drafts:
        for row in draft.rows if draft is not schools else ():
            mentioned = tuple(name for name in names if name in row)
            if mentioned and not any((name, row[name]) in known for name in mentioned):
                reason = "its school is not among the schools"
                draft.left_out.append(LeftOut(draft.kind.name, dict(row), reason, mentioned))
                for name in mentioned:
                    del row[name]


def _head(
    tenant: Tenant,
    *,
    stem: str,
    connection: str | None,
    labels: Mapping[str, str],
    drafts: Iterable[_Draft],
    schema: str,
) -> str:
    additive: dict[str, str] = {draft.kind.name: "additive" for draft in drafts if draft.is_partial}
    lines = [
        f"# yaml-language-server: $schema={schema}",
        *([f"# {_comment(tenant.name)}"] if tenant.name != stem else []),
        "version: 1",
        f"tenant: {_quoted(tenant.id)}",
        *([f"connection: {_scalar(connection)}"] if connection is not None else []),
        *_mapping("labels", labels),
        *_mapping("manage", additive),
    ]
    return "".join(f"{line}\n" for line in lines)


def _mapping(key: str, values: Mapping[str, str]) -> list[str]:
    return [f"{key}:", *(f"  {_scalar(name)}: {_scalar(value)}" for name, value in values.items())] if values else []


def _list(draft: _Draft, table: str | None) -> str:
    name = draft.kind.name
    if table is not None:
        return f"{name}:\n  - from: {_scalar(table)}\n"
    return f"{name}:\n{''.join(map(_row, draft.rows))}" if draft.rows else f"{name}: []\n"


def _row(fields: Row) -> str:
    """One row in block style; ids are quoted, whatever they look like."""
    lines = (
        f"{name}: {_quoted(value) if name.endswith('_id') else _scalar(value)}\n" for name, value in fields.items()
    )
    return "  - " + "    ".join(lines)


def _scalar(value: Any) -> str:
    """A boolean, or text: plain where every reader of YAML takes it for the same text, else quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = _PLAIN.match(value) and value.lower() not in _WORDS
    return str(value) if plain else _quoted(value)


def _quoted(text: str) -> str:
    """Text in double quotes; letters stay as they are, what cannot be seen is an escape."""
    return "".join(
        char if char == " " or char.isprintable() else _escape(char) for char in json.dumps(text, ensure_ascii=False)
    )


def _escape(char: str) -> str:
    return f"\\U{ord(char):08x}"


def _comment(text: str) -> str:
    """One line that can be seen through: no control characters, no marks that turn text around."""
    return "".join(char if char.isprintable() else " " for char in text)[:_COMMENT_LENGTH].strip()


def _is_table(draft: _Draft, csv_over_rows: int) -> bool:
    """Whether a list is long, and a CSV holds it faithfully: no empty text, nothing like a conflict marker."""
    if len(draft.rows) <= csv_over_rows or any(value == "" for row in draft.rows for value in row.values()):
        return False
    return conflict_line(_csv(draft)) is None


def _csv(draft: _Draft) -> str:
    """A header of the fields in use, then the rows."""
    columns = [name for name in draft.kind.fields if any(name in row for row in draft.rows)]
    rows = ([_cell(row.get(name)) for name in columns] for row in draft.rows)
    return "".join(",".join(cells) + "\n" for cells in (columns, *rows))


def _cell(value: str | bool | None) -> str:  # noqa: FBT001 - a field's value, not a flag
    if value is None:
        return ""
    text = _scalar(value) if isinstance(value, bool) else value
    return '"' + text.replace('"', '""') + '"' if _CELL_NEEDS_QUOTES.search(text) else text
