"""What a vendor key sees -> text.

Belongs here: a table where it fits, and plain lines where it does not. Does not belong here: secrets; the document has
none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from scopesync.report.clean import one_line
from scopesync.report.lines import lines_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COLUMNS = ("name", "id", "connection", "license", "state", "last sync", "file")
_LINES = (("id", "connection"), ("license", "state", "last sync"), ("file",))


def tenants_text(document: Mapping[str, Any], *, width: int) -> str:
    """A table with a line for each tenant; a labelled paragraph for each where the table is wider than `width` cells.

    `-` stands for a value that is not known, and for a tenant that has no file.
    """
    tenants = [_cells(tenant) for tenant in document["tenants"]]
    table = _table([COLUMNS, *tenants])
    if max(map(cell_len, table)) <= width:
        return "".join(f"{line}\n" for line in table)
    lines: list[str] = []
    for tenant in tenants:
        lines += _paragraph(tenant)
    return lines_text(lines, width=width)


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(set_cell_size, row, widths)).rstrip() for row in rows]


def _paragraph(cells: tuple[str, ...]) -> Iterator[str]:
    by_column = dict(zip(COLUMNS, cells, strict=True))
    yield by_column["name"]
    for columns in _LINES:
        yield "  " + ", ".join(f"{column} {by_column[column]}" for column in columns)


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
