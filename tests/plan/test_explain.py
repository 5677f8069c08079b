from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.errors import UsageError
from scopesync.plan.explain import explanation
from scopesync.report.explain_text import explain_text
from tests.support.builders import course, desired, live, planned, school

if TYPE_CHECKING:
    from scopesync.model import DesiredTenant, LiveTenant

HAVE = live([school("s"), school("old", local_id="0042")], [course("c", "s"), course("d", "s"), course("e", "old")])
WANT = desired(
    [school("s"), school("new", school_ref_id="R")],
    [course("c", "s", name="Renamed"), course("d", "s")],
)


def _rows(words: str, want: DesiredTenant = WANT) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = explanation(want, HAVE, planned(want, HAVE), words)["rows"]
    return rows


def _text(want: DesiredTenant, have: LiveTenant, words: str, *, width: int = 200) -> list[str]:
    return explain_text(explanation(want, have, planned(want, have), words), width=width).splitlines()


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
    assert _text(WANT, HAVE, "c") == [
        "courses: Course c  c",
        "  school: School s",
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
    assert line in _text(WANT, HAVE, words)


@pytest.mark.parametrize(
    ("want", "line"),
    [
        (desired(), "  plan: does nothing with a list that is not managed"),
        (desired([], manage=("additive", "exact")), "  plan: does nothing: nothing is removed from an additive list"),
    ],
)
def test_a_row_that_is_left_alone_says_why(want: Any, line: str) -> None:
    assert line in _text(want, live([school("s")]), "s")


def test_a_course_names_the_school_that_it_comes_to() -> None:
    want = desired([school("s"), school("new", name="North")], [course("c", "new"), course("d", "s")])
    rows = {row["key"]: row for words in ("c", "d", "s") for row in _rows(words, want)}
    assert {key: row["school"] for key, row in rows.items()} == {"c": "North", "d": "School s", "s": None}
    assert "  school: North" in _text(want, HAVE, "c")


def test_every_line_fits_the_width_and_loses_nothing() -> None:
    wide = "".join("".join(_text(WANT, HAVE, "c")).split())
    narrow = _text(WANT, HAVE, "c", width=80)
    assert max(map(len, narrow)) <= 80
    assert "".join("".join(narrow).split()) == wide


def test_a_row_that_nobody_knows_is_an_error_that_says_what_to_say() -> None:
    with pytest.raises(UsageError, match="neither in its files nor live"):
        _rows("nobody")
