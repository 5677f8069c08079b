from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from scopesync.model import (
    SCHOOLS,
    Allow,
    ChangeLimit,
    DesiredList,
    DesiredRow,
    Guards,
    Identity,
    Remembered,
)
from scopesync.plan.call_sequence import call_sequence
from scopesync.plan.guards.case import TenantCase
from scopesync.plan.guards.guard import Guard, Objection
from scopesync.plan.guards.judge import judge
from scopesync.plan.planner import judged_again, plan_tenant
from scopesync.plan.types import Allowed
from tests.support.builders import course, desired, live, planned, school

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.model import DesiredTenant, LiveTenant, Manage
    from scopesync.plan.guards.case import ListCase
    from scopesync.plan.types import TenantPlan

UNVERIFIED = Identity("unverified", "no live row names a tenant")
FOREIGN = Identity("foreign", "2 rows name the tenant 99999999-0000-0000-0000-000000000000")


def _schools(count: int, **fields: object) -> list[dict[str, object]]:
    return [school(f"s{n:04}", **fields) for n in range(count)]


def _refused(want: DesiredTenant, have: LiveTenant, guards: Guards | None = None) -> list[str]:
    return [refusal.guard for refusal in planned(want, have, guards=guards).refusals]


@pytest.mark.parametrize(
    ("live_rows", "removed", "refused"),
    [
        (10, 2, False),
        (10, 3, True),
        (3, 2, True),
        (5, 1, False),
        (2, 1, False),
        (2000, 200, False),
        (2000, 201, True),
    ],
)
def test_max_removals_bounds_the_share_and_the_count(live_rows: int, removed: int, *, refused: bool) -> None:
    have = _schools(live_rows)
    assert _refused(desired(have[removed:]), live(have)) == ["max-removals"] * refused


@pytest.mark.parametrize(
    ("live_rows", "added", "refused"),
    [
        (10, 10, False),
        (10, 11, True),
        (1, 1, False),
        (1, 2, True),
        (0, 2000, False),
        (0, 2001, True),
        (1900, 2001, True),
    ],
)
def test_max_additions_bounds_the_share_and_the_count(live_rows: int, added: int, *, refused: bool) -> None:
    want = _schools(live_rows + added)
    assert _refused(desired(want, rows_per_call=9000), live(want[:live_rows])) == ["max-additions"] * refused


@pytest.mark.parametrize(("live_rows", "changed", "refused"), [(10, 5, False), (10, 6, True), (9, 9, False)])
def test_max_updates_bounds_the_share_of_lists_of_ten_and_more(live_rows: int, changed: int, *, refused: bool) -> None:
    have = _schools(live_rows)
    want = _schools(changed, name="Renamed") + have[changed:]
    assert _refused(desired(want), live(have)) == ["max-updates"] * refused


def test_a_list_that_would_become_empty_is_refused_even_for_one_row() -> None:
    assert _refused(desired([]), live([school("s")])) == ["empty-list"]


def test_a_list_that_is_empty_and_stays_so_is_fine() -> None:
    assert not _refused(desired([]), live([]))


def test_rows_of_another_tenant_are_refused_and_nothing_allows_it() -> None:
    plan = planned(desired([school("s"), school("new")]), live([school("s")], identity=FOREIGN))
    assert [(refusal.guard, refusal.allow) for refusal in plan.refusals] == [("identity", None)]
    assert "99999999" in plan.refusals[0].message


def test_rows_of_another_tenant_are_refused_even_when_nothing_would_change() -> None:
    assert _refused(desired([school("s")]), live([school("s")], identity=FOREIGN)) == ["identity"]


def test_nothing_is_removed_on_an_identity_that_nothing_confirms() -> None:
    have = live([school("s"), school("t")], identity=UNVERIFIED)
    assert _refused(desired([school("s")]), have) == ["identity"]
    assert not _refused(desired([school("s"), school("t"), school("u")]), have)


def test_a_course_that_is_not_managed_keeps_its_school_from_being_removed() -> None:
    plan = planned(desired([school("s")]), live([school("s"), school("old")], [course("c", "old")]))
    assert [(refusal.guard, refusal.list, refusal.allow) for refusal in plan.refusals] == [
        ("orphaned-course", "courses", None)
    ]


def _turned(count: int, *, to: bool) -> list[dict[str, object]]:
    return [*_schools(count, selected=to), *_schools(10)[count:]]


