"""history as a program asks it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

import scopesync
from scopesync.errors import LedgerError, UsageError
from scopesync.operations.history import run_record, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.operations.workspace import Workspace

    Edit = Callable[[str, str, str], None]

NAME = "st-brigids-diocesan-schools-ceatharlach"
NEW_ID = "5f0e8c1a-1111-4111-8111-000000000001"


def test_runs_are_found_by_tenant_row_and_time_and_proved(workspace: Workspace, edit: Edit) -> None:
    edit(f"tenants/{NAME}.yaml", "schools:\n", f'schools:\n  - school_id: "{NEW_ID}"\n    name: Springfield\n')
    applied = scopesync.apply(workspace)
    assert [run["id"] for run in scopesync.history(workspace).runs] == [applied.run]
    assert [run["id"] for run in scopesync.history(workspace, NAME, row=NEW_ID).runs] == [applied.run]
    assert scopesync.history(workspace, row="nosuch").runs == []
    assert [call["outcome"] for call in run_record(workspace, applied.run)["tenants"][0]["calls"]] == ["answered"]
    assert verify(workspace, verify(workspace)) == verify(workspace)
    with pytest.raises(LedgerError, match="noted"):
        verify(workspace, "1:" + "0" * 64)
    with pytest.raises(UsageError):
        verify(workspace, "nonsense")


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (datetime(2026, 1, 1), 1),  # noqa: DTZ001 - without a zone it is in UTC
        (datetime(2999, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5))), 1),
    ],
)
def test_a_time_without_a_zone_is_in_utc(workspace: Workspace, edit: Edit, since: datetime, found: int) -> None:
    edit(f"tenants/{NAME}.yaml", "schools:\n", f'schools:\n  - school_id: "{NEW_ID}"\n    name: Springfield\n')
    scopesync.apply(workspace)
    result = scopesync.history(workspace, since=since)
    assert len(result.runs) == found
    asked = result.document["asked"]["since"]
    assert asked is not None
    assert datetime.fromisoformat(asked).tzinfo is not None


def test_where_there_is_no_ledger_that_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(LedgerError, match="no ledger here yet"):
        scopesync.history(workspace)
