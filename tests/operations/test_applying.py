"""apply as a program calls it: what it is asked on the way, and what comes back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import scopesync
from scopesync.errors import RefusedError, StaleError, UsageError
from scopesync.operations.applying import moved_since_review
from scopesync.sandbox.sample_districts import districts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scopesync.operations.planning import PlanResult
    from scopesync.operations.progress import Progress
    from scopesync.operations.workspace import Workspace
    from tests.cli.conftest import Live

    Edit = Callable[[str, str, str], None]

SMALL = districts()[3]
NAME = "st-brigids-diocesan-schools-ceatharlach"
FILE = f"tenants/{NAME}.yaml"
NEW = 'schools:\n  - school_id: "5f0e8c1a-1111-4111-8111-000000000001"\n    name: Springfield\n'


class NotConfirmedError(Exception):
    """What a caller's own `confirm` raises."""


def test_a_change_is_made_and_what_became_of_it_comes_back(workspace: Workspace, sandbox: Live, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW)
    result = scopesync.apply(workspace)
    assert (result.changed, result.exit_code, result.unfinished) == (True, 0, ())
    assert {one["tenant"]["name"]: one["status"] for one in result.document["tenants"]}[NAME] == "applied"
    assert len(sandbox.writes) == 1
    again = scopesync.apply(workspace)
    assert (again.changed, again.exit_code) == (False, 0)
    assert len(sandbox.writes) == 1
    assert again.run > result.run


def test_a_caller_that_does_not_confirm_writes_nothing(workspace: Workspace, sandbox: Live, edit: Edit) -> None:
    asked: list[PlanResult] = []

    def confirm(plan: PlanResult) -> None:
        asked.append(plan)
        raise NotConfirmedError

    scopesync.apply(workspace, confirm=confirm)
    assert asked == []  # there was nothing to confirm
    edit(FILE, "schools:\n", NEW)
    with pytest.raises(NotConfirmedError):
        scopesync.apply(workspace, confirm=confirm)
    assert [plan.document["summary"]["create"] for plan in asked] == [1]
    assert not sandbox.writes


def test_a_refused_plan_is_shown_and_never_confirmed(workspace: Workspace, sandbox: Live) -> None:
    head, _, _ = (workspace.root / FILE).read_text("utf-8").partition("courses:")
    (workspace.root / FILE).write_text(f"{head}courses: []\n", "utf-8")
    shown: list[PlanResult] = []
    confirmed: list[PlanResult] = []
    with pytest.raises(RefusedError):
        scopesync.apply(workspace, on_plan=shown.append, confirm=confirmed.append)
    assert [plan.exit_code for plan in shown] == [3]
    assert confirmed == []
    assert not sandbox.writes


def test_another_digest_than_the_expected_is_stale(workspace: Workspace, sandbox: Live, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW)
    expected = scopesync.plan(workspace).digest
    edit(FILE, "name: Springfield", "name: Shelbyville")
    with pytest.raises(StaleError, match="not the one that was reviewed"):
        scopesync.apply(workspace, expect=expected)
    assert not sandbox.writes
    assert scopesync.apply(workspace, expect=scopesync.plan(workspace).digest).exit_code == 0


def test_a_stop_before_the_first_call_leaves_all_of_it_unfinished(
    workspace: Workspace, sandbox: Live, edit: Edit
) -> None:
    edit(FILE, "schools:\n", NEW)
    sending: list[str] = []

    @contextmanager
    def while_sending() -> Iterator[None]:
        sending.append("begun")
        yield
        sending.append("ended")

    result = scopesync.apply(workspace, [NAME], stop=lambda: True, while_sending=while_sending)
    assert (result.exit_code, result.unfinished) == (5, (NAME,))
    assert sending == ["begun", "ended"]
    assert not sandbox.writes


def test_a_saved_plan_says_by_itself_which_tenants_are_meant(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        scopesync.apply(workspace, [NAME], plan=tmp_path / "plan.json")
    with pytest.raises(UsageError):
        scopesync.apply(workspace, labels=["region=midwest"], plan=tmp_path / "plan.json")


def test_what_moved_since_the_review_is_named_for_a_stale_tenant(
    workspace: Workspace, sandbox: Live, edit: Edit, tmp_path: Path
) -> None:
    edit(FILE, "schools:\n", NEW)
    scopesync.plan(workspace).save(tmp_path / "plan.json")
    third = SMALL.schools[2]
    sandbox.store.put(SMALL.id, "schools", {**third, "name": "Theirs"})
    result = scopesync.apply(workspace, plan=tmp_path / "plan.json")
    assert (result.exit_code, result.unfinished) == (4, (NAME,))
    (line,) = moved_since_review(workspace, result)
    assert line.startswith(f"school {third['name']} {third['school_id']}: a plan made now would change it too")


def test_progress_counts_tenants_and_calls(workspace: Workspace, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW)
    events: list[Progress] = []
    scopesync.apply(replace(workspace, on_progress=events.append))
    total = len(districts())
    for stage, sent in (("reading", 0), ("applying", 1)):
        own = [event for event in events if event.stage == stage]
        assert (own[0].happened, own[-1].happened) == ("stage begun", "stage ended")
        assert [event.done for event in own if event.happened == "tenant ended"] == list(range(1, total + 1))
        assert {event.total for event in own} == {total}
        assert own[-1].sent == sent
    (sent_call,) = [event for event in events if event.happened == "call sent"]
    assert sent_call.tenant == NAME
