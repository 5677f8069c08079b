"""Every guard there is: to add one is to add an entry here, and its function.

Belongs here: the one table of guards. `python -m tests.docs.guards` writes it into docs/guards.md and the names into
the schemas; tests say when that is due. Does not belong here: any guard's own work.
"""

from __future__ import annotations

from scopesync.model import Guards
from scopesync.plan.guards.amounts import empty_list, limit_in_words, max_additions, max_removals, max_updates
from scopesync.plan.guards.doubts import collapsed_read, identity, protected_row
from scopesync.plan.guards.families import no_safe_order, orphaned_course, two_schools
from scopesync.plan.guards.guard import Guard

_LIMITS = Guards()

GUARDS = (
    Guard(
        name="max-removals",
        refuses="a plan that removes more than this share, or this many rows, of a live list; one row may always go",
        default=limit_in_words(_LIMITS.max_removals),
        judge=max_removals,
    ),
    Guard(
        name="max-additions",
        refuses="a plan that adds more than this share, or this many rows, to a live list; an empty list has no share",
        default=limit_in_words(_LIMITS.max_additions),
        judge=max_additions,
    ),
    Guard(
        name="max-updates",
        refuses="a plan that changes more than this share of a live list of 10 rows or more",
        default=limit_in_words(_LIMITS.max_updates),
        judge=max_updates,
    ),
    Guard(
        name="empty-list",
        refuses="a plan that leaves a list empty that has rows now",
        default="on",
        judge=empty_list,
    ),
    Guard(
        name="protected-row",
        refuses="a plan that removes a row marked `protect: true` when its tenant was last applied, or creates it "
        "again under another id",
        default="on",
        judge=protected_row,
    ),
    Guard(
        name="identity",
        refuses="a plan that removes rows when nothing says whose they are; and, whatever is allowed, every plan for "
        "lists that name another tenant",
        default="on",
        judge=identity,
    ),
    Guard(
        name="collapsed-read",
        refuses="a plan for a list that reads empty now and had rows when a run last left it",
        default="on",
        judge=collapsed_read,
    ),
    Guard(
        name="orphaned-course",
        refuses="a plan that removes or renames a school that a course needs; where schools are managed, also one "
        "that creates or changes a course whose school is not in scope",
        default="on",
        judge=orphaned_course,
        can_be_allowed=False,
    ),
    Guard(
        name="two-schools",
        refuses="a plan that makes a course name one school by `school_id` and another by `school_ref_id`",
        default="on",
        judge=two_schools,
        can_be_allowed=False,
    ),
    Guard(
        name="no-safe-order",
        refuses="a plan whose calls have no safe order: in each, for a moment, a row would vanish or a course be "
        "without its school",
        default="on",
        judge=no_safe_order,
        can_be_allowed=False,
    ),
)
"""All guards, in the order in which they judge a list and in which pages name them."""
