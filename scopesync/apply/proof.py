"""Proof: whether the live side is what the plan said it would be.

Belongs here: comparing the list read back with the list expected, purely, and telling whose the difference is. Does not
belong here: reading it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.apply.outcome import Cause, Difference
from scopesync.apply.outstanding import Seen, wrong_fields
from scopesync.plan.changes import resulting
from scopesync.row_identity import keyed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.model import LiveTenant, Row
    from scopesync.plan.types import Change, ListPlan, TenantPlan


def differences(plan: TenantPlan, before: LiveTenant, after: LiveTenant) -> tuple[Difference, ...]:
    """Where `after` is not `before` with the plan's changes, list by list and key by key; () is the proof."""
    return tuple(difference for part in plan.lists for difference in _list_differences(part, before, after))


def _list_differences(part: ListPlan, before: LiveTenant, after: LiveTenant) -> Iterator[Difference]:
    kind = part.kind
    old = before.listing(kind).by_key
    # keyed anew: a copy that stays behind alone is no longer called a copy
    expected = keyed(kind, resulting(old, part.changes).values())
    seen = Seen(kind, after.listing(kind).by_key)
    changes = {change.key: change for change in part.changes}
    made = {id(change.after): change for change in part.changes if change.after is not None}
    found = {}
    for key, row in expected.items():
        here = found[key] = seen.key(key, row)
        cause = _cause(made.get(id(row)), seen)
        if here is None:
            yield Difference(kind.name, key, row.get("name"), "missing", cause)
        elif fields := wrong_fields(kind, row, seen.rows[here]):
            yield Difference(kind.name, key, row.get("name"), "different", cause, fields)
    for key in sorted(seen.rows.keys() - set(found.values())):
        yield _stranger(part, key, seen.rows[key], _cause(changes.get(key), seen))


def _cause(change: Change | None, seen: Seen) -> Cause:
    """Whose a difference is: a row that the plan does not touch was moved by somebody else."""
    if change is None:
        return Cause.ANOTHER_CLIENT
    return Cause.NOT_DONE if seen.state(change) == "not done" else Cause.DONE_DIFFERENTLY


def _stranger(part: ListPlan, key: str, row: Row, cause: Cause) -> Difference:
    return Difference(part.kind.name, key, row.get("name"), "unexpected", cause)
