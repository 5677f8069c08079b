"""Undo: a desired list in which the rows that a run changed are as they were before it.

Belongs here: that one step. Does not belong here: comparing it with what is live now (plan), asking for it (cli).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.model import DesiredList, DesiredRow
from scopesync.row_identity import canonical_key, keyed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scopesync.documents import Action
    from scopesync.model import Kind, Row


def wanted_back(
    kind: Kind, now: Collection[Row], before: Collection[Row], keys: Mapping[Action, Collection[str]]
) -> DesiredList:
    """The live list with the run's own changes reverted; every other row, whoever added it, stays as it is.

    `before` is the list as the run found it, `keys` are those that it created, updated and deleted. A field that a row
    did not have is cleared. Unknown fields are restored only with a row that is created again.
    """
    live, once = keyed(kind, now), keyed(kind, before)
    created = set(map(canonical_key, keys.get("create", ())))
    restored = list(map(canonical_key, (*keys.get("update", ()), *keys.get("delete", ()))))
    rows = {key: _as_it_is(kind, row) for key, row in live.items() if key not in created}
    rows |= {key: _as_it_was(kind, once[key], live.get(key)) for key in restored if key in once}
    return DesiredList(kind, tuple(rows.values()))


def _as_it_is(kind: Kind, row: Row) -> DesiredRow:
    return DesiredRow({field: row[field] for field in kind.fields if field in row})


def _as_it_was(kind: Kind, row: Row, now: Row | None) -> DesiredRow:
    fields = {field: row.get(field) for field in kind.fields}
    if now is None:
        return DesiredRow({**row, **fields})
    return DesiredRow(fields)
