"""Writes: the calls that the API offers for changing a list, with the rows that they carry.

Belongs here: one write, how it stands in a plan, and the bundles of writes that carry out a part of a list's changes.
Does not belong here: which bundle is chosen, and when it runs (call_sequence).
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
"""`replace` is always sent: the server's default is true, as the vendor's page says."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `item_id` names the row of an update or delete; `rows` is the body (empty for deletes)."""

    kind: Kind
    op: Op
    item_id: str | None = None
    rows: tuple[Row, ...] = ()

    def call(self, step: int) -> Call:
        """The write as it stands in a plan, at that step (counted from 1)."""
        base = f"/tenant/scoping/{self.kind.name}"
        path = base if self.item_id is None else f"{base}/{quote(self.item_id, safe='')}"
        flag = _REPLACE_FLAG.get(self.op)
        return Call(step, self.kind.name, _METHOD[self.op], path, {"replace": flag} if flag else {}, len(self.rows))


class ListWrites:
    """One list's changes, and every bundle of writes that can carry out all or a part of them."""

    def __init__(self, kind: Kind, live: KeyedRows, changes: Sequence[Change], *, rows_per_call: int) -> None:
        self._rows_per_call = rows_per_call
        self.kind = kind
        self.live = live
        self.changes = tuple(changes)
        self.final = resulting(live, changes) if changes else live
        self.created = self._of("create")
        self.updated = self._of("update")
        self.deleted = self._of("delete")
        self._bearers = _bearers(kind, live, self.created) if changes else Counter()

    @property
    def emptied(self) -> bool:
        """Whether a list with rows would end without any."""
        return bool(self.live) and not self.final

    @property
    def removes_every_live_row(self) -> bool:
        """Whether removing first would leave the list empty for a moment."""
        return bool(self.live) and len(self.deleted) == len(self.live)

    @property
    def final_fits(self) -> bool:
        """Whether one call can hold the list as it shall be."""
        return len(self.final) <= self._rows_per_call

    def nameless(self, changes: Iterable[Change]) -> int:
        """How many of the changed rows no item call can name: rows without an id, and rows that share one."""
        return sum(self._needs_a_replace(change) for change in changes)

    def copies(self, changes: Iterable[Change]) -> int:
        """How many of the changed rows share their id with another."""
        return sum(change.before is not None and self._shares_its_id(change.before) for change in changes)

    def arrivals(self, changes: Iterable[Change]) -> list[Write]:
        """Those of the changes that create or update: new rows in as few calls as fit, a call for each updated row.

        An update carries the whole row: whether PUT merges or replaces is not known (API unknown 6).
        """
        chosen = tuple(changes)
        new = [change.after for change in chosen if change.action == "create" and change.after is not None]
        updates = [
            Write(self.kind, "update", item_id(self.kind, change.before), (change.after,))
            for change in chosen
            if change.before is not None and change.after is not None
        ]
        return [*self._appends(new), *updates]

    def deletes(self) -> list[Write]:
        """A call for each removed row."""
        return [
            Write(self.kind, "delete", item_id(self.kind, change.before))
            for change in self.deleted
            if change.before is not None
        ]

    def replace(self, changes: Collection[Change]) -> list[Write]:
        """The list after those of the changes: what stays in one call, in further ones the new rows that do not fit in.

        None at all where the rows that stay are more than one call may carry: some of them would vanish in between.
        A new row that shares its id must be in the first call: an append of an id that is live is never sent.
        """
        staying = resulting(self.live, [change for change in changes if change.before is not None])
        new = [change.after for change in changes if change.before is None and change.after is not None]
        new.sort(key=self._shares_its_id, reverse=True)
        room = self._rows_per_call - len(staying)
        if room < sum(map(self._shares_its_id, new)) or not (staying or new):
            return []
        whole = Write(self.kind, "replace", rows=(*staying.values(), *new[:room]))
        return [whole, *self._appends(new[room:])]

    def replace_at_last(self) -> Write:
        """The list as it shall be, in one call, for when the new rows have arrived already."""
        return Write(self.kind, "replace", rows=tuple(self.final.values()))

    def clear(self) -> Write:
        """Nothing in scope, in one call."""
        return Write(self.kind, "clear")

    def _appends(self, rows: Sequence[Row]) -> list[Write]:
        size = self._rows_per_call
        return [Write(self.kind, "append", rows=tuple(rows[at : at + size])) for at in range(0, len(rows), size)]

    def _needs_a_replace(self, change: Change) -> bool:
        if change.before is None:
            return change.after is not None and self._shares_its_id(change.after)
        identifier = item_id(self.kind, change.before)
        if identifier is None or not identifier.strip("."):  # `.` and `..` would lead to the whole list
            return True
        return self._shares_its_id(change.before)

    def _shares_its_id(self, row: Row) -> bool:
        identifier = item_id(self.kind, row)
        return identifier is not None and self._bearers[canonical_id(identifier)] > 1

    def _of(self, action: str) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action == action)


def _bearers(kind: Kind, live: KeyedRows, created: Iterable[Change]) -> Counter[str]:
    """How many rows bear each id, the new ones among them."""
    rows = [*live.values(), *(change.after for change in created if change.after is not None)]
    return Counter(canonical_ids([identifier for row in rows if (identifier := item_id(kind, row))]))


def item_id(kind: Kind, row: Row) -> str | None:
    """What `{id}` in a path means for the row: its `id` if rows should ever carry one, else its own id field."""
    return row.get("id") or row.get(kind.id_field) or None


def numbered(writes: Iterable[Write]) -> tuple[Call, ...]:
    """The writes as a plan's calls, in their order."""
    return tuple(write.call(step) for step, write in enumerate(writes, start=1))
