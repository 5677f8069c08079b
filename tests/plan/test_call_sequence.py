"""Which calls a plan takes, and in which order. That every order is safe is a property: tests/properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.model import Limits
from scopesync.plan.planner import reviewed_calls
from tests.support.builders import UUID, course, desired, live, planned, school

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.model import LiveTenant, Row
    from scopesync.plan.types import Call, TenantPlan


def _calls(plan: TenantPlan) -> list[str]:
    """Each call as `METHOD path query rows`."""
    return [_call(call) for call in plan.calls]


def _call(call: Call) -> str:
    query = "".join(f" {name}={value}" for name, value in call.query.items())
    return f"{call.method} {call.path.removeprefix('/tenant/scoping/')}{query} {call.rows}"


def test_few_changes_take_item_calls_courses_leaving_first_and_schools_leaving_last() -> None:
    plan = planned(
        desired([school("new"), school("s1", name="Renamed")], [course("c2", "new"), course("c3", "new")]),
        live([school("s1"), school("old")], [course("c1", "old"), course("c2", "old")]),
    )
    assert _calls(plan) == [
        "DELETE courses/c1 0",
        "POST schools replace=false 1",
        "PUT schools/s1 1",
        "POST courses replace=false 1",
        "PUT courses/c2 1",
        "DELETE schools/old 0",
    ]
    assert all(part.strategy.kind == "items" for part in plan.lists)


def test_more_item_calls_than_the_limit_give_way_to_one_replace() -> None:
    have = [school("s")], [course(f"c{n:02}", "s") for n in range(40)]
    want = [course(f"c{n:02}", "s", name="Renamed") for n in range(11)] + have[1][11:]
    plan = planned(desired(have[0], want, item_calls=10), live(*have))
    assert _calls(plan) == ["POST courses replace=true 40"]
    assert "instead of 11" in plan.lists[1].strategy.reason
    assert "overwritten" in plan.lists[1].strategy.reason


def test_ten_item_calls_are_still_preferred() -> None:
    have = [course(f"c{n:02}", "s") for n in range(40)]
    want = [course(f"c{n:02}", "s", name="Renamed") for n in range(10)] + have[10:]
    plan = planned(desired([school("s")], want), live([school("s")], have))
    assert len(plan.calls) == 10
    assert plan.lists[1].strategy.kind == "items"


def test_a_list_that_does_not_fit_one_call_is_never_replaced() -> None:
    have = [course(f"c{n:02}", "s") for n in range(40)]
    want = [course(f"c{n:02}", "s", name="Renamed") for n in range(20)] + have[20:]
    plan = planned(desired([school("s")], want, rows_per_call=39, item_calls=10), live([school("s")], have))
    assert len(plan.calls) == 20
    assert {call.method for call in plan.calls} == {"PUT"}
    assert "more than one call may replace" in plan.lists[1].strategy.reason


def test_new_rows_go_in_as_few_calls_as_the_limit_allows() -> None:
    plan = planned(desired([school(f"s{n}") for n in range(5)], rows_per_call=2), live())
    assert _calls(plan) == ["POST schools replace=false 2"] * 2 + ["POST schools replace=false 1"]


def test_a_row_without_an_id_forces_a_replace() -> None:
    plan = planned(
        desired([school(None, local_id="7", name="Renamed"), school("s")]),
        live([school(None, local_id="7"), school("s")]),
    )
    assert _calls(plan) == ["POST schools replace=true 2"]
    assert "has no id" in plan.lists[0].strategy.reason


def test_a_row_without_an_id_in_a_list_too_long_to_replace_is_refused() -> None:
    plan = planned(
        desired([school(None, local_id="7", name="Renamed"), school("s")], rows_per_call=1),
        live([school(None, local_id="7"), school("s")]),
    )
    assert not plan.calls
    assert [refusal.guard for refusal in plan.refusals] == ["no-safe-order"]


def test_a_copy_of_a_live_row_is_removed_only_by_replacing_the_list() -> None:
    plan = planned(desired([school("s"), school("t")]), live([school("s"), school("s", name="Copy"), school("t")]))
    assert _calls(plan) == ["POST schools replace=true 2"]


def test_the_last_rows_leave_after_the_new_ones_have_arrived() -> None:
    plan = planned(desired([school("s")], [course("new", "s")]), live([school("s")], [course("old", "s")]))
    assert _calls(plan) == ["POST courses replace=false 1", "DELETE courses/old 0"]


def test_a_list_that_shall_be_empty_is_cleared_when_that_is_cheaper() -> None:
    plan = planned(desired(None, [], item_calls=10), live([school("s")], [course(f"c{n}", "s") for n in range(11)]))
    assert _calls(plan) == ["DELETE courses 0"]


def test_an_id_is_one_segment_of_a_path() -> None:
    plan = planned(desired([school("s")]), live([school("s"), school("a/b ?#é")]))
    assert _calls(plan) == ["DELETE schools/a%2Fb%20%3F%23%C3%A9 0"]


def test_schools_are_not_replaced_while_courses_are_live() -> None:
    """fault 50: some servers drop the courses with their schools."""
    count = 12
    have = [school(f"old{n}") for n in range(count)], [course(f"c{n}", f"old{n}") for n in range(count)]
    want = [school(f"new{n}") for n in range(count)], [course(f"c{n}", f"new{n}") for n in range(count)]
    plan = planned(desired(*want, item_calls=0), live(*have))
    assert _calls(plan)[:2] == ["POST schools replace=false 12", "POST courses replace=true 12"]
    assert {call.split()[0] for call in _calls(plan)[2:]} == {"DELETE"}
    assert plan.lists[0].strategy.reason == "13 calls touching only the rows that change"


def test_schools_without_courses_are_replaced_when_that_is_cheaper() -> None:
    plan = planned(
        desired([school(f"s{n}", name="New") for n in range(12)], item_calls=0),
        live([school(f"s{n}") for n in range(12)]),
    )
    assert _calls(plan) == ["POST schools replace=true 12"]


def test_a_replace_of_schools_that_nothing_can_avoid_says_what_it_may_do_to_courses() -> None:
    have = live([school(None, school_ref_id="R"), school("s")], [course("c", "s")])
    plan = planned(desired([school(None, school_ref_id="R", name="New"), school("s")], [course("c", "s")]), have)
    assert _calls(plan) == ["POST schools replace=true 2"]
    assert "courses are live meanwhile, and a server may drop them" in plan.lists[0].strategy.reason


def test_without_a_limit_nothing_is_replaced_that_item_calls_can_change() -> None:
    have = [school("s")], [course(f"c{n:03}", "s") for n in range(300)]
    want = [course(f"c{n:03}", "s", name="Renamed") for n in range(300)]
    plan = planned(desired(have[0], want, item_calls=None), live(*have))
    assert len(plan.calls) == 300


def test_a_list_that_is_not_managed_is_not_touched() -> None:
    plan = planned(desired([school("s")]), live([school("s")], [course("c", "s"), course("d", "s")]))
    assert not plan.changed
    assert plan.lists[1].manage == "unmanaged"
    assert plan.lists[1].desired_rows is None


def test_a_live_row_whose_id_would_name_the_whole_list_is_removed_by_a_replace_only() -> None:
    plan = planned(desired([school("s"), school("t")]), live([school("s"), school("t"), school(".")]))
    assert _calls(plan) == ["POST schools replace=true 2"]


# Names of schools that come, go or change hands


def test_a_course_hangs_on_its_school_however_the_id_is_spelled() -> None:
    plan = planned(desired([school("s")]), live([school("s"), school(UUID)], [course("c", UUID.upper())]))
    assert [refusal.guard for refusal in plan.refusals] == ["orphaned-course"]


def test_a_course_with_two_names_of_one_school_is_held_by_the_id_and_the_reference_may_change() -> None:
    plan = planned(
        desired([school("s", school_ref_id="new")], [course("c", "s", school_ref_id="new")]),
        live([school("s", school_ref_id="old")], [course("c", "s", school_ref_id="old")]),
    )
    assert not plan.refusals
    assert _calls(plan) == ["PUT schools/s 1", "PUT courses/c 1"]


def test_a_course_with_names_of_two_schools_needs_both() -> None:
    have = live([school("s"), school("t", school_ref_id="r")], [course("c", "s", school_ref_id="r")])
    assert [refusal.guard for refusal in planned(desired([school("s")]), have).refusals] == ["orphaned-course"]


def test_courses_that_know_their_school_by_a_reference_that_changes_with_theirs_are_refused() -> None:
    plan = planned(
        desired([school("s", school_ref_id="new")], [course("c", school_ref_id="new")]),
        live([school("s", school_ref_id="old")], [course("c", school_ref_id="old")]),
    )
    assert not plan.calls
    assert [(refusal.guard, refusal.list) for refusal in plan.refusals] == [("no-safe-order", "courses")]
    assert "1 course (Course c) would be without a school for a moment" in plan.refusals[0].message
    assert "give them a school_id first" in plan.refusals[0].message


def test_a_reference_changes_before_the_courses_come_that_know_it_and_after_those_have_left_that_knew_the_old_one() -> (
    None
):
    have = [school("s", school_ref_id="old"), school("t")]
    plan = planned(
        desired([school("s", school_ref_id="new"), school("t")], [course("c", school_ref_id="new")]), live(have)
    )
    assert _calls(plan) == ["PUT schools/s 1", "POST courses replace=false 1"]
    plan = planned(
        desired([school("s", school_ref_id="new"), school("t"), school("u")], [course("c", "u")]),
        live(have, [course("c", school_ref_id="old")]),
    )
    assert _calls(plan) == ["POST schools replace=false 1", "PUT courses/c 1", "PUT schools/s 1"]


def test_a_course_that_named_a_school_nowhere_waits_for_it_once_it_gets_another_name_of_it() -> None:
    plan = planned(
        desired([school("s"), school("e", school_ref_id="r")], [course("c", "e", school_ref_id="r"), course("d", "s")]),
        live([school("s")], [course("c", "e"), course("d", "s")]),
    )
    assert _calls(plan) == ["POST schools replace=false 1", "PUT courses/c 1"]


# Legs: what is looked at before going on


def _legs(schools: Iterable[Row], courses: Iterable[Row], have: LiveTenant) -> list[list[str]]:
    """The calls of each leg as `METHOD list rows`."""
    plan = planned(desired(schools, courses), have)
    legs = reviewed_calls(plan, have, Limits()).legs
    steps = iter(plan.calls)
    return [[_call(next(steps)) for _ in leg] for leg in legs]


def test_a_plan_that_trusts_no_call_is_one_leg() -> None:
    have = live([school("s"), school("t"), school("u")], [course("c", "s"), course("d", "s")])
    want = [school("s", name="Renamed"), school("t"), school("n")], [course("d", "s", name="Renamed"), course("e", "t")]
    assert len(_legs(*want, have)) == 1


def test_courses_of_a_new_school_come_after_a_look_at_it() -> None:
    legs = _legs([school("s"), school("n")], [course("c", "n")], live([school("s")]))
    assert legs == [["POST schools replace=false 1"], ["POST courses replace=false 1"]]


def test_a_school_leaves_after_a_look_at_its_courses() -> None:
    have = live([school("s"), school("t")], [course("c", "t"), course("d", "t"), course("e", "s")])
    legs = _legs([school("s")], [course("c", "s"), course("e", "s")], have)
    assert legs == [["DELETE courses/d 0", "PUT courses/c 1"], ["DELETE schools/t 0"]]


def test_a_school_leaves_after_a_look_at_the_list_that_its_courses_have_left() -> None:
    have = live([school("s"), school("t")], [course("c", "t"), course("e", "s")])
    assert _legs([school("s")], [course("e", "s")], have) == [["DELETE courses/c 0"], ["DELETE schools/t 0"]]


def test_one_look_is_enough_where_courses_leave_before_and_others_come_after() -> None:
    have = live([school("s"), school("t")], [course("c", "t"), course("e", "s")])
    legs = _legs([school("s"), school("n")], [course("d", "n"), course("e", "s")], have)
    assert legs == [
        ["DELETE courses/c 0", "POST schools replace=false 1"],
        ["POST courses replace=false 1", "DELETE schools/t 0"],
    ]


def test_two_looks_where_courses_move_from_a_school_that_leaves_to_one_that_comes() -> None:
    have = live([school("t"), school("s")], [course("c", "t")])
    legs = _legs([school("n"), school("s")], [course("c", "n")], have)
    assert legs == [["POST schools replace=false 1"], ["PUT courses/c 1"], ["DELETE schools/t 0"]]


def test_schools_are_replaced_after_a_look_at_the_courses_that_moved() -> None:
    have = live([school("s"), school("t"), school(None, local_id="7")], [course("c", "t")])
    assert _legs([school("s")], [course("c", "s")], have) == [["PUT courses/c 1"], ["POST schools replace=true 1"]]


def test_new_rows_come_after_a_look_at_the_replace_that_alone_can_change_the_list() -> None:
    have = live([school("s")], [course(None, "s", local_id="7"), course("c", "s")])
    rows = [course(None, "s", local_id="7", name="New"), course("c", "s"), course("d", "s"), course("e", "s")]
    plan = planned(desired([school("s")], rows, rows_per_call=3), have)
    legs = reviewed_calls(plan, have, Limits(rows_per_call=3)).legs
    assert [[(write.op, len(write.rows)) for write in leg] for leg in legs] == [[("replace", 3)], [("append", 1)]]


def test_the_last_old_rows_leave_after_a_look_at_the_new_ones() -> None:
    have = live([school("s")], [course("old", "s")])
    assert _legs([school("s")], [course("new", "s")], have) == [
        ["POST courses replace=false 1"],
        ["DELETE courses/old 0"],
    ]


def test_the_example_at_the_head_of_the_module() -> None:
    have = live(
        [school("ash"), school("elm"), school("oak")],
        [course("art", "ash"), course("biology", "elm"), course("chemistry", "oak"), course("drama", "oak")],
    )
    want = desired(
        [school("ash"), school("elm"), school("yew")],
        [course("art", "ash"), course("biology", "elm", name="Life"), course("chemistry", "yew")],
    )
    plan = planned(want, have)
    assert _calls(plan) == [
        "DELETE courses/drama 0",
        "POST schools replace=false 1",
        "PUT courses/biology 1",
        "PUT courses/chemistry 1",
        "DELETE schools/oak 0",
    ]
    legs = reviewed_calls(plan, have, Limits()).legs
    assert [[write.op for write in leg] for leg in legs] == [["delete", "append"], ["update", "update"], ["delete"]]
