"""Guards of the invariants: at no instant is a course without its school, or a kept row missing.

Belongs here: guards that nothing may allow, because the plan cannot be carried out safely at all. Does not belong here:
how a course names its school (school_links), the order of the calls (call_sequence).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.model import COURSES
from scopesync.plan.guards.guard import Objection
from scopesync.plan.row_names import some_courses
from scopesync.plan.school_needs import courses_of_two_schools, courses_without_school

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.plan.guards.case import ListCase


def orphaned_course(case: ListCase) -> Iterator[Objection]:
    """Courses lose their school, or are written without one."""
    if case.part.kind is COURSES:
        yield from _left_behind(case)
        yield from _written_without_school(case)


def _left_behind(case: ListCase) -> Iterator[Objection]:
    """Courses whose school is removed, or renamed away from under them."""
    orphans = case.tenant.sequence.orphans
    if orphans:
        rows = {**case.tenant.live["courses"], **case.rows_written}
        yield Objection(
            f"{some_courses(orphans, rows)} would point at a school that is removed, or renamed; "
            "keep it as it is, or say in the files which school they belong to"
        )


def _written_without_school(case: ListCase) -> Iterator[Objection]:
    """Courses to be created or changed whose school will not be live; only where the files say which schools are."""
    schools, _ = case.tenant.lists
    if schools.manage == "unmanaged":
        return
    strays = courses_without_school(case.part.changes, case.schools_afterwards)
    if strays:
        named = some_courses(strays, case.rows_written)
        yield Objection(f"{named} would have no school in scope; add the school, or name another one")


def two_schools(case: ListCase) -> Iterator[Objection]:
    """Courses come to name one school by its id and another by its reference."""
    if case.part.kind is not COURSES:
        return
    torn = courses_of_two_schools(case.part.changes, case.schools_afterwards)
    if torn:
        named = some_courses(torn, case.rows_written)
        yield Objection(f"{named} would name one school by school_id and another by school_ref_id; say both")


def no_safe_order(case: ListCase) -> Iterator[Objection]:
    """No order of calls keeps the invariants; said of the list that is stuck."""
    if case.tenant.sequence.blocked is None:
        return
    stuck, why = case.tenant.sequence.blocked
    if stuck == case.name:
        yield Objection(f"no order of calls is safe: {why}")
