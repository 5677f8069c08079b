"""Fault 35: what moved since the review is shown."""

from __future__ import annotations

from scopesync.plan.staleness import MOST, since_review
from tests.support.builders import course, desired, live, planned, school

WANT = desired([school("s"), school("new"), school("t", name="Ours")], [])
THEN = live([school("s"), school("t")])


def _lines(*schools: dict[str, object]) -> list[str]:
    return list(since_review(planned(WANT, THEN), planned(WANT, live(schools))))


def test_nothing_moved_and_nothing_is_said() -> None:
    assert _lines(school("s"), school("t")) == []


def test_a_row_more_a_row_less_and_a_row_with_other_values() -> None:
    assert _lines(school("s"), school("t", name="Theirs"), school("extra")) == [
        "school School extra extra: a plan made now would remove it too",
        "school Ours t: it has other values now",
    ]
    assert _lines(school("s"), school("t"), school("new")) == [
        "school School new new: to add it is no longer needed",
    ]


def test_fields_that_nobody_mentions_can_move_too() -> None:
    assert _lines(school("s", keywords="theirs"), school("t")) == [
        "schools: fields that no file mentions have moved; a new plan makes the same changes"
    ]


def test_fields_that_only_the_server_writes_make_no_plan_stale() -> None:
    """fault 41"""
    assert not _lines(school("s", updated_at="2026-11-25T03:12:00Z"), school("t"))


def test_many_rows_are_counted() -> None:
    have = live([school("s")], [course(f"c{n}") for n in range(MOST + 5)])
    lines = list(since_review(planned(WANT, THEN), planned(WANT, have)))
    assert "… and 5 more courses" in lines
