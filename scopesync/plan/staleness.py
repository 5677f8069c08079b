"""Staleness: what has changed since a plan was reviewed, in words.

Belongs here: comparing a reviewed plan with one made now. Does not belong here: deciding that a plan is stale
(planner).

A plan keeps no copy of the live lists. So what changed is shown by comparing the reviewed changes with those that a
plan made now would contain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.plan.types import Change, ListPlan, TenantPlan

_VERB = {"create": "add", "update": "change", "delete": "remove"}

MOST = 20
"""At most so many rows of a list are named; the rest is counted."""


def since_review(reviewed: TenantPlan, now: TenantPlan) -> Iterator[str]:
    """A line for each change that only one of the two plans makes, or that the two make differently."""
    for reviewed_list, list_now in zip(reviewed.lists, now.lists, strict=True):
        name = list_now.kind.name
        lines = list(_list_lines(reviewed_list, list_now))
        yield from lines[:MOST]
        if len(lines) > MOST:
            yield f"… and {len(lines) - MOST:,} more {name}"
        if not lines and reviewed_list.fingerprint != list_now.fingerprint:
            yield f"{name}: fields that no file mentions have moved; a new plan makes the same changes"


def _list_lines(reviewed: ListPlan, now: ListPlan) -> Iterator[str]:
    reviewed_changes = {change.key: change for change in reviewed.changes}
    changes_now = {change.key: change for change in now.changes}
    for key in sorted(reviewed_changes.keys() | changes_now.keys()):
        difference = _difference(reviewed_changes.get(key), changes_now.get(key))
        if difference is not None:
            yield f"{now.kind.singular} {difference}"


def _difference(reviewed: Change | None, now: Change | None) -> str | None:
    """How one row's change differs between the two plans; None when it is the same in both."""
    if reviewed is not None and now is not None:
        return f"{_name(now)}: it has other values now" if _differs(reviewed, now) else None
    if now is not None:
        return f"{_name(now)}: a plan made now would {_VERB[now.action]} it too"
    if reviewed is not None:
        return f"{_name(reviewed)}: to {_VERB[reviewed.action]} it is no longer needed"
    return None


def _differs(reviewed: Change, now: Change) -> bool:
    return (reviewed.action, reviewed.before, reviewed.after) != (now.action, now.before, now.after)


def _name(change: Change) -> str:
    return f"{change.name or '(no name)'} {change.key}"
