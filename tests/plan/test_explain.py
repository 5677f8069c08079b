from __future__ import annotations

from typing import Any

import pytest

from scopesync.errors import UsageError
from scopesync.plan.explain import explanation
from scopesync.report.explain import explain_text
from tests.support.builders import course, desired, live, planned, school

HAVE = live([school("s"), school("old", local_id="0042")], [course("c", "s"), course("d", "s"), course("e", "old")])
WANT = desired(
    [school("s"), school("new", school_ref_id="R")],
    [course("c", "s", name="Renamed"), course("d", "s")],
)


def _rows(words: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = explanation(WANT, HAVE, planned(WANT, HAVE), words)["rows"]
    return rows


@pytest.mark.parametrize(
    ("words", "key", "change", "calls"),
    [
        ("new", "new", "create", [2]),
        ("R", "new", "create", [2]),
        ("0042", "old", "delete", [4]),
        ("c", "c", "update", [3]),
    ],
)
def test_a_row_is_found_by_what_people_call_it(words: str, key: str, change: str, calls: list[int]) -> None:
    (row,) = _rows(words)
    assert (row["key"], row["change"]["action"], row["calls"]) == (key, change, calls)


def test_an_explanation_says_who_asks_what_is_live_and_what_a_plan_does() -> None:
    text = explain_text(explanation(WANT, HAVE, planned(WANT, HAVE), "c"))
    assert text.splitlines() == [
        "courses: Course c  c",
        '  files: asked for at tenants/springfield.yaml:1: course_id "c", school_id "s", name "Renamed", selected true',
        f'  live: tenant_id "{HAVE.tenant.id}", course_id "c", school_id "s", name "Course c", selected true',
        "  plan: changes name, in call 3 (2 calls touching only the rows that change)",
    ]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("d", "  plan: does nothing: live has every field as the files want it"),
        ("old", "  plan: removes it, in call 4 (2 calls touching only the rows that change)"),
        ("new", "  live: not there"),
        ("old", "  files: no row asks for it"),
    ],
)
def test_each_state_has_its_words(words: str, line: str) -> None:
    assert line in explain_text(explanation(WANT, HAVE, planned(WANT, HAVE), words)).splitlines()


@pytest.mark.parametrize(
    ("want", "line"),
    [
        (desired(), "  plan: does nothing with a list that is not managed"),
        (desired([], manage=("additive", "exact")), "  plan: does nothing: nothing is removed from an additive list"),
    ],
)
def test_a_row_that_is_left_alone_says_why(want: Any, line: str) -> None:
    have = live([school("s")])
    assert line in explain_text(explanation(want, have, planned(want, have), "s")).splitlines()


def test_a_row_that_nobody_knows_is_an_error_that_says_what_to_say() -> None:
    with pytest.raises(UsageError, match="neither in its files nor live"):
        _rows("nobody")
