"""Sending a tenant's calls leg by leg, with a look between two of them.

Belongs here: what follows an answer, or none. Does not belong here: whether anything may be sent at all and the verdict
(`tenant`), one call (`sending`), which calls are left (`resuming`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from scopesync.apply.looking import look, promised_by, unseen
from scopesync.apply.remaining import has_the_rows_of, remaining, rows_of
from scopesync.apply.resuming import DoubtError, calls_for_the_rest
from scopesync.errors import ConflictError, LiveError, WriteError
from scopesync.row_identity import key_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from scopesync.apply.ports import Side
    from scopesync.apply.remaining import RowKey
    from scopesync.apply.sending import Sender
    from scopesync.errors import ScopesyncError
    from scopesync.model import LiveTenant
    from scopesync.plan.types import TenantPlan
    from scopesync.plan.writes import Write

Leg: TypeAlias = "tuple[Write, ...]"

AMBIGUITIES = 3
"""Give up after so many calls without a clear answer."""

TOO_LARGE = 413


class CarryingOut:
    """One tenant's calls on their way.

    `failure`: the last failure that was not overcome. `doubt`: why nothing more was sent. `given_up`: rows that are not
    tried again: the server answered and did not do it, wrote something else, or another client wrote. `others`: those
    of them that another client changed before we did. `answered`: rows whose writes were answered with success.
    """

    def __init__(self, plan: TenantPlan, before: LiveTenant, side: Side, sender: Sender) -> None:
        self.plan = plan
        self.before = before
        self.side = side
        self.sender = sender
        self.failure: ScopesyncError | None = None
        self.doubt: str | None = None
        self.given_up: set[RowKey] = set()
        self.others: set[RowKey] = set()
        self.answered: set[RowKey] = set()
        self._seen = before
        self._promised: LiveTenant | None = None
        self._rows_per_call = side.limits.rows_per_call
        self._ambiguities = 0

    def send(self, legs: tuple[Leg, ...]) -> None:
        """Send all legs, or as far as it goes: `failure` and `doubt` say why it went no further."""
        failure: ScopesyncError | None = None
        try:
            while legs:
                failure = self.sender.send(legs[0])
                self._promised = promised_by(self.sender, self._seen)
                self.answered |= rows_of(self.plan, self.sender.answered)
                is_last = failure is None and len(legs) == 1
                if self.sender.stopped() or is_last:
                    return
                if failure is not None and not self._can_go_on(failure, legs[0]):
                    self.failure = failure
                    return
                legs = self._left_after_a_look(legs, failure)
        except LiveError as error:
            self.failure = error
        except DoubtError as doubt:
            self.failure, self.doubt = failure, str(doubt)

    def look(self) -> LiveTenant:
        """Both lists when they show what the last writes promise, or when time is up. Raises LiveError."""
        return look(self.side, is_settled=lambda live: not self._not_shown(live), stopped=self.sender.stopped)

    def _can_go_on(self, failure: ScopesyncError, leg: Leg) -> bool:
        """Whether a look can tell what is left after this failure; a body that was too large is made smaller."""
        if not isinstance(failure, WriteError) or isinstance(failure, ConflictError):
            return False
        largest = max(len(write.rows) for write in leg)
        if failure.status == TOO_LARGE and largest > 1:
            self._rows_per_call = (min(self._rows_per_call, largest) + 1) // 2
            return True
        self._ambiguities += 1
        return failure.landed is None and self._ambiguities <= AMBIGUITIES

    def _left_after_a_look(self, legs: tuple[Leg, ...], failure: ScopesyncError | None) -> tuple[Leg, ...]:
        """The legs that are left, by what the lists show. Raises LiveError and DoubtError."""
        assert self._promised is not None
        seen = self.look()
        self._seen = seen
        left = remaining(self.plan, self.before, seen)
        not_shown = self._not_shown(seen)
        expected = remaining(self.plan, self.before, self._promised)
        is_as_promised = not not_shown and left.different == expected.different
        if failure is None and is_as_promised and not self.given_up and has_the_rows_of(self._promised, seen):
            return legs[1:]  # the plan's own calls go on
        self.others |= left.different - self.answered
        self.given_up |= left.different | (not_shown & self.answered)
        self.given_up |= self._found_by_id(not_shown - self.answered)
        return calls_for_the_rest(
            self.plan, self.before, seen, left, given_up=self.given_up, rows_per_call=self._rows_per_call
        ).legs

    def _not_shown(self, live: LiveTenant) -> frozenset[RowKey]:
        """The rows whose changes the last writes promise, and that the lists do not show yet."""
        if self._promised is None:
            return frozenset()
        return unseen(self.plan, self.before, self._promised, live) - self.given_up

    def _found_by_id(self, not_shown: Collection[RowKey]) -> frozenset[RowKey]:
        """Of the rows of appends without a clear answer that no list shows: those that the server finds by their id.

        They have landed, and the list does not show them yet: they must not be sent again.
        """
        found = set()
        for write in self.sender.doubtful:
            for row in write.rows if write.op == "append" else ():
                key = (write.kind.name, key_of(write.kind, row))
                identifier = row.get(write.kind.id_field)
                if key in not_shown and identifier and self.side.reader.find(write.kind, identifier) is not None:
                    found.add(key)
        return frozenset(found)
