"""Attribution: who moved a row, by comparing it as a run last left it, as the files want it, and as it is live.

Belongs here: comparing the three, without I/O. Does not belong here: finding the state that was last left (history),
the drift document (drift).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scopesync.row_identity import RowIndex, canonical_key, differing_fields, keyed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.model import Kind, Row
    from scopesync.plan.types import Change
    from scopesync.row_identity import KeyedRows


class MovedBy(StrEnum):
    """Who made a difference between the files and the live list."""

    ANOTHER_CLIENT = "moved by another client"
    NOT_APPLIED_YET = "not applied yet"
    BOTH = "both"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Memory:
    """A list as a run last left it.

    `unsettled` are keys that a later run began to change without recording the result (it was killed, or could not read
    back): who moved these rows cannot be known.
    """

    rows: tuple[Row, ...]
    unsettled: frozenset[str] = frozenset()


def attributed(kind: Kind, changes: Iterable[Change], memory: Memory | None) -> tuple[MovedBy, ...]:
    """For each difference between the files and the live list: who made it. UNKNOWN without a memory.

        live list since the last run    files since the last run    moved by
        changed                         unchanged                   ANOTHER_CLIENT
        unchanged                       changed                     NOT_APPLIED_YET
        changed                         changed                     BOTH

    Only fields that differ now are compared. A row that was added or removed since then counts as changed.
    """
    if memory is None:
        return tuple(MovedBy.UNKNOWN for _ in changes)
    last_left = _LastLeft(kind, keyed(kind, memory.rows))
    unsettled = frozenset(map(canonical_key, memory.unsettled))
    answers = []
    for change in changes:
        if change.key in unsettled:
            answers.append(MovedBy.UNKNOWN)
        else:
            answers.append(_moved_by(kind, change, last_left.row_of(change)))
    return tuple(answers)


def _moved_by(kind: Kind, change: Change, last_left: Row | None) -> MovedBy:
    fields = _compared_fields(kind, change)
    live_changed = _differs(last_left, change.before, fields)
    files_changed = _differs(last_left, change.after, fields)
    if live_changed and files_changed:
        return MovedBy.BOTH
    if live_changed:
        return MovedBy.ANOTHER_CLIENT
    return MovedBy.NOT_APPLIED_YET


def _compared_fields(kind: Kind, change: Change) -> tuple[str, ...]:
    """The changed fields of an update, the given fields of a new row, every field of a row to remove."""
    if change.action == "update":
        return change.fields
    if change.after is None:
        return kind.fields
    return tuple(field for field in kind.fields if field in change.after)


def _differs(one: Row | None, other: Row | None, fields: Iterable[str]) -> bool:
    if one is None or other is None:
        return one is not other
    return bool(differing_fields(fields, one, other))


class _LastLeft:
    """The list as a run last left it, and which of its rows a change concerns."""

    def __init__(self, kind: Kind, rows: KeyedRows) -> None:
        self._kind = kind
        self._rows = rows
        self._index = RowIndex(kind, rows)

    def row_of(self, change: Change) -> Row | None:
        """The row with the key of the change; for a wanted row without an id, the row that it identifies."""
        by_key = self._rows.get(change.key)
        if by_key is not None:
            return by_key
        if change.after is None or change.after.get(self._kind.id_field):
            return None
        found = self._index.meant_by(change.after)
        if not found:
            return None
        return self._rows[found[0]]
