"""plan, drift, undo and import as a program calls them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING

import pytest

import scopesync
from scopesync.errors import ConfigurationError, UsageError
from scopesync.sandbox.sample_districts import districts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scopesync.errors import Problem
    from scopesync.operations.workspace import Workspace
    from tests.cli.conftest import Live

    Edit = Callable[[str, str, str], None]

SMALL = districts()[3]
NAME = "st-brigids-diocesan-schools-ceatharlach"
FILE = f"tenants/{NAME}.yaml"


def test_results_are_frozen_and_say_what_their_documents_say(workspace: Workspace, edit: Edit) -> None:
    assert scopesync.plan(workspace).changed is False
    edit(FILE, f"name: {SMALL.schools[0]['name']}", "name: Renamed")
    result = scopesync.plan(workspace, [SMALL.id])
    assert (result.changed, result.exit_code, result.failure_code) == (True, 0, 0)
    assert result.document["summary"]["update"] == 1
    assert [tenant.tenant.name for tenant in result.plan.planned] == [NAME]
    with pytest.raises(FrozenInstanceError):
        result.unmanaged = ()  # type: ignore[misc]  # that is what is tested


def test_a_tenant_that_cannot_be_read_is_in_the_result_with_the_reason(workspace: Workspace) -> None:
    blind = replace(workspace, environment=type(workspace.environment)({}))
    for result in (scopesync.plan(blind), scopesync.drift(blind)):
        assert result.exit_code == 6
        assert {failed.kind for failed in result.plan.failed} == {"credential"}
        assert len(result.plan.failed) == len(districts())


def test_a_file_that_is_wrong_raises_every_problem(workspace: Workspace) -> None:
    (workspace.root / FILE).write_text("version: 1\nshcools: []\n")
    with pytest.raises(ConfigurationError) as caught:
        scopesync.plan(workspace)
    assert {problem.file for problem in caught.value.problems} == {FILE}


def test_warnings_reach_the_listener_and_no_one_else(
    workspace: Workspace, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    edit("scopesync.yaml", "tenants/*.yaml", "[tenants/*.yaml, none/*.yaml]")
    notified: list[Sequence[Problem]] = []
    scopesync.plan(replace(workspace, on_problems=notified.append))
    assert [problem.file for problems in notified for problem in problems] == ["scopesync.yaml"]
    scopesync.plan(workspace)
    scopesync.import_(replace(workspace, on_problems=notified.append), [NAME])
    assert len(notified) == 1
    assert tuple(capsys.readouterr()) == ("", "")


def test_drift_says_who_moved_a_row_and_undo_takes_a_run_back(
    workspace: Workspace, sandbox: Live, edit: Edit, tmp_path: Path
) -> None:
    name = SMALL.schools[0]["name"]
    edit(FILE, f"name: {name}", "name: Renamed")
    applied = scopesync.apply(workspace)
    sandbox.store.put(SMALL.id, "schools", {**SMALL.schools[1], "name": "Theirs"})
    drifted = scopesync.drift(workspace, [NAME])
    assert (drifted.changed, drifted.exit_code, drifted.document["memory"]) == (True, 0, True)
    sandbox.store.put(SMALL.id, "schools", SMALL.schools[1])
    taking_back = scopesync.undo(workspace, applied.run)
    taking_back.save(tmp_path / "undo.json")
    assert scopesync.apply(workspace, plan=tmp_path / "undo.json").exit_code == 0
    assert name in {row["name"] for row in sandbox.store.rows(SMALL.id, "schools")}
    with pytest.raises(UsageError):
        scopesync.undo(workspace, 9999)


def test_import_writes_what_is_live_and_says_which_tenants_it_could_not_read(
    workspace: Workspace, sandbox: Live
) -> None:
    (workspace.root / FILE).unlink()
    result = scopesync.import_(workspace, everything=True)
    assert (result.changed, result.exit_code, result.unread) == (True, 0, ())
    assert [one.tenant.id for one in result.imported if one.is_new] == [SMALL.id]
    assert scopesync.plan(workspace).changed is False
    assert scopesync.import_(workspace, [NAME]).changed is False
    assert not sandbox.writes
