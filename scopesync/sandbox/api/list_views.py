"""A scoping list as a reader sees it: as it is, or as it was before the writes that reads do not show yet.

Belongs here: what is read, and for how long the past is. Does not belong here: requests, the form of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from scopesync.sandbox.api.row_fields import row_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.row_fields import ListName, Row
    from scopesync.sandbox.api.store import Store


class ListView(Protocol):
    """What a reader may ask of a list."""

    def count(self) -> int:
        """How many rows there are."""
        ...

    def slice(self, offset: int, limit: int) -> Sequence[Row]:
        """The rows from `offset` on, at most `limit` of them."""
        ...

    def first(self, key: str) -> Row | None:
        """The first row with that key, or None."""
        ...


@dataclass(frozen=True, slots=True)
class PresentList:
    """The list as it is stored."""

    store: Store
    tenant_id: str
    name: ListName

    def count(self) -> int:
        """How many rows there are."""
        return self.store.count(self.tenant_id, self.name)

    def slice(self, offset: int, limit: int) -> Sequence[Row]:
        """The rows from `offset` on, at most `limit` of them."""
        return self.store.rows(self.tenant_id, self.name, offset=offset, limit=limit)

    def first(self, key: str) -> Row | None:
        """The first row with that key, or None."""
        return self.store.row(self.tenant_id, self.name, key)


@dataclass(frozen=True, slots=True)
class PastList:
    """The list as it was."""

    rows: Sequence[Row]
    name: ListName

    def count(self) -> int:
        """How many rows there were."""
        return len(self.rows)

    def slice(self, offset: int, limit: int) -> Sequence[Row]:
        """The rows from `offset` on, at most `limit` of them."""
        return self.rows[offset : offset + limit]

    def first(self, key: str) -> Row | None:
        """The first row with that key, or None."""
        return next((row for row in self.rows if row_key(self.name, row) == key.lower()), None)


@dataclass(slots=True)
class _HiddenWrite:
    """A write that reads do not show yet, by the list as it was before it."""

    before: Sequence[Row]
    shown_from: float
    reads_left: int
    shown_by_turns: bool


@dataclass(slots=True)
class LaggingReads:
    """The writes of a server that its reads do not show yet."""

    clock: Callable[[], float]
    _hidden: dict[tuple[str, ListName], list[_HiddenWrite]] = field(default_factory=dict)
    _reads: dict[tuple[str, ListName], int] = field(default_factory=dict)

    def hide_write(self, tenant_id: str, name: ListName, before: Sequence[Row], behaviour: Behaviour) -> None:
        """Let reads show the list as it was `before` a write, for as long as the behaviour of that write says."""
        hidden = _HiddenWrite(
            before,
            self.clock() + behaviour.read_lag_s,
            behaviour.read_lag_reads,
            behaviour.lagging_reads == "every-second",
        )
        self._hidden.setdefault((tenant_id, name), []).append(hidden)
        self._reads[tenant_id, name] = 0

    def past_for_reading(self, tenant_id: str, name: ListName) -> PastList | None:
        """The list for one read, where that lags; None where the read shows the list as it is. Counts as a read."""
        writes = self._hidden.get((tenant_id, name), [])
        # in the order of the writes: a later one cannot be seen before an earlier one
        while writes and writes[0].shown_from <= self.clock() and writes[0].reads_left <= 0:
            del writes[0]
        if not writes:
            return None
        for write in writes:
            write.reads_left -= 1
        self._reads[tenant_id, name] += 1
        in_turn = self._reads[tenant_id, name] % 2 == 1
        return PastList(writes[0].before, name) if in_turn or not writes[0].shown_by_turns else None
