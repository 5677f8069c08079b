"""Live lists -> files that a person would have written.

Belongs here: text of tenant files and of their CSVs. Does not belong here: putting them on a disk, deciding which
tenants are imported. Reading the files back gives the same fields, but for those that are named in `left_out`.
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
    """Texts by file name, the tenant file first, and what is not in them.

    A list of which a whole row is left out is written as `additive`, so that the next plan does not remove that row.
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
    csvs = {
        tables[draft.kind.name]: csv_reader.written(draft.rows, draft.kind)
        for draft in drafts
        if draft.kind.name in tables
    }
    left_out = tuple(left for draft in drafts for left in draft.left_out)
    additive = tuple(draft.kind.name for draft in drafts if draft.is_partial)
    return Written({f"{stem}.yaml": head + body, **csvs}, left_out, additive)


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
    lines = [
        f"# yaml-language-server: $schema={schema}",
        *([f"# {_comment(tenant.name)}"] if tenant.name != stem else []),
        "version: 1",
        f"tenant: {quoted(tenant.id)}",
        *([f"connection: {scalar(connection)}"] if connection is not None else []),
        *_mapping("labels", labels),
        *_mapping("manage", additive),
    ]
    return "".join(f"{line}\n" for line in lines)


def _mapping(key: str, values: Mapping[str, str]) -> list[str]:
    return [f"{key}:", *(f"  {scalar(name)}: {scalar(value)}" for name, value in values.items())] if values else []


def _list(draft: Draft, table: str | None) -> str:
    name = draft.kind.name
    if table is not None:
        return f"{name}:\n  - from: {scalar(table)}\n"
    return f"{name}:\n{''.join(map(_row, draft.rows))}" if draft.rows else f"{name}: []\n"


def _row(fields: Row) -> str:
    """One row in block style; ids are quoted, whatever they look like."""
    lines = (f"{name}: {quoted(value) if name.endswith('_id') else scalar(value)}\n" for name, value in fields.items())
    return "  - " + "    ".join(lines)


def _comment(text: str) -> str:
    """One line that can be seen through: no control characters, no marks that turn text around."""
    return "".join(char if char.isprintable() else " " for char in text)[:_COMMENT_LENGTH].strip()


def is_table(rows: Sequence[Row], kind: Kind, csv_over_rows: int) -> bool:
    """Whether a list is long, and a CSV holds it faithfully: no empty text, nothing like a conflict marker."""
    if len(rows) <= csv_over_rows or any(value == "" for row in rows for value in row.values()):
        return False
    return conflict_line(csv_reader.written(rows, kind)) is None
