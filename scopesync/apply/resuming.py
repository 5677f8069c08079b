"""How a tenant goes on after a look that did not find everything as promised.

Belongs here: choosing what of the rest may be sent now, purely. Does not belong here: the order of calls
(`plan.call_sequence`), sending them.

Rows that are given up (the server answered and did nothing, or another client wrote) hold back only the calls that need
them: courses of a school that did not come, a school whose courses did not leave, the last old rows of a list whose new
rows did not come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.call_sequence import call_sequence
from scopesync.plan.changes import resulting
from scopesync.plan.row_names import some
from scopesync.school_links import is_without_school, names, names_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scopesync.apply.remaining import Remaining, RowKey
    from scopesync.model import ListName, LiveTenant
    from scopesync.plan.call_sequence import CallSequence
    from scopesync.plan.types import Change, TenantPlan
    from scopesync.row_identity import KeyedRows

Changes = dict["ListName", tuple["Change", ...]]


class DoubtError(Exception):
    """Why nothing more may be sent."""


def calls_for_the_rest(
    plan: TenantPlan,
    before: LiveTenant,
    seen: LiveTenant,
    left: Remaining,
    *,
    given_up: Collection[RowKey],
    rows_per_call: int,
) -> CallSequence:
    """The writes for what the lists lack, as they were just seen, but for what needs a row that is given up.

    Raises DoubtError when none may be sent: rows that should have stayed are missing (the list may not have been read
    whole), courses came that need a school of ours, or no order of calls is safe any more.
    """
    if left.vanished:
        raise DoubtError(f"rows that should have stayed are not there: {some(left.vanished)}")
    rows = {part.kind.name: seen.listing(part.kind).by_key for part in plan.lists}
    items_only = {part.kind.name for part in plan.lists if part.strategy.kind == "items"}  # as it was reviewed
    changes: Changes = {
        name: tuple(change for key, change in changes.items() if (name, key) not in given_up)
        for name, changes in left.changes.items()
    }
    known = {*before.courses.by_key, *(change.key for part in plan.lists for change in part.changes)}
    while True:
        changes = _without_homeless_courses(rows, changes)
        changes = _without_emptying(plan, rows, changes)
        chosen = call_sequence(rows, changes, rows_per_call=rows_per_call, items_only=items_only)
        if not chosen.orphans:
            break
        if strangers := [key for key in chosen.orphans if key not in known]:
            raise DoubtError(f"courses that came meanwhile would be without a school: {some(strangers)}")
        fewer = _without_leaving_schools(rows, changes, chosen.orphans)
        if fewer == changes:
            raise DoubtError(f"courses would be without a school: {some(chosen.orphans)}")
        changes = fewer
    if chosen.blocked:
        raise DoubtError(f"no order of calls is safe any more: {chosen.blocked[1]}")
    return chosen


def _without_homeless_courses(rows: Mapping[ListName, KeyedRows], changes: Changes) -> Changes:
    """Without courses that would come to name a school which is neither live nor about to be."""
    schools = names(resulting(rows[SCHOOLS.name], changes[SCHOOLS.name]).values())
    kept = []
    for change in changes[COURSES.name]:
        moves = change.after is not None and names_of(change.after) != names_of(change.before)
        if not (moves and change.after is not None and is_without_school(change.after, schools)):
            kept.append(change)
    return {**changes, COURSES.name: tuple(kept)}


def _without_emptying(plan: TenantPlan, rows: Mapping[ListName, KeyedRows], changes: Changes) -> Changes:
    """Without the removals of a list that would end empty, although the plan leaves rows in it."""
    kept = dict(changes)
    for part in plan.lists:
        name = part.kind.name
        removed = sum(change.action == "delete" for change in part.changes)
        created = sum(change.action == "create" for change in part.changes)
        shall_be_empty = part.live_rows - removed + created == 0
        if rows[name] and not shall_be_empty and not resulting(rows[name], changes[name]):
            kept[name] = tuple(change for change in changes[name] if change.action != "delete")
    return kept


def _without_leaving_schools(rows: Mapping[ListName, KeyedRows], changes: Changes, orphans: Collection[str]) -> Changes:
    """Without the changes of schools that take a name away which one of these courses needs."""
    courses = resulting(rows[COURSES.name], changes[COURSES.name])
    needed = names(courses[key] for key in orphans if key in courses)
    kept = tuple(
        change
        for change in changes[SCHOOLS.name]
        if (names_of(change.before) - names_of(change.after)).isdisjoint(needed)
    )
    return {**changes, SCHOOLS.name: kept}
