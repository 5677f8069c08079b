"""Attribution: who moved a row, by three lists: as a run last left it, as the files want it, as it is live.

Belongs here: comparing the three, purely. Does not belong here: finding what was last left (history), the drift
document (drift).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scopesync.row_identity import RowIndex, canonical_key, differing_fields, keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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

    `unsettled` are keys that a later run set out to change and whose end was not seen (the run was killed, or could not
    read back): who moved these rows cannot be known.
    """

    rows: tuple[Row, ...]
    unsettled: frozenset[str] = frozenset()


def attributed(kind: Kind, changes: Iterable[Change], memory: Memory | None) -> tuple[MovedBy, ...]:
    """For each difference between the files and the live list: who made it. UNKNOWN without a memory.

        live left as it was    files as applied    moved by
        no                     yes                 ANOTHER_CLIENT
        yes                    no                  NOT_APPLIED_YET
        no                     no                  BOTH

    Only fields that differ now are looked at. A row that is not as it was because it has come or gone counts as moved.
    """
    found = tuple(changes)
    if memory is None:
        return tuple(MovedBy.UNKNOWN for _ in found)
    last = _finder(kind, keyed(kind, memory.rows))
    unsettled = frozenset(map(canonical_key, memory.unsettled))
    return tuple(_moved_by(kind, change, last(change), doubt=change.key in unsettled) for change in found)


def _moved_by(kind: Kind, change: Change, last: Row | None, *, doubt: bool) -> MovedBy:
    if doubt:
        return MovedBy.UNKNOWN
    fields = _fields(kind, change)
    live_moved = _differs(last, change.before, fields)
    files_moved = _differs(last, change.after, fields)
    if live_moved and files_moved:
        return MovedBy.BOTH
    return MovedBy.ANOTHER_CLIENT if live_moved else MovedBy.NOT_APPLIED_YET


def _fields(kind: Kind, change: Change) -> tuple[str, ...]:
    """The fields that tell: those that an update names, those that a new row has, all of a row that would go."""
    if change.action == "update":
        return change.fields
    return tuple(field for field in kind.fields if change.after is None or field in change.after)


def _differs(one: Row | None, other: Row | None, fields: Iterable[str]) -> bool:
    if one is None or other is None:
        return one is not other
    return bool(differing_fields(fields, one, other))


def _finder(kind: Kind, last: KeyedRows) -> Callable[[Change], Row | None]:
    """Finds what is remembered of a row: by its key, else as a live row would be found."""
    index = RowIndex(kind, last)

    def find(change: Change) -> Row | None:
        if change.key in last or change.after is None or change.after.get(kind.id_field):
            return last.get(change.key)
        found = index.meant_by(change.after)
        return last[found[0]] if found else None

    return find
