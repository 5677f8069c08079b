from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.apply.remaining import RowKey, remaining
from scopesync.apply.resuming import DoubtError, calls_for_the_rest
from tests.support.builders import course, desired, live, planned, school

if TYPE_CHECKING:
    from scopesync.model import LiveTenant

HAVE = live([school("s"), school("old")], [course("c1", "old"), course("c2", "s")])
WANT = desired([school("s"), school("new")], [course("c2", "s", name="Renamed"), course("c3", "new")])
PLAN = planned(WANT, HAVE)


def _rest(*given_up: RowKey, now: LiveTenant = HAVE) -> list[str]:
    left = remaining(PLAN, HAVE, now)
    chosen = calls_for_the_rest(PLAN, HAVE, now, left, given_up=given_up, rows_per_call=1000)
    return [f"{write.op} {write.kind.name}" for write in chosen.writes]


def test_with_nothing_given_up_all_of_the_rest_is_sent() -> None:
    assert _rest() == ["delete courses", "append schools", "append courses", "update courses", "delete schools"]


def test_courses_of_a_school_that_did_not_come_are_held_back() -> None:
    assert _rest(("schools", "new")) == ["delete courses", "update courses", "delete schools"]


def test_a_school_whose_course_did_not_leave_is_held_back() -> None:
    assert _rest(("courses", "c1")) == ["append schools", "append courses", "update courses"]


def test_the_last_old_rows_are_held_back_when_the_new_ones_did_not_come() -> None:
    have = live([school("s")], [course("old", "s")])
    plan = planned(desired([school("s")], [course("new", "s")]), have)
    left = remaining(plan, have, have)
    rest = calls_for_the_rest(plan, have, have, left, given_up=[("courses", "new")], rows_per_call=1000)
    assert rest.writes == ()


def test_rows_that_vanished_end_it() -> None:
    now = live([school("old")], HAVE.courses.rows)
    with pytest.raises(DoubtError, match="rows that should have stayed are not there: s"):
        _rest(now=now)


def test_a_course_that_came_to_a_leaving_school_ends_it() -> None:
    now = live(HAVE.schools.rows, [*HAVE.courses.rows, course("theirs", "old")])
    with pytest.raises(DoubtError, match="courses that came meanwhile would be without a school: theirs"):
        _rest(now=now)