@pytest.mark.parametrize(("count", "refused"), [(1, False), (2, False), (3, True)])
def test_rows_that_are_deselected_count_like_removed_ones(count: int, *, refused: bool) -> None:
    assert _refused(desired(_turned(count, to=False)), live(_schools(10))) == ["max-removals"] * refused


def test_rows_that_are_selected_count_like_added_ones() -> None:
    few = Guards(max_additions=ChangeLimit(percent=None, count=2))
    assert not _refused(desired(_schools(10)), live(_turned(2, to=False)), few)
    assert _refused(desired(_schools(10)), live(_turned(3, to=False)), few) == ["max-additions"]


@pytest.mark.parametrize(
    ("before", "after", "guard"),
    [(None, False, "max-removals"), (False, None, "max-additions")],
)
def test_a_row_that_does_not_say_whether_it_is_selected_is(before: object, after: object, guard: str) -> None:
    strict = Guards(max_removals=ChangeLimit(None, 0), max_additions=ChangeLimit(None, 0))
    have = [*_schools(4, selected=before), *_schools(10)[4:]]
    want = [*_schools(4, selected=after), *_schools(10)[4:]]
    assert _refused(desired(want), live(have), strict) == [guard]


def test_a_list_of_which_every_row_is_deselected_is_as_good_as_empty() -> None:
    assert _said(desired(_schools(1, selected=False)), live(_schools(1))) == [
        ("empty-list", "schools", "1 school (School s0000) would be removed or deselected, the whole list", 1)
    ]


def test_a_row_that_todays_file_protects_may_not_be_deselected_by_it() -> None:
    want = desired(_turned(1, to=False))
    rows = [row._replace(protect=True) for row in want.lists["schools"].rows]
    want = replace(want, lists={"schools": replace(want.lists["schools"], rows=tuple(rows))})
    assert _refused(want, live(_schools(10))) == ["protected-row"]


def test_deselected_and_selected_rows_are_refused_in_these_words() -> None:
    strict = Guards(max_removals=ChangeLimit(None, 1), max_additions=ChangeLimit(None, 0))
    have = live([*_schools(2), *_schools(10, selected=False)[2:]])
    want = desired([school("s0000", selected=False), *_schools(4)[2:], *have.schools.rows[4:]])
    assert [refusal.message for refusal in planned(want, have, guards=strict).refusals] == [
        "2 schools (School s0000, School s0001) of 10 (20%) would be removed or deselected; the limit is 1",
        "2 schools (School s0002, School s0003) of 10 (20%) would be added or selected; the limit is 0",
    ]


def test_a_protected_row_may_not_be_deselected_either() -> None:
    memory = Remembered(protected={"schools": frozenset({"s0000"})})
    plan = plan_tenant(desired(_turned(1, to=False)), live(_schools(10)), guards=Guards(), remembered=memory)
    assert [refusal.message for refusal in plan.refusals] == [
        "1 school (School s0000) marked protect would be removed or deselected"
    ]


def test_nothing_is_deselected_on_an_identity_that_nothing_confirms() -> None:
    have = live(_schools(10), identity=UNVERIFIED)
    assert [refusal.message for refusal in planned(desired(_turned(1, to=False)), have).refusals] == [
        "no live row names a tenant, and 1 school (School s0000) would be removed or deselected"
    ]


def test_a_projects_own_bounds_take_the_place_of_the_defaults() -> None:
    guards = Guards(max_removals=ChangeLimit(percent=100, count=None))
    have = _schools(10)
    assert not _refused(desired(have[9:]), live(have), guards)


def test_a_refusal_has_the_numbers_the_first_names_and_the_block_to_paste() -> None:
    have = _schools(10)
    (refusal,) = planned(desired(have[4:]), live(have)).refusals
    assert refusal.message == (
        "4 schools (School s0000, School s0001, School s0002, …) of 10 (40%) would be removed; the limit is 20 % or 200"
    )
    assert refusal.allow == {
        "guard": "max-removals",
        "list": "schools",
        "count": 4,
        "reason": "WHY",
        "expires": "YYYY-MM-DD",
    }


def test_a_refusal_names_the_schools_with_the_most_courses_first() -> None:
    courses = [course(f"c{n}", "s0003") for n in range(5)] + [course("d", "s0001")]
    (refusal, _) = planned(desired(_schools(10)[4:]), live(_schools(10), courses)).refusals
    assert refusal.message.startswith(
        "4 schools (School s0003 with 5 live courses, School s0001 with 1 live course, School s0000, …) of 10 (40%)"
    )


