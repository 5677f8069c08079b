from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from scopesync.model import Allow, ChangeLimit, Guards, Identity
from tests.support.builders import course, desired, live, planned, school

if TYPE_CHECKING:
    from scopesync.model import DesiredTenant, LiveTenant
    from scopesync.plan.types import TenantPlan

UNVERIFIED = Identity("unverified", "no live row names a tenant")
FOREIGN = Identity("foreign", "2 rows name the tenant 99999999-0000-0000-0000-000000000000")


def _schools(count: int, **fields: object) -> list[dict[str, object]]:
    return [school(f"s{n:04}", **fields) for n in range(count)]


def _refused(want: DesiredTenant, have: LiveTenant, guards: Guards | None = None) -> list[str]:
    return [refusal.guard for refusal in planned(want, have, guards=guards).refusals]


@pytest.mark.parametrize(
    ("live_rows", "removed", "refused"),
    [(10, 2, False), (10, 3, True), (5, 1, False), (2, 1, False), (2000, 200, False), (2000, 201, True)],
)
def test_max_removals_bounds_the_share_and_the_count(live_rows: int, removed: int, *, refused: bool) -> None:
    have = _schools(live_rows)
    assert _refused(desired(have[removed:]), live(have)) == ["max-removals"] * refused


@pytest.mark.parametrize(
    ("live_rows", "added", "refused"),
    [(10, 10, False), (10, 11, True), (0, 2000, False), (0, 2001, True), (1900, 2001, True)],
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
