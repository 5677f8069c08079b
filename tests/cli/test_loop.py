"""The whole loop over a real socket: import, plan, edit, apply, tamper, drift, repair."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.sample_districts import districts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Live, Shell

    Edit = Callable[[str, str, str], None]

SMALL = districts()[3]
FILE = "tenants/st-brigids-diocesan-schools-ceatharlach.yaml"
NAME = "st-brigids-diocesan-schools-ceatharlach"
SCHOOL = SMALL.schools[0]
NEW = 'schools:\n  - school_id: "5f0e8c1a-1111-4111-8111-000000000001"\n    name: Springfield\n'


def _changes(document: dict[str, Any]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [
        (part, change["action"], change["name"], tuple(change["fields"]))
        for tenant in document["tenants"]
        for part, found in tenant["lists"].items()
        for change in found["changes"]
    ]


def test_after_import_a_plan_is_empty_and_nothing_was_written(fleet: Shell, sandbox: Live) -> None:
    ended = fleet("plan", "--detailed-exitcode", "--format", "json")
    assert ended.code == 0
    assert ended.document["summary"]["unchanged"] == sum(len(one.schools) + len(one.courses) for one in districts())
    assert not sandbox.writes


def test_an_edit_is_planned_applied_and_proved(fleet: Shell, sandbox: Live, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW)
    edit(FILE, f"name: {SCHOOL['name']}", "name: Renamed")
    planned = fleet("plan", "--detailed-exitcode", "--format", "json")
    assert planned.code == 2
    assert _changes(planned.document) == [
        ("schools", "create", "Springfield", ()),
        ("schools", "update", "Renamed", ("name",)),
    ]
    assert not sandbox.writes
    applied = fleet("apply", "--yes")
    assert applied.code == 0
    assert "live equals desired (2 of 2 calls)" in applied.out
    assert {"Springfield", "Renamed"} <= {row["name"] for row in sandbox.store.rows(SMALL.id, "schools")}
    assert fleet("plan", "--detailed-exitcode").code == 0


def test_what_somebody_else_changed_is_drift_and_apply_repairs_it(fleet: Shell, sandbox: Live) -> None:
    sandbox.store.put(SMALL.id, "schools", {**SCHOOL, "name": "Tampered"})
    drifted = fleet("drift", "--detailed-exitcode", "--format", "json")
    assert drifted.code == 2
    (tenant,) = [one for one in drifted.document["tenants"] if one["tenant"]["id"] == SMALL.id]
    (difference,) = tenant["lists"]["schools"]["differences"]
    assert (difference["state"], difference["live"]["name"], difference["desired"]["name"]) == (
        "different",
        "Tampered",
        SCHOOL["name"],
    )
    assert fleet("apply", "--yes").code == 0
    assert fleet("drift", "--detailed-exitcode").code == 0


def test_tenants_lists_what_the_key_sees_without_any_secret(fleet: Shell) -> None:
    ended = fleet("tenants", "--format", "json")
    assert ended.code == 0
    assert {(one["id"], one["file"]) for one in ended.document["tenants"]} >= {(SMALL.id, FILE)}
    assert "expired" in fleet("tenants").out
    assert not any(one.client_secret in ended.out for one in districts())


def test_a_file_that_is_there_is_kept_by_import_unless_forced(fleet: Shell, edit: Edit) -> None:
    """Fault 69."""
    edit(FILE, f"name: {SCHOOL['name']}", "name: Mine")
    kept = fleet("import", "--all")
    assert kept.code == 0
    assert f"left {FILE}" in kept.err
    assert "name: Mine" in (fleet.root / FILE).read_text("utf-8")
    assert fleet("import", NAME, "--force").code == 0
    assert "name: Mine" not in (fleet.root / FILE).read_text("utf-8")


def test_a_refused_plan_writes_nothing_for_anybody(fleet: Shell, sandbox: Live, edit: Edit) -> None:
    """Invariant 6."""
    edit("tenants/riverbend-unified-school-district-204.yaml", "schools:\n", NEW)
    path = fleet.root / FILE
    head, _, _ = path.read_text("utf-8").partition("courses:")
    path.write_text(f"{head}courses: []\n", "utf-8")
    assert fleet("plan").code == 3
    refused = fleet("apply", "--yes")
    assert refused.code == 3
    assert "empty-list" in refused.out
    assert "guard: empty-list, list: courses, count: 18" in " ".join(refused.out.split())
    assert not sandbox.writes


def test_a_saved_plan_is_applied_as_it_was_reviewed(fleet: Shell, sandbox: Live, edit: Edit, tmp_path: Path) -> None:
    edit(FILE, "schools:\n", NEW)
    saved = str(tmp_path / "plan.json")
    assert fleet("plan", "--out", saved).code == 0
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600
    assert "Springfield" in fleet("show", saved).out
    edit(FILE, "name: Springfield", "name: Something else")
    assert fleet("apply", "--plan", saved, "--yes").code == 0
    assert "Springfield" in {row["name"] for row in sandbox.store.rows(SMALL.id, "schools")}
    assert len(sandbox.writes) == 1


def test_the_digest_of_a_saved_plan_is_what_apply_expects(fleet: Shell, edit: Edit, tmp_path: Path) -> None:
    edit(FILE, "schools:\n", NEW)
    saved = tmp_path / "plan.json"
    planned = fleet("plan", "--out", str(saved), "--format", "json").document
    shown = fleet("show", str(saved), "--digest")
    assert (shown.code, shown.out, shown.err) == (0, f"{planned['digest']}\n", "")
    assert fleet("apply", "--expect", shown.out.strip(), "--yes").code == 0
    saved.write_text(saved.read_text("utf-8").replace("Springfield", "Shelbyville"), "utf-8")
    damaged = fleet("show", str(saved), "--digest")
    assert (damaged.code, damaged.out) == (4, "")
    assert "was edited" in damaged.err


@pytest.mark.parametrize("words", [["--format", "json"], ["--format", "text"], ["--full"]])
def test_a_digest_alone_has_no_other_form(shell: Shell, words: list[str]) -> None:
    ended = shell("show", "plan.json", "--digest", *words)
    assert ended.code == 64
    assert "leave out --format and --full" in ended.out + ended.err


def test_a_saved_plan_is_stale_when_the_live_side_has_moved(
    fleet: Shell, sandbox: Live, edit: Edit, tmp_path: Path
) -> None:
    """Fault 35."""
    edit(FILE, "schools:\n", NEW)
    saved = str(tmp_path / "plan.json")
    fleet("plan", "--out", saved)
    sandbox.store.put(SMALL.id, "courses", {**SMALL.courses[0], "name": "Moved"})
    stale = fleet("apply", "--plan", saved, "--yes")
    assert stale.code == 4
    assert "courses (rows then: 18, now: 18)" in stale.out
    assert (
        f"course {SMALL.courses[0]['name']} {SMALL.courses[0]['course_id']}: a plan made now would change it too"
        in (stale.out)
    )
    assert "make a new plan" in stale.err
    assert "scopesync apply" not in stale.err
    assert not sandbox.writes


@pytest.mark.parametrize("damage", ["edited", "truncated", "newer", "not a plan"])
def test_a_saved_plan_that_is_not_what_was_written_is_refused(
    fleet: Shell, sandbox: Live, edit: Edit, tmp_path: Path, damage: str
) -> None:
    """Fault 34."""
    edit(FILE, "schools:\n", NEW)
    path = tmp_path / "plan.json"
    fleet("plan", "--out", str(path))
    text = path.read_text("utf-8")
    path.write_text(
        {
            "edited": text.replace("Springfield", "Shelbyville"),
            "truncated": text[:-100],
            "newer": text.replace('"format_version": "1"', '"format_version": "2"'),
            "not a plan": json.dumps({"format_version": "1"}),
        }[damage],
        "utf-8",
    )
    refused = fleet("apply", "--plan", str(path), "--yes")
    assert refused.code == 4
    assert str(path) in refused.err
    assert not sandbox.writes


def test_a_plan_file_that_is_not_there_is_a_mistyped_name(fleet: Shell, tmp_path: Path) -> None:
    assert fleet("apply", "--plan", str(tmp_path / "nosuch.json"), "--yes").code == 64


def test_expect_refuses_another_change_than_the_reviewed_one(fleet: Shell, sandbox: Live, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW)
    digest = fleet("plan", "--format", "json").document["digest"]
    edit(FILE, "name: Springfield", "name: Shelbyville")
    assert fleet("apply", "--yes", "--expect", digest).code == 4
    assert not sandbox.writes
    edit(FILE, "name: Shelbyville", "name: Springfield")
    assert fleet("apply", "--yes", "--expect", digest).code == 0
    assert len(sandbox.writes) == 1


def test_without_a_terminal_a_missing_yes_is_an_error_that_names_it(fleet: Shell, sandbox: Live, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW)
    ended = fleet("apply")
    assert ended.code == 64
    assert "--yes" in ended.err
    assert not sandbox.writes


def test_one_tenant_that_cannot_be_read_has_no_plan_and_the_others_go_on(
    fleet: Shell, sandbox: Live, edit: Edit
) -> None:
    """Invariant 8."""
    edit("tenants/riverbend-unified-school-district-204.yaml", "schools:\n", NEW)
    edit(FILE, f'tenant: "{SMALL.id}"', "tenant: 00000000-0000-4000-8000-000000000000")
    planned = fleet("plan", "--format", "json")
    assert planned.code == 6
    (failed,) = [one for one in planned.document["tenants"] if one["error"]]
    assert failed["tenant"]["name"] == NAME
    assert failed["lists"] == {}
    applied = fleet("apply", "--yes")
    assert applied.code == 6
    assert "to go on" not in applied.err  # the tenant without a plan is the reader's next step, not apply's
    assert sandbox.writes == ["POST /v2/interop/tenant/scoping/schools"]


def test_tenants_are_chosen_by_name(fleet: Shell) -> None:
    assert [one["tenant"]["name"] for one in fleet("plan", NAME, "--format", "json").document["tenants"]] == [NAME]
    unknown = fleet("plan", NAME.removesuffix("h"))
    assert unknown.code == 64
    assert NAME in unknown.err


@pytest.mark.parametrize("sandbox", [{"read_only": True}], indirect=True)
def test_an_apply_that_did_not_end_well_says_what_is_left_and_the_command_to_go_on(
    fleet: Shell, sandbox: Live, edit: Edit
) -> None:
    """Fault 30."""
    edit(FILE, "schools:\n", NEW)
    ended = fleet("apply", "--yes")
    assert ended.code == 5
    assert "not done: schools Springfield" in ended.out
    assert f"to go on: scopesync apply {NAME} --yes" in ended.err
    assert len(sandbox.writes) == 2  # a 403 is tried once more, with a new token


def test_an_allow_that_was_withdrawn_after_the_review_no_longer_counts(
    fleet: Shell, sandbox: Live, tmp_path: Path
) -> None:
    path = fleet.root / FILE
    head, _, _ = path.read_text("utf-8").partition("courses:")
    allow = "allow:\n" + "".join(
        f"  - {{guard: {guard}, list: courses, count: 18, reason: Pilot over, expires: 2999-01-01}}\n"
        for guard in ("empty-list", "max-removals")
    )
    path.write_text(f"{head}courses: []\n{allow}", "utf-8")
    saved = str(tmp_path / "plan.json")
    assert fleet("plan", "--out", saved).code == 0
    path.write_text(f"{head}courses: []\n", "utf-8")
    ended = fleet("apply", "--plan", saved, "--yes")
    assert ended.code == 3
    assert not sandbox.writes


def test_a_tenant_id_in_other_letters_is_the_same_tenant(fleet: Shell, edit: Edit) -> None:
    """Fault 44."""
    edit(FILE, "schools:\n", NEW + "    protect: true\n")
    assert fleet("apply", "--yes").code == 0
    edit(FILE, NEW + "    protect: true\n", "schools:\n")
    edit(FILE, SMALL.id, SMALL.id.upper())
    ended = fleet("apply", "--yes")
    assert ended.code == 3
    assert "protected-row" in ended.out