def test_a_refusal_counts_courses_by_their_school() -> None:
    courses = [course(f"c{n}", "s0000" if n < 5 else "s0001") for n in range(7)] + [course("d"), course("e", "s0000")]
    plan = planned(desired(None, courses[8:]), live(_schools(2), courses))
    assert plan.refusals[0].message.startswith(
        "8 courses (5 at School s0000, 2 at School s0001, 1 at no school) of 9 (89%) would be removed"
    )


def test_a_row_that_the_last_applied_file_protects_is_not_removed() -> None:
    have = live([school("s"), school("t")])
    memory = Remembered(protected={"schools": frozenset({"t"})})
    assert _guards(desired([school("s")]), have, memory) == ["protected-row"]
    assert not _guards(desired([school("t")]), have, memory)
    assert not _guards(desired([school("s")]), have, Remembered(protected={"courses": frozenset({"t"})}))


def test_a_protected_row_that_returns_under_another_id_is_a_removal_of_a_protected_row() -> None:
    new = DesiredRow({"school_id": "new", "school_ref_id": "R"}, protect=True)
    want = replace(desired([]), lists={"schools": DesiredList(SCHOOLS, (DesiredRow({"school_id": "s"}), new))})
    plan = planned(want, live([school("s"), school("old", school_ref_id="R")]))
    assert [(refusal.guard, refusal.message) for refusal in plan.refusals] == [
        ("protected-row", "1 school (School old) marked protect would be removed")
    ]


def test_a_list_that_had_rows_and_reads_empty_is_refused() -> None:
    memory = Remembered(rows={"schools": 12})
    assert _guards(desired([school("s")]), live(), memory) == ["collapsed-read"]
    assert not _guards(desired([school("s")]), live(), Remembered(rows={"schools": 0, "courses": 12}))
    assert not _guards(desired([school("s")]), live([school("s")]), memory)


@pytest.mark.parametrize(("rows", "words"), [(1, "1 row"), (2, "2 rows"), (12, "12 rows")])
def test_a_collapsed_read_is_refused_in_these_words(rows: int, words: str) -> None:
    memory = Remembered(rows={"schools": rows})
    (refusal,) = plan_tenant(desired([school("s")]), live(), guards=Guards(), remembered=memory).refusals
    assert refusal.message == f"the list reads empty now, and had {words} when it was last seen"
    assert refusal.allow is not None
    assert refusal.allow["count"] == rows


def _guards(want: DesiredTenant, have: LiveTenant, memory: Remembered) -> list[str]:
    return [one.guard for one in plan_tenant(want, have, guards=Guards(), remembered=memory).refusals]


@pytest.mark.parametrize(
    ("guard", "name", "count", "covered"),
    [
        ("max-removals", "schools", 4, True),
        ("max-removals", "schools", 5, True),
        ("max-removals", "schools", 3, False),
        ("max-removals", "courses", 4, False),
        ("max-additions", "schools", 4, False),
    ],
)
def test_an_allow_covers_exactly_what_it_names(guard: str, name: str, count: int, *, covered: bool) -> None:
    allow = Allow(guard, name, count, "School year rollover", date(2026, 12, 1))  # type: ignore[arg-type]  # a list's name
    have = _schools(10)
    plan: TenantPlan = planned(desired(have[4:], allow=[allow]), live(have))
    assert [refusal.guard for refusal in plan.refusals] == ["max-removals"] * (not covered)
    used = [Allowed("max-removals", "schools", 4, "School year rollover", "2026-12-01")]
    assert list(plan.allowed) == used * covered


def _allow(count: int, reason: str) -> Allow:
    return Allow("max-removals", "schools", count, reason, date(2026, 12, 1))


def test_of_two_exceptions_the_first_that_covers_the_rows_is_the_one_that_was_used() -> None:
    exceptions = [_allow(3, "Too few"), _allow(9, "Rollover"), _allow(4, "Rollover again")]
    plan = planned(desired(_schools(10)[4:], allow=exceptions), live(_schools(10)))
    assert [(one.reason, one.count) for one in plan.allowed] == [("Rollover", 4)]


def test_an_exception_that_no_guard_asks_for_was_not_used() -> None:
    plan = planned(desired(_schools(10)[1:], allow=[_allow(9, "Rollover")]), live(_schools(10)))
    assert (plan.refusals, plan.allowed) == ((), ())


