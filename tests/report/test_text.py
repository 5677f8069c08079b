from __future__ import annotations

from scopesync.plan.document import to_document
from scopesync.plan.types import FailedTenant, Plan
from scopesync.report.documents import plan_text
from scopesync.report.text import ROWS
from tests.support.builders import TENANT, desired, live, planned, school


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
