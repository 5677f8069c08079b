from __future__ import annotations

from datetime import date

import pytest
from rich.cells import cell_len

from scopesync.model import Allow, Guards, Remembered
from scopesync.plan.document import to_document
from scopesync.plan.planner import plan_tenant
from scopesync.plan.types import FailedTenant, Plan
from scopesync.report.outline_text import ROWS
from scopesync.report.renderers import Look, plan_text
from tests.support.builders import TENANT, course, desired, live, planned, school


def _text(*tenants: object) -> str:
    document = to_document(Plan(tenants), tool_version="0", created_at="", source=None)  # type: ignore[arg-type]  # tenants of a plan
    return plan_text(document, form="text")


def test_a_long_list_is_cut_with_exact_counts_of_what_is_left_out() -> None:
    have = [school(f"s{n:03}") for n in range(70)]
    text = _text(planned(desired([*have[30:], *(school(f"t{n:03}") for n in range(60))]), live(have)))
    assert text.count("    - ") + text.count("    + ") == ROWS
    assert "… 40 more to add" in text
    assert "more to remove" not in text


def test_a_tenant_that_could_not_be_read_is_an_error_and_never_in_sync() -> None:
    text = _text(FailedTenant(TENANT, "us2", "unreachable", "no answer in 30 s"))
    assert "error unreachable: no answer in 30 s" in text
    assert "in sync" not in text
    assert "1 tenant could not be compared" in text


@pytest.mark.parametrize("width", [80, 120, 200])
def test_every_line_fits_the_width_in_cells_and_loses_nothing(width: int) -> None:
    names = ["A long name of a school " * 6, "日本語学校" * 20, "unbroken" * 30, "école"]
    want = desired([school(f"s{n}", name=name) for n, name in enumerate(names)], [])
    document = to_document(Plan((planned(want, live()),)), tool_version="0", created_at="", source=None)
    text = plan_text(document, form="text", look=Look(width=width))
    assert max(cell_len(line) for line in text.splitlines()) <= width
    whole = "".join(text.split())
    assert all("".join(name.split()) in whole for name in names)


def test_courses_stand_under_their_school_removals_first() -> None:
    have = live([school("s", name="West"), school("t", name="East")], [course(f"c{n}", "st"[n % 2]) for n in range(10)])
    want = desired(have.schools.rows, [*have.courses.rows[4:], course("new", "s")])
    lines = [line.strip() for line in _text(planned(want, have)).splitlines()]
    rows = [line for line in lines if line.startswith(("at ", "- ", "+ "))]
    assert rows == [
        "at East",
        "- Course c1  c1",
        "- Course c3  c3",
        "at West",
        "- Course c0  c0",
        "- Course c2  c2",
        "at West",
        "+ Course new  new  tenants/springfield.yaml:7",
    ]


def test_a_re_created_school_is_shown_as_a_pair() -> None:
    text = _text(planned(desired([school("new", school_ref_id="R")]), live([school("old", school_ref_id="R")])))
    assert "re-created: added as new, with the same reference" in text
    assert "re-created: removed as old, with the same reference" in text


def test_refusals_stand_before_the_rows_and_counts_before_everything() -> None:
    text = _text(planned(desired([]), live([school("s")])))
    assert text.index("Plan: 1 to remove") < text.index("refused by empty-list") < text.index("- School s")


def test_an_exception_that_was_used_is_said_also_where_nothing_would_change() -> None:
    allow = Allow("collapsed-read", "courses", 1, "Closed for the year", date(2026, 12, 1))
    plan = plan_tenant(
        desired([], [], allow=[allow]), live(), guards=Guards(), remembered=Remembered(rows={"courses": 1})
    )
    said = "  allowed: collapsed-read, 1 course: Closed for the year, until 2026-12-01"
    assert said in _text(plan).splitlines()
    assert "in sync" not in _text(plan)
