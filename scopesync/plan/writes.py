"""Writes: the calls that the API offers for changing a list, with the rows that they carry.

Belongs here: one write, its entry in a plan, and the groups of writes that carry out a part of a list's changes. Does
not belong here: which group is chosen, and when it runs (call_sequence).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from scopesync.plan.changes import resulting
from scopesync.plan.types import Call
from scopesync.row_identity import canonical_id, canonical_ids

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scopesync.model import Kind, Row
    from scopesync.plan.types import Change
    from scopesync.row_identity import KeyedRows

Op = Literal["append", "replace", "update", "delete", "clear"]

_METHOD = {"append": "POST", "replace": "POST", "update": "PUT", "delete": "DELETE", "clear": "DELETE"}
_REPLACE_FLAG = {"append": "false", "replace": "true"}
"""`replace` is always sent: its default is true (the vendor's page says), which would make an append a replace."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `item_id` names the row of an update or delete; `rows` is the body (empty for deletes)."""

    kind: Kind
    op: Op
    item_id: str | None = None
    rows: tuple[Row, ...] = ()

    def call(self, step: int) -> Call:
        """The write's entry in a plan, at that step (counted from 1)."""
        base = f"/tenant/scoping/{self.kind.name}"
        path = base if self.item_id is None else f"{base}/{quote(self.item_id, safe='')}"
        flag = _REPLACE_FLAG.get(self.op)
        query = {"replace": flag} if flag else {}
        return Call(step, self.kind.name, _METHOD[self.op], path, query, len(self.rows))


class ListWrites:
    """One list's changes, and the groups of writes that can carry out all or a part of them."""

    def __init__(self, kind: Kind, live: KeyedRows, changes: Sequence[Change], *, rows_per_call: int) -> None:
        self._rows_per_call = rows_per_call
        self.kind = kind
        self.live = live
        self.changes = tuple(changes)
        self.final = resulting(live, changes) if changes else live
        self.created = self._of("create")
        self.updated = self._of("update")
        self.deleted = self._of("delete")
        self._rows_by_id = _rows_by_id(kind, live, self.created) if changes else Counter()

    @property
    def emptied(self) -> bool:
        """Whether the changes would empty a list that has rows."""
        return bool(self.live) and not self.final

    @property
    def removes_every_live_row(self) -> bool:
        """Whether the list would be empty for a moment if the removals came first."""
        return bool(self.live) and len(self.deleted) == len(self.live)

    @property
    def final_fits(self) -> bool:
        """Whether the final list fits into one call."""
        return len(self.final) <= self._rows_per_call

    def nameless(self, changes: Iterable[Change]) -> int:
        """How many of the changed rows no item call can address: rows without an id, and rows that share one."""
        return sum(self._needs_a_replace(change) for change in changes)

    def copies(self, changes: Iterable[Change]) -> int:
        """How many of the changed rows share their id with another."""
        return sum(change.before is not None and self._shares_its_id(change.before) for change in changes)

    def arrivals(self, changes: Iterable[Change]) -> list[Write]:
        """The writes for those changes that create or update: as few appends as possible, one call per updated row.

        An update carries the whole row: whether PUT merges or replaces is not known (API unknown 6).
        """
        new_rows = []
        updates = []
        for change in changes:
            if change.after is None:
                continue
            if change.before is None:
                new_rows.append(change.after)
            else:
                updates.append(Write(self.kind, "update", item_id(self.kind, change.before), (change.after,)))
        return [*self._appends(new_rows), *updates]

    def deletes(self) -> list[Write]:
        """A call for each removed row."""
        return [
            Write(self.kind, "delete", item_id(self.kind, change.before))
            for change in self.deleted
            if change.before is not None
        ]

    def replace(self, changes: Collection[Change]) -> list[Write]:
        """A replace with the list as those changes make it, then appends for the new rows that did not fit into it.

        Empty where no replace is possible: one call cannot carry all rows that stay (the others would be out of scope
        until they are appended), or no row is left to send. A new row that shares its id must be in the replace: an
        append of an id that is live is never sent.
        """
        staying = resulting(self.live, [change for change in changes if change.before is not None])
        new = [change.after for change in changes if change.before is None and change.after is not None]
        new.sort(key=self._shares_its_id, reverse=True)
        room = self._rows_per_call - len(staying)
        needs_room = sum(map(self._shares_its_id, new))
        is_empty = not staying and not new
        if is_empty or room < needs_room:
            return []
        whole = Write(self.kind, "replace", rows=(*staying.values(), *new[:room]))
        return [whole, *self._appends(new[room:])]

    def replace_at_last(self) -> Write:
        """The final list in one replace, for when the new rows have arrived already."""
        return Write(self.kind, "replace", rows=tuple(self.final.values()))

    def clear(self) -> Write:
        """A DELETE of the whole list: nothing stays in scope."""
        return Write(self.kind, "clear")

    def _appends(self, rows: Sequence[Row]) -> list[Write]:
        size = self._rows_per_call
        bodies = [tuple(rows[start : start + size]) for start in range(0, len(rows), size)]
        return [Write(self.kind, "append", rows=body) for body in bodies]

    def _needs_a_replace(self, change: Change) -> bool:
        if change.before is None:
            return change.after is not None and self._shares_its_id(change.after)
        identifier = item_id(self.kind, change.before)
        if identifier is None:
            return True
        is_the_list_itself = not identifier.strip(".")  # `.` and `..` in a path lead to the whole list
        return is_the_list_itself or self._shares_its_id(change.before)

    def _shares_its_id(self, row: Row) -> bool:
        identifier = item_id(self.kind, row)
        return identifier is not None and self._rows_by_id[canonical_id(identifier)] > 1

    def _of(self, action: str) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action == action)


def _rows_by_id(kind: Kind, live: KeyedRows, created: Iterable[Change]) -> Counter[str]:
    """How many rows have each id, the live and the new ones together."""
    rows = [*live.values(), *(change.after for change in created if change.after is not None)]
    identifiers = [identifier for row in rows if (identifier := item_id(kind, row))]
    return Counter(canonical_ids(identifiers))


def item_id(kind: Kind, row: Row) -> str | None:
    """The `{id}` of the row's path: its `id` if the server ever sends one, else its id field; None without either."""
    return row.get("id") or row.get(kind.id_field) or None


def numbered(writes: Iterable[Write]) -> tuple[Call, ...]:
    """The writes as the calls of a plan, numbered from 1."""
    return tuple(write.call(step) for step, write in enumerate(writes, start=1))