def test_a_saved_plan_that_is_judged_again_names_the_exceptions_of_today() -> None:
    have = live(_schools(10))
    granted, withdrawn = desired(_schools(10)[4:], allow=[_allow(4, "Rollover")]), desired(_schools(10)[4:])
    plan = planned(granted, have)
    again = judged_again(plan, withdrawn, have, guards=Guards())
    assert ([one.guard for one in again.refusals], again.allowed) == (["max-removals"], ())
    assert judged_again(again, granted, have, guards=Guards()) == plan


@pytest.mark.parametrize(("can_be_allowed", "count", "refused"), [(True, 3, 0), (False, 3, 2), (True, None, 2)])
def test_a_further_guard_is_an_entry_and_its_function(count: int | None, refused: int, *, can_be_allowed: bool) -> None:
    def odd(case: ListCase) -> Iterator[Objection]:
        yield Objection(f"odd {case.name}", count)

    guard = Guard(name="odd", refuses="what is odd", default="on", judge=odd, can_be_allowed=can_be_allowed)
    lists = planned(desired([]), live()).lists
    nothing = call_sequence({"schools": {}, "courses": {}}, {"schools": (), "courses": ()}, rows_per_call=1)
    case = TenantCase(lists, {"schools": {}, "courses": {}}, nothing, UNVERIFIED, Guards(), protected={}, last_rows={})
    allow = [Allow("odd", name, 3, "Why not", date(2026, 12, 1)) for name in ("schools", "courses")]
    found = judge(case, allow=allow, guards=(guard,))
    assert [one.message for one in found.refusals] == ["odd schools", "odd courses"][:refused]
    assert [one.allow for one in found.refusals] == [None] * refused
    assert [one.list for one in found.allowed] == ["schools", "courses"][: 2 - refused]


def _said(
    want: DesiredTenant, have: LiveTenant, guards: Guards | None = None
) -> list[tuple[str, str, str, int | None]]:
    """Each refusal as guard, list, message and the count that an `allow` needs (None where nothing allows it)."""
    refusals = planned(want, have, guards=guards).refusals
    assert all(
        one.allow is None
        or one.allow
        == {"guard": one.guard, "list": one.list, "count": one.allow["count"], "reason": "WHY", "expires": "YYYY-MM-DD"}
        for one in refusals
    )
    counts = [None if one.allow is None else int(one.allow["count"]) for one in refusals]
    return [(one.guard, one.list, one.message, count) for one, count in zip(refusals, counts, strict=True)]


def test_additions_are_refused_in_these_words() -> None:
    assert _said(desired(_schools(3)), live(_schools(1))) == [
        (
            "max-additions",
            "schools",
            "2 schools (School s0001, School s0002) of 1 (200%) would be added; the limit is 100 % or 2000",
            2,
        )
    ]


def test_additions_to_an_empty_list_have_no_share() -> None:
    guards = Guards(max_additions=ChangeLimit(percent=None, count=1))
    assert _said(desired(_schools(2)), live(), guards) == [
        ("max-additions", "schools", "2 schools (School s0000, School s0001) of 0 would be added; the limit is 1", 2)
    ]


def test_updates_are_refused_in_these_words() -> None:
    assert _said(desired(_schools(10, name="New")), live(_schools(10))) == [
        (
            "max-updates",
            "schools",
            "10 schools (New, New, New, …) of 10 (100%) would be changed; the limit is 50 %",
            10,
        )
    ]


def test_an_empty_list_is_refused_in_these_words() -> None:
    assert _said(desired([]), live(_schools(1))) == [
        ("empty-list", "schools", "1 school (School s0000) would be removed, the whole list", 1)
    ]


def test_an_unverified_identity_is_refused_in_these_words() -> None:
    assert _said(desired(_schools(6)[1:]), live(_schools(6), identity=UNVERIFIED)) == [
        ("identity", "schools", "no live row names a tenant, and 1 school (School s0000) would be removed", 1)
    ]


def test_a_foreign_identity_is_refused_in_these_words_for_managed_lists_only() -> None:
    assert _said(desired(None, [course("c")]), live([school("s")], [course("c")], identity=FOREIGN)) == [
        ("identity", "courses", f"another tenant's data: {FOREIGN.evidence}", None)
    ]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 course (Course c0)"),
        (2, "2 courses (Course c0, Course c1)"),
        (4, "4 courses (Course c0, Course c1, Course c2, …)"),
    ],
)
def test_orphans_are_refused_in_these_words(count: int, words: str) -> None:
    have = live([school("s"), school("old")], [course(f"c{n}", "old") for n in range(count)])
    message = (
        f"{words} would point at a school that is removed, or renamed; "
        "keep it as it is, or say in the files which school they belong to"
    )
    assert _said(desired([school("s")]), have) == [("orphaned-course", "courses", message, None)]


