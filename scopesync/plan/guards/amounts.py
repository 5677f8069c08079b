"""Guards against too much at once: a file cut in half, a wrong export, another district's file.

Belongs here: guards that compare a number of rows with the live list. Does not belong here: what a row means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.plan.guards.guard import Objection
from scopesync.plan.guards.weights import weighed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scopesync.model import ChangeLimit
    from scopesync.plan.guards.case import ListCase
    from scopesync.plan.types import Change

SMALL_LIST = 10
"""Lists shorter than this may change all of their rows."""


def max_removals(case: ListCase) -> Iterator[Objection]:
    """Too many rows are removed or deselected; a single one never is (unless `empty_list` says so)."""
    limit = case.tenant.limits.max_removals
    if len(case.lost) > 1 and _exceeds(case, case.lost, limit):
        yield _over(case, case.lost, done=case.how_lost, limit=limit)


def max_additions(case: ListCase) -> Iterator[Objection]:
    """Too many rows are created or selected."""
    limit = case.tenant.limits.max_additions
    if _exceeds(case, case.gained, limit):
        yield _over(case, case.gained, done=case.how_gained, limit=limit)


def max_updates(case: ListCase) -> Iterator[Objection]:
    """Too many rows of a list that is not small are changed."""
    limit = case.tenant.limits.max_updates
    is_small = case.part.live_rows < SMALL_LIST
    if not is_small and _exceeds(case, case.updated, limit):
        yield _over(case, case.updated, done="changed", limit=limit)


def empty_list(case: ListCase) -> Iterator[Objection]:
    """Every live row is removed or deselected, and none is created."""
    lost = len(case.lost)
    if lost and lost == case.part.live_rows and not case.created:
        yield Objection(f"{weighed(case, case.lost)} would be {case.how_lost}, the whole list", lost)


def limit_in_words(limit: ChangeLimit) -> str:
    """The bounds of a limit: `20 % or 200`."""
    bounds = []
    if limit.percent is not None:
        bounds.append(f"{limit.percent:g} %")
    if limit.count is not None:
        bounds.append(str(limit.count))
    return " or ".join(bounds)


def _exceeds(case: ListCase, concerned: Sequence[Change], limit: ChangeLimit) -> bool:
    """Whether so many rows are more than the limit allows of the live list; an empty list has no share."""
    count, live = len(concerned), case.part.live_rows
    if limit.count is not None and count > limit.count:
        return True
    return limit.percent is not None and live > 0 and count * 100 > limit.percent * live


def _over(case: ListCase, concerned: Sequence[Change], *, done: str, limit: ChangeLimit) -> Objection:
    count, live = len(concerned), case.part.live_rows
    share = f" ({count / live:.0%})" if live else ""
    message = f"{weighed(case, concerned)} of {live}{share} would be {done}; the limit is {limit_in_words(limit)}"
    return Objection(message, count)
