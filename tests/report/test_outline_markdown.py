from __future__ import annotations

import pytest

from scopesync.plan.document import to_document
from scopesync.plan.types import Plan
from scopesync.report.outline_markdown import MOST_CHARACTERS
from scopesync.report.renderers import plan_text
from tests.support.builders import course, desired, live, planned, school


@pytest.mark.parametrize("changes", [1, 300, 5000])
def test_a_comment_stays_under_the_limit_with_exact_counts(changes: int) -> None:
    """Fault 38."""
    have = live([school("s")], [course(f"c{n:05}", "s", name="A long name | with ` marks" * 3) for n in range(changes)])
    plan = planned(desired([school("s")], []), have)
    document = to_document(Plan((plan,)), tool_version="0", created_at="", source=None)
    text = plan_text(document, form="markdown")
    assert len(text) <= MOST_CHARACTERS
    assert f"{changes:,} to remove" in text
    shown = text.count("| `-` |")
    assert shown == changes or f"{changes - shown:,} more to remove" in text


def test_a_fleet_too_large_to_list_is_summed_up() -> None:
    """Fault 38."""
    tenant = planned(desired([school("s")]), live([]))
    document = to_document(Plan((tenant,) * 2000), tool_version="0", created_at="", source=None)
    text = plan_text(document, form="markdown")
    assert len(text) <= MOST_CHARACTERS
    assert "2,000 to add" in text
    assert "more tenants" in text
