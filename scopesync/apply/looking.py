"""Looking at the lists until they show what the answers promise, or until time is up.

Belongs here: reading again, with growing waits. Does not belong here: what is made of what is seen.

A call that was answered with success is not always seen at once: reads lag behind on many servers. And a call without
a clear answer (a time-out, a reset, 5xx, 202) may still be carried out. Neither is "not done" before `settle_s` is
over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.apply.remaining import on_paper, remaining
from scopesync.errors import CredentialError, UnstableReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scopesync.apply.ports import Side
    from scopesync.apply.remaining import RowKey
    from scopesync.apply.sending import Sender
    from scopesync.model import LiveTenant
    from scopesync.plan.types import TenantPlan

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 5.0


def read_back(side: Side) -> LiveTenant:
    """Both lists as they are now. Raises LiveError, also when they turn out to be another tenant's."""
    live = side.reader.read()
    if live.identity.state == "foreign":
        raise CredentialError(f"the credential opens another tenant now: {live.identity.evidence}")
    return live


def promised_by(sender: Sender, seen: LiveTenant) -> LiveTenant:
    """The lists as they will be if the writes that were just sent are carried out.

    Among these are POSTs and clears without a clear answer, for they may still land. A PUT or DELETE of one row without
    a clear answer is not waited for: sent again, it does no harm.
    """
    may_still_land = [write for write in sender.doubtful if write.item_id is None]
    return on_paper(seen, [*sender.answered, *may_still_land])


def unseen(plan: TenantPlan, before: LiveTenant, promised: LiveTenant, seen: LiveTenant) -> frozenset[RowKey]:
    """The rows whose changes are promised, and that the lists do not show yet."""
    return remaining(plan, before, seen).keys - remaining(plan, before, promised).keys


def look(side: Side, *, is_settled: Callable[[LiveTenant], bool], stopped: Callable[[], bool]) -> LiveTenant:
    """Both lists, read again until they are settled, time is up, or a signal came. Raises LiveError.

    A list that moves while its pages are read is not settled either: after a write some servers show it page by page.
    """
    waits = growing_waits(side.limits.settle_s)
    while True:
        wait = next(waits, None)
        try:
            seen = read_back(side)
        except UnstableReadError:
            if wait is None or stopped():
                raise
        else:
            if wait is None or stopped() or is_settled(seen):
                return seen
        side.sleep(wait)


def growing_waits(total_s: float) -> Iterator[float]:
    """Waits in seconds that double up to `LONGEST_WAIT_S`, and that come to `total_s` together."""
    left, wait = total_s, FIRST_WAIT_S
    while left > 0:
        yield min(wait, left)
        left -= wait
        wait = min(wait * 2, LONGEST_WAIT_S)
