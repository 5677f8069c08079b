from __future__ import annotations

from scopesync.apply.remaining import has_the_rows_of, on_paper, remaining, rows_of
from scopesync.model import COURSES, SCHOOLS, LiveTenant
from scopesync.plan.writes import Write
from tests.support.builders import course, desired, live, planned, school

HAVE = live([school("s"), school("old")], [course("c", "s", color="blue")])
WANT = desired([school("s"), school("new")], [course("c", "s", name="Renamed")])
PLAN = planned(WANT, HAVE)
NEW, OLD, COURSE = ("schools", "new"), ("schools", "old"), ("courses", "c")


def _keys(now: LiveTenant) -> set[tuple[str, str]]:
    return set(remaining(PLAN, HAVE, now).keys)


def test_before_the_first_call_everything_is_left() -> None:
    assert _keys(HAVE) == {NEW, OLD, COURSE}


def test_a_change_is_done_when_the_fields_that_it_asks_for_have_their_values() -> None:
    stamped = course("c", "s", name="Renamed", color="red", updated_at="today")
    assert _keys(live([school("s"), school("new")], [stamped])) == set()


def test_what_another_client_wrote_in_other_fields_survives_what_is_left() -> None:
    now = live(HAVE.schools.rows, [course("c", "s", keywords="theirs")])
    change = remaining(PLAN, HAVE, now).changes["courses"]["c"]
    assert change.after == course("c", "s", keywords="theirs", name="Renamed")


def test_a_row_that_is_neither_as_it_was_nor_as_it_shall_be_is_different() -> None:
    now = live(HAVE.schools.rows, [course("c", "s", name="Theirs")])
    left = remaining(PLAN, HAVE, now)
    assert left.different == {COURSE}
    assert COURSE not in left.keys


def test_a_row_that_should_have_stayed_and_is_gone_has_vanished() -> None:
    assert remaining(PLAN, HAVE, live([school("old")], HAVE.courses.rows)).vanished == ("s",)


def test_the_second_school_of_a_course_is_not_there_because_the_first_one_is() -> None:
    have = live([school("s"), school("t")], [course("c", "s")])
    plan = planned(desired([school("s"), school("t")], [course("c", "s"), course("c", "t")]), have)
    assert remaining(plan, have, have).keys == {("courses", "c@t")}
    done = live(have.schools.rows, [course("c", "s"), course("c", "t")])
    assert not remaining(plan, have, done).keys


def test_the_lists_on_paper_are_what_the_writes_ask_for() -> None:
    writes = [
        Write(SCHOOLS, "append", rows=(school("new"),)),
        Write(COURSES, "update", "c", (course("c", "s", name="Renamed"),)),
        Write(SCHOOLS, "delete", "old"),
    ]
    paper = on_paper(HAVE, writes)
    assert _keys(paper) == set()
    assert has_the_rows_of(paper, live([school("new"), school("s")], [course("c", "s")]))
    assert not has_the_rows_of(paper, live([school("new")], [course("c", "s")]))
    assert not has_the_rows_of(paper, live([school("new"), school("s"), school("x")], [course("c", "s")]))


def test_the_rows_of_a_write_have_the_keys_of_the_plan() -> None:
    assert rows_of(PLAN, [Write(SCHOOLS, "append", rows=(school("new"),))]) == {NEW}
    assert rows_of(PLAN, [Write(COURSES, "update", "c", (course("c", "s"),))]) == {COURSE}
    assert rows_of(PLAN, [Write(SCHOOLS, "replace", rows=(school("s"),))]) == {NEW, OLD}
