"""What a server knows of its rows besides what clients wrote: when each was written, and how often it was read since.

Belongs here: keeping these marks, and the fields that depend on them. Does not belong here: what clients wrote.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scopesync.sandbox.api.row_fields import OWNER_FIELDS, row_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.row_fields import ListName, Row

_START = datetime(2026, 1, 1, tzinfo=UTC)  # when the clock of every sandbox says 0
_DAY_S = 86_400
ADDED_FIELD = "sync_batch"


@dataclass(frozen=True, slots=True)
class Mark:
    """How often a row was written, when last, and how often it was answered since."""

    writes: int = 0
    written_at: float = 0
    reads: int = 0


@dataclass(slots=True)
class RowMarks:
    """The marks of every row of a server; a row without a key has none. They are lost when the server ends."""

    clock: Callable[[], float]
    _marks: dict[tuple[str, ListName, str | None], Mark] = field(default_factory=dict)
    _written_lists: Counter[tuple[str, ListName]] = field(default_factory=Counter)
    _reads: int = 0

    def copy(self) -> RowMarks:
        """The same marks, for a rehearsal that must leave no trace."""
        return RowMarks(self.clock, dict(self._marks), self._written_lists.copy(), self._reads)

    def note_written(self, tenant_id: str, list_name: ListName, rows: Iterable[Row]) -> None:
        """These rows were written now."""
        self._written_lists[tenant_id, list_name] += 1
        for row in rows:
            key = (tenant_id, list_name, row_key(list_name, row))
            writes = self._marks.get(key, Mark()).writes
            self._marks[key] = Mark(writes + 1, self.clock())

    def answered(self, tenant_id: str, list_name: ListName, row: Row, behaviour: Behaviour) -> Row:
        """The row with the server's own fields as they are in this answer, which counts as one read of the row."""
        if not _has_own_fields(behaviour):
            return row  # most servers: a list of many thousand rows is answered without looking for their marks
        key = (tenant_id, list_name, row_key(list_name, row))
        mark = self._marks.get(key, Mark())
        self._reads += 1
        if mark.writes:
            self._marks[key] = replace(mark, reads=mark.reads + 1)
        if behaviour.owner_until_written != "shown":
            row = _with_late_owner(row, mark, behaviour)
        if behaviour.stamps != "none":
            row = {**row, **self._stamps(key[2], mark, behaviour)}
        if self._adds_field(tenant_id, list_name, behaviour):
            row = {**row, ADDED_FIELD: "nightly"}
        return row

    def _stamps(self, key: str | None, mark: Mark, behaviour: Behaviour) -> Row:
        now = self.clock()
        night = now // _DAY_S
        moved_at, version = {
            "write": (mark.written_at, 1 + mark.writes),
            "read": (now, self._reads),
            "night": (night * _DAY_S, int(night)),
        }[behaviour.stamps]
        moment = _START + timedelta(seconds=moved_at)
        return {"updated_at": moment.isoformat(), "etag": f'"{(key or "")[:8]}-{version}"', "version": version}

    def _adds_field(self, tenant_id: str, list_name: ListName, behaviour: Behaviour) -> bool:
        written = self._written_lists[tenant_id, list_name] > 0
        return behaviour.added_field == "always" or (behaviour.added_field == "after-write" and written)


def _has_own_fields(behaviour: Behaviour) -> bool:
    changes_owner = behaviour.owner_until_written != "shown"
    return changes_owner or behaviour.stamps != "none" or behaviour.added_field != "never"


def _with_late_owner(row: Row, mark: Mark, behaviour: Behaviour) -> Row:
    """The row without its owner, unless it was written and answered without one as often as the behaviour says."""
    if mark.writes and mark.reads >= behaviour.owner_reads_late:
        return row
    rest = {name: value for name, value in row.items() if name not in OWNER_FIELDS}
    return rest if behaviour.owner_until_written == "absent" else {**rest, **dict.fromkeys(OWNER_FIELDS)}
