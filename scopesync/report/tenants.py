"""What a vendor key sees -> text.

Belongs here: a table that fits any terminal. Does not belong here: secrets; the document has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("name", "id", "connection", "license", "state", "last sync", "file")


def tenants_text(document: Mapping[str, Any]) -> str:
    """A line for each tenant, in columns; `-` is what is not known, or a file that is not there."""
    rows = [COLUMNS, *(_cells(tenant) for tenant in document["tenants"])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _cells(tenant: Mapping[str, Any]) -> tuple[str, ...]:
    values = (
        tenant["name"],
        tenant["id"],
        tenant["connection"],
        tenant["license"]["status"],
        tenant["status"]["op_state"],
        tenant["status"]["last_sync_at"],
        tenant["file"],
    )
    return tuple(one_line(value) if value else "-" for value in values)