@pytest.mark.parametrize("how", ["exact", "additive"])
def test_a_course_of_a_school_that_is_nowhere_is_refused_in_these_words(how: Manage) -> None:
    want = desired(
        [school(None, local_id="7")],
        [course("c", school_ref_id="gone"), course("d", "gone", name="Course d"), course("e"), course("f", "s")],
        manage=(how, "additive"),
    )
    have = live([school("s", local_id="7")], [course("d", "gone", name="Old"), *(course(f"x{n}") for n in range(9))])
    message = "2 courses (Course c, Course d) would have no school in scope; add the school, or name another one"
    assert _said(want, have) == [("orphaned-course", "courses", message, None)]


def test_a_course_that_names_two_schools_needs_one_of_them_in_scope() -> None:
    want = desired([school("s")], [course("c", "s", school_ref_id="nobodys")], manage=("additive", "exact"))
    assert not _refused(want, live([school("s")]))


TWO = [school("s", school_ref_id="r"), school("t", school_ref_id="q")]


def test_a_course_that_a_file_moves_by_one_of_its_two_names_is_refused_in_these_words() -> None:
    have = live(TWO, [course("c", "s", school_ref_id="r"), course("d", "s", school_ref_id="r")])
    want = desired(TWO, [course("c", school_ref_id="q"), course("d", "s", name="New", school_ref_id="r")])
    message = "1 course (Course c) would name one school by school_id and another by school_ref_id; say both"
    assert _said(want, have) == [("two-schools", "courses", message, None)]


def test_a_course_may_name_one_school_twice_or_a_school_that_nobody_knows() -> None:
    for row in (course("c", "t", school_ref_id="q"), course("c", "t", school_ref_id="?"), course("c", "t")):
        assert not _refused(desired(TWO, [row]), live(TWO))


def test_a_course_that_named_two_schools_before_may_change_otherwise() -> None:
    have = live(TWO, [course("c", "s", school_ref_id="q")])
    assert not _refused(desired(TWO, [course("c", "s", name="New")]), have)


def test_courses_may_name_any_school_where_schools_are_not_managed() -> None:
    assert not _refused(desired(None, [course("c", "gone")]), live([school("s")]))


def test_a_course_that_stays_as_it_is_needs_no_school() -> None:
    have = live([school("s")], [course("c", "gone")])
    assert not _refused(desired([school("s", name="New")], [course("c", "gone")], manage=("additive", "exact")), have)


def test_a_course_that_leaves_needs_no_school() -> None:
    have = live([school("s")], [course("c", "gone"), course("d", "s")])
    assert not _refused(desired([school("s")], [course("d", "s")]), have)


def test_a_blocked_list_is_refused_in_these_words() -> None:
    have = live([school("s")], [course(None, "s", local_id="7"), course("c", "s")])
    want = desired([school("s")], [course(None, "s", local_id="7", name="New"), course("c", "s")], rows_per_call=1)
    assert _said(want, have) == [
        (
            "no-safe-order",
            "courses",
            (
                "no order of calls is safe: 1 row that has no id, or shares one, can only be changed with the whole "
                "list, and 2 courses are more than one call may carry"
            ),
            None,
        )
    ]


def test_protected_rows_are_refused_in_these_words() -> None:
    memory = Remembered(protected={"courses": frozenset({"c", "d", "e"})})
    have = live([], [course("c", name=None), course("d"), course("e"), *(course(f"x{n}") for n in range(40))])
    (refusal,) = plan_tenant(desired(None, have.courses.rows[3:]), have, guards=Guards(), remembered=memory).refusals
    assert refusal.message == "3 courses (c, Course d, Course e) marked protect would be removed"
    assert refusal.allow is not None
    assert refusal.allow["count"] == 3


def test_added_courses_are_counted_by_school_the_schools_in_the_order_of_weight_then_of_id() -> None:
    new = [course(f"n{n}", at) for n, at in enumerate(("s0001", "s0000", "gone", "gone", "s0001", "s0000"))]
    (refusal,) = planned(desired(None, [course("c"), *new]), live(_schools(2), [course("c")])).refusals
    assert refusal.message.startswith("6 courses (2 at gone, 2 at School s0000, 2 at School s0001) of 1 (600%)")
