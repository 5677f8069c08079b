"""Guards: when a plan may not be applied, whatever it says.

Belongs here: each guard as one function of numbers, and the exceptions that people have reviewed. Does not belong
here: showing a refusal, or acting on it.

A guard looks at what would happen, and answers with refusals; an `allow` block covers the guard and the list that it
names, up to its count. The names, bounds and defaults are DESIGN's table, with two that follow from the invariants:
`orphaned-course` (whole families) and `no-safe-order` (kept rows stay).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.plan.types import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scopesync.model import Allow, ChangeLimit, Guards, Identity
    from scopesync.plan.calls import Route
    from scopesync.plan.types import Action, Change, ListPlan

EXAMPLES = 3
"""So many rows are named in a refusal, for a person to recognise what is meant."""

SMALL_LIST = 10
"""Lists shorter than this may change all of their rows."""


def judge(
    lists: Iterable[ListPlan], route: Route, identity: Identity, *, guards: Guards, allow: Iterable[Allow]
) -> tuple[Refusal, ...]:
    """Every refusal of one tenant that no `allow` covers, list by list; () when the plan may be applied."""
    allowed = tuple(allow)
    refusals = [refusal for part in lists for refusal in _judge_list(part, identity, guards)]
    refusals += _judge_route(route)
    return tuple(refusal for refusal in refusals if not any(_covers(exception, refusal) for exception in allowed))


def _judge_list(part: ListPlan, identity: Identity, guards: Guards) -> Iterator[Refusal]:
    removed, created, updated = (part.count(action) for action in ("delete", "create", "update"))
    after = part.live_rows - removed + created
    if identity.state == "foreign" and part.manage != "unmanaged":
        yield Refusal("identity", part.kind.name, f"another tenant's data: {identity.evidence}", None)
    if identity.state == "unverified" and removed:
        yield _refusal("identity", part, removed, f"{identity.evidence}, and {_rows(part, 'delete')} would be removed")
    if removed and not after:
        yield _refusal(
            "empty-list", part, removed, f"the list would be empty: {_rows(part, 'delete')} would be removed"
        )
    if removed > 1 and _exceeds(removed, part.live_rows, guards.max_removals):
        yield _limit_refusal("max-removals", part, "delete", "removed", guards.max_removals)
    if _exceeds(created, part.live_rows, guards.max_additions):
        yield _limit_refusal("max-additions", part, "create", "added", guards.max_additions)
    if part.live_rows >= SMALL_LIST and _exceeds(updated, part.live_rows, guards.max_updates):
        yield _limit_refusal("max-updates", part, "update", "changed", guards.max_updates)


def _judge_route(route: Route) -> Iterator[Refusal]:
    if route.orphans:
        count = len(route.orphans)
        message = (
            f"{count} live {'course' if count == 1 else 'courses'} would point at a school that is removed: "
            f"{_some(route.orphans)}; keep the school, or manage these courses too"
        )
        yield Refusal("orphaned-course", "courses", message, None)
    if route.blocked:
        stuck, why = route.blocked
        yield Refusal("no-safe-order", stuck, f"no order of calls is safe: {why}", None)


def _exceeds(count: int, live: int, limit: ChangeLimit) -> bool:
    """Whether so many rows are more than the limit allows of a live list; of an empty one the count alone decides."""
    if limit.count is not None and count > limit.count:
        return True
    return limit.percent is not None and live > 0 and count * 100 > limit.percent * live


def _limit_refusal(guard: str, part: ListPlan, action: Action, done: str, limit: ChangeLimit) -> Refusal:
    bounds = [f"{limit.percent:g} %" if limit.percent is not None else "", str(limit.count or "")]
    share = f" ({part.count(action) / part.live_rows:.0%})" if part.live_rows else ""
    message = (
        f"{_rows(part, action)} of {part.live_rows}{share} would be {done}; "
        f"the limit is {' or '.join(bound for bound in bounds if bound)}"
    )
    return _refusal(guard, part, part.count(action), message)


def _refusal(guard: str, part: ListPlan, count: int, message: str) -> Refusal:
    """A refusal with the block that would allow it.

    A person has to fill in why and until when: the date is refused as it stands, so no block is pasted without thought.
    """
    block: dict[str, str | int] = {"guard": guard, "list": part.kind.name, "count": count}
    return Refusal(guard, part.kind.name, message, {**block, "reason": "WHY", "expires": "YYYY-MM-DD"})


def _covers(allow: Allow, refusal: Refusal) -> bool:
    """Whether the exception names that guard and list, and at least that many rows."""
    if refusal.allow is None or (allow.guard, allow.list) != (refusal.guard, refusal.list):
        return False
    return allow.count >= int(refusal.allow["count"])


def _rows(part: ListPlan, action: Action) -> str:
    """The number of rows, and the names of the first few."""
    concerned = [change for change in part.changes if change.action == action]
    noun = part.kind.singular if len(concerned) == 1 else part.kind.name
    return f"{len(concerned)} {noun} ({_some([_name(change) for change in concerned])})"


def _name(change: Change) -> str:
    return change.name or change.key


def _some(names: Iterable[str]) -> str:
    first = list(names)
    more = ", …" if len(first) > EXAMPLES else ""
    return ", ".join(first[:EXAMPLES]) + more
