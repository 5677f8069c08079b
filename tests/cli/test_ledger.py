"""What the ledger remembers: undo, drift with memory, guards that ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.sandbox.sample_districts import districts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Live, Shell

    Edit = Callable[[str, str, str], None]

SMALL = districts()[3]
NAME = "st-brigids-diocesan-schools-ceatharlach"
FILE = f"tenants/{NAME}.yaml"
FIRST, SECOND = (school["name"] for school in SMALL.schools[:2])
NEW_ID = "5f0e8c1a-1111-4111-8111-000000000001"
NEW = f'schools:\n  - school_id: "{NEW_ID}"\n    name: Springfield\n'


def _names(sandbox: Live) -> set[str]:
    return {row["name"] for row in sandbox.store.rows(SMALL.id, "schools")}


def test_undo_plans_to_take_a_run_back_and_apply_does_it(applied: Shell, sandbox: Live, tmp_path: Path) -> None:
    (run,) = applied("history", "--format", "json").document["runs"]
    saved = str(tmp_path / "undo.json")
    planned = applied("undo", str(run["id"]), "--out", saved, "--format", "json")
    assert planned.code == 0
    assert planned.document["summary"] | {"delete": 1, "update": 1, "create": 0} == planned.document["summary"]
    assert applied("apply", "--plan", saved, "--yes").code == 0
    assert _names(sandbox) == {school["name"] for school in SMALL.schools}
    assert applied("undo", "9999").code == 64
    assert "revert it there too" in applied("undo", str(run["id"])).err


def test_drift_tells_what_somebody_moved_from_what_waits_to_be_applied(
    applied: Shell, sandbox: Live, edit: Edit
) -> None:
    third = SMALL.schools[2]
    sandbox.store.put(SMALL.id, "schools", {**third, "name": "Theirs"})
    edit(FILE, f"name: {SECOND}", "name: Ours")
    edit(FILE, "name: Renamed", "name: Wanted")
    sandbox.store.put(SMALL.id, "schools", {**SMALL.schools[0], "name": "Wild"})
    document = applied("drift", "--format", "json").document
    (tenant,) = [one for one in document["tenants"] if one["tenant"]["id"] == SMALL.id]
    found = {one["live"]["name"]: one["moved_by"] for one in tenant["lists"]["schools"]["differences"]}
    assert found == {"Theirs": "moved by another client", SECOND: "not applied yet", "Wild": "both"}
    assert "moved by another client" in applied("drift").out


def test_without_a_ledger_drift_says_that_it_cannot_know(fleet: Shell, edit: Edit) -> None:
    edit(FILE, f"name: {SECOND}", "name: Ours")
    ended = fleet("drift")
    assert "there is no ledger here: who moved a row is not known" in ended.out


def test_a_list_that_had_rows_and_reads_empty_is_refused(applied: Shell, sandbox: Live) -> None:
    """Fault 17."""
    sandbox.store.replace(SMALL.id, "courses", [])
    before = len(sandbox.writes)
    ended = applied("apply", "--yes")
    assert ended.code == 3
    assert "collapsed-read" in ended.out
    assert len(sandbox.writes) == before


def test_a_row_that_was_protected_when_it_was_applied_is_not_removed(fleet: Shell, sandbox: Live, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW + "    protect: true\n")
    assert fleet("apply", "--yes").code == 0
    edit(FILE, NEW + "    protect: true\n", "schools:\n")
    ended = fleet("apply", "--yes")
    assert ended.code == 3
    assert "protected-row" in ended.out
    assert "Springfield" in _names(sandbox)


def test_what_was_in_sync_is_remembered_too(fleet: Shell, sandbox: Live) -> None:
    assert fleet("apply", "--yes").code == 0
    sandbox.store.replace(SMALL.id, "courses", [])
    assert "collapsed-read" in fleet("plan").out


def test_a_ledger_that_cannot_be_written_stops_everything_before_the_first_call(
    fleet: Shell, sandbox: Live, edit: Edit
) -> None:
    """Fault 33."""
    edit(FILE, f"name: {FIRST}", "name: Renamed")
    (fleet.root / ".scopesync").mkdir()
    (fleet.root / ".scopesync" / "ledger.db").write_text("this is no ledger")
    ended = fleet("apply", "--yes")
    assert ended.code == 1
    assert "ledger" in ended.err
    assert not sandbox.writes
