"""Live lists -> new files, as a person would write them.

Belongs here: the text of tenant files and of their CSVs. Does not belong here: writing to disk, deciding which tenants
are imported. Reading the files back gives the same fields, except for those in `left_out`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scopesync.desired.imports.drafting import drafted, keep_families
from scopesync.desired.layout.canonical_order import row_order
from scopesync.desired.sources import csv_reader
from scopesync.desired.sources.text_file import conflict_line
from scopesync.desired.sources.yaml_scalars import quoted, scalar
from scopesync.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scopesync.desired.imports.drafting import Draft, LeftOut
    from scopesync.model import Kind, ListName, Row, Tenant

SCHEMA = "../schemas/tenant.schema.json"
_COMMENT_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Written:
    """Texts by file name, the tenant file first, and what the files lack.

    If a whole row of a list is left out, the list is written as `additive`, so that the next plan does not remove it.
    """

    files: Mapping[str, str]
    left_out: tuple[LeftOut, ...]
    additive: tuple[ListName, ...] = ()


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
    drafts = [drafted(kind, lists[kind.name]) for kind in KINDS if kind.name in lists]
    if len(drafts) == len(KINDS):
        keep_families(*drafts)
    for draft in drafts:
        draft.rows.sort(key=partial(row_order, kind=draft.kind))
    head = _head(tenant, stem=stem, connection=connection, labels=labels or {}, drafts=drafts, schema=schema)
    long = [draft.kind.name for draft in drafts if is_table(draft.rows, draft.kind, csv_over_rows)]
    tables = {name: f"{stem}.{name}.csv" for name in long}
    body = "".join(_list(draft, tables.get(draft.kind.name)) for draft in drafts)
    files = {f"{stem}.yaml": head + body}
    left_out: list[LeftOut] = []
    additive: list[ListName] = []
    for draft in drafts:
        name = draft.kind.name
        if name in tables:
            files[tables[name]] = csv_reader.written(draft.rows, draft.kind)
        left_out += draft.left_out
        if draft.is_partial:
            additive.append(name)
    return Written(files, tuple(left_out), tuple(additive))


def _head(
    tenant: Tenant,
    *,
    stem: str,
    connection: str | None,
    labels: Mapping[str, str],
    drafts: Iterable[Draft],
    schema: str,
) -> str:
    additive: dict[str, str] = {draft.kind.name: "additive" for draft in drafts if draft.is_partial}
    lines = [f"# yaml-language-server: $schema={schema}"]
    if tenant.name != stem:
        lines.append(f"# {_comment(tenant.name)}")
    lines += ["version: 1", f"tenant: {quoted(tenant.id)}"]
    if connection is not None:
        lines.append(f"connection: {scalar(connection)}")
    lines += _mapping("labels", labels)
    lines += _mapping("manage", additive)
    return "".join(f"{line}\n" for line in lines)


def _mapping(key: str, values: Mapping[str, str]) -> list[str]:
    if not values:
        return []
    pairs = [f"  {scalar(name)}: {scalar(value)}" for name, value in values.items()]
    return [f"{key}:", *pairs]


def _list(draft: Draft, table: str | None) -> str:
    name = draft.kind.name
    if table is not None:
        return f"{name}:\n  - from: {scalar(table)}\n"
    if not draft.rows:
        return f"{name}: []\n"
    rows = "".join(map(_row, draft.rows))
    return f"{name}:\n{rows}"


def _row(fields: Row) -> str:
    """One row in block style; ids are always quoted."""
    lines: list[str] = []
    for name, value in fields.items():
        text = quoted(value) if name.endswith("_id") else scalar(value)
        lines.append(f"{name}: {text}\n")
    return "  - " + "    ".join(lines)


def _comment(text: str) -> str:
    """One line without invisible characters: no control characters, no marks that change the direction of text."""
    visible = "".join(char if char.isprintable() else " " for char in text)
    return visible[:_COMMENT_LENGTH].strip()


def is_table(rows: Sequence[Row], kind: Kind, csv_over_rows: int) -> bool:
    """Whether a list is long, and a CSV can hold it without loss: no empty text, nothing like a conflict marker."""
    if len(rows) <= csv_over_rows:
        return False
    has_empty_text = any("" in row.values() for row in rows)
    if has_empty_text:
        return False
    return conflict_line(csv_reader.written(rows, kind)) is None
