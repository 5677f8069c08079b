"""Staleness: what has moved since a plan was reviewed, in words.

Belongs here: comparing a reviewed plan with one made now. Does not belong here: deciding that a plan is stale
(planner). A plan keeps no copy of the live lists, so what moved is told by what a plan made now would do otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.plan.types import Change, ListPlan, TenantPlan

_DOES = {"create": "add", "update": "change", "delete": "remove"}

MOST = 20
"""So many rows of a list are named; the rest is counted."""


def since_review(reviewed: TenantPlan, now: TenantPlan) -> Iterator[str]:
    """A line for each change that a plan made now has besides the reviewed one, lacks, or makes otherwise."""
    for then, part in zip(reviewed.lists, now.lists, strict=True):
        lines = list(_list_lines(then, part))
        yield from lines[:MOST]
        if len(lines) > MOST:
            yield f"… and {len(lines) - MOST:,} more {part.kind.name}"
        if not lines and then.fingerprint != part.fingerprint:
            yield f"{part.kind.name}: fields that no file mentions have moved; a new plan makes the same changes"


def _list_lines(then: ListPlan, now: ListPlan) -> Iterator[str]:
    old, new = ({change.key: change for change in part.changes} for part in (then, now))
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if after is None and before is not None:
            yield f"{then.kind.singular} {_name(before)}: to {_DOES[before.action]} it is no longer needed"
        elif after is not None and before is None:
            yield f"{now.kind.singular} {_name(after)}: a plan made now would {_DOES[after.action]} it too"
        elif before is not None and after is not None and _moved(before, after):
            yield f"{now.kind.singular} {_name(after)}: it has other values now"


def _moved(before: Change, after: Change) -> bool:
    return (before.action, before.before, before.after) != (after.action, after.before, after.after)


def _name(change: Change) -> str:
    return f"{change.name or '(no name)'} {change.key}"
