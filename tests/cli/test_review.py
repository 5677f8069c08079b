"""What a reviewer asks: whose change is it, which tenants does a branch touch, why is this row here."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scopesync.plan.seal import sealed
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


def _git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(fleet: Shell) -> Shell:
    _git(fleet.root, "init", "-q")
    _git(fleet.root, "add", ".")
    _git(fleet.root, "commit", "-qm", "base")
    return fleet


def test_base_says_whose_each_change_is(repository: Shell, sandbox: Live, edit: Edit) -> None:
    sandbox.store.put(SMALL.id, "schools", {**SMALL.schools[0], "name": "Moved on the live side"})
    edit(FILE, f"name: {SECOND}", "name: Renamed on the branch")
    ended = repository("plan", NAME, "--base", "HEAD", "--format", "json")
    assert ended.code == 0
    changes = ended.document["tenants"][0]["lists"]["schools"]["changes"]
    assert {change["after"]["name"]: change["whose"] for change in changes} == {
        FIRST: "already pending",
        "Renamed on the branch": "this branch",
    }
    assert "asked for by: this branch" in repository("plan", NAME, "--base", "HEAD").out


def test_changed_since_limits_a_plan_to_the_tenants_that_a_branch_touches(repository: Shell, edit: Edit) -> None:
    assert repository("plan", "--changed-since", "HEAD", "--format", "json").document["tenants"] == []
    edit(FILE, f"name: {FIRST}", "name: Renamed")
    (tenant,) = repository("plan", "--changed-since", "HEAD", "--format", "json").document["tenants"]
    assert tenant["tenant"]["id"] == SMALL.id


@pytest.mark.parametrize("option", ["--base", "--changed-since"])
def test_a_tenant_whose_file_is_gone_is_said_to_be_left_as_it_is(repository: Shell, option: str) -> None:
    """Fault 2."""
    (repository.root / FILE).unlink()
    ended = repository("plan", option, "HEAD")
    assert ended.code == 0
    assert f"{NAME} has no file any more: its live lists stay as they are" in ended.err


@pytest.mark.parametrize("option", ["--base", "--changed-since"])
def test_a_commit_that_is_not_here_is_said_in_words(repository: Shell, option: str) -> None:
    ended = repository("plan", option, "nowhere")
    assert ended.code == 64
    assert "no commit 'nowhere'" in ended.err
    assert "fetch" in ended.err


def test_a_base_without_a_project_leaves_every_change_to_this_branch(repository: Shell, sandbox: Live) -> None:
    """Fault 68."""
    sandbox.store.put(SMALL.id, "schools", {**SMALL.schools[0], "name": "Moved on the live side"})
    _git(repository.root, "rm", "-qr", "--cached", ".")
    _git(repository.root, "commit", "-qm", "nothing")
    ended = repository("plan", NAME, "--base", "HEAD", "--format", "json")
    (change,) = ended.document["tenants"][0]["lists"]["schools"]["changes"]
    assert (ended.code, change["whose"]) == (0, "this branch")
    planned = repository("plan", "--changed-since", "HEAD", "--format", "json").document["tenants"]
    assert len(planned) == len(repository("plan", "--format", "json").document["tenants"]) > 1


def test_where_the_files_of_a_commit_are_faulty_every_tenant_is_planned_and_told(repository: Shell, edit: Edit) -> None:
    """Fault 68."""
    edit(FILE, "version: 1", "version: one")
    _git(repository.root, "commit", "-qam", "faulty")
    edit(FILE, "version: one", "version: 1")
    ended = repository("plan", "--changed-since", "HEAD", "--format", "json")
    assert ended.code == 0
    assert len(ended.document["tenants"]) > 1
    assert "where this branch left HEAD are faulty: nothing is compared with them" in ended.err


@pytest.mark.parametrize("option", ["--base", "--changed-since"])
def test_a_tenant_that_came_to_the_base_since_has_not_lost_its_file(repository: Shell, option: str) -> None:
    """Fault 68: a branch behind its base."""
    _git(repository.root, "tag", "whole")
    _git(repository.root, "rm", "-q", FILE)
    _git(repository.root, "commit", "-qm", "without")
    _git(repository.root, "checkout", "-qb", "base")
    _git(repository.root, "revert", "--no-edit", "HEAD")
    _git(repository.root, "checkout", "-q", "HEAD^")
    ended = repository("plan", option, "base")
    assert ended.code == 0
    assert "has no file any more" not in ended.err
    assert f"{NAME} has no file any more" in repository("plan", option, "whole").err


def test_explain_says_who_asks_what_is_live_and_what_a_plan_does(fleet: Shell, edit: Edit) -> None:
    edit(FILE, f"name: {FIRST}", "name: Renamed")
    ended = fleet("explain", NAME, SMALL.schools[0]["school_id"])
    assert ended.code == 0
    assert f"asked for at {FILE}:" in ended.out
    assert f'"{FIRST}"' in ended.out
    assert "changes name, in call 1" in ended.out
    assert fleet("explain", NAME, FIRST, "--format", "json").document["rows"][0]["list"] == "schools"
    assert fleet("explain", NAME, "nobody").code == 64


def test_explain_names_a_courses_school_and_fits_the_terminal(fleet: Shell) -> None:
    fleet.environ["COLUMNS"] = "80"
    course = SMALL.courses[0]
    (school,) = (one["name"] for one in SMALL.schools if one["school_id"] == course["school_id"])
    lines = fleet("explain", NAME, course["course_id"]).out.splitlines()
    assert f"  school: {school}" in lines
    assert max(map(len, lines)) <= 80


def test_a_saved_plan_expires(fleet: Shell, sandbox: Live, edit: Edit, tmp_path: Path) -> None:
    """Fault 34."""
    edit(FILE, f"name: {FIRST}", "name: Renamed")
    saved = tmp_path / "plan.json"
    with (fleet.root / "scopesync.yaml").open("a") as file:
        file.write("plans: {expire_after_h: 2}\n")
    fleet("plan", "--out", str(saved))
    document = json.loads(saved.read_text())
    seal = document.pop("seal")
    assert seal["expires_at"][:13] == _later(document["created_at"], hours=2)[:13]
    past = sealed(document, project=seal["project"], expires_at="2026-01-01T00:00:00+00:00")
    saved.write_text(json.dumps(past))
    ended = fleet("apply", "--plan", str(saved), "--yes")
    assert ended.code == 4
    assert "expired at 2026-01-01" in ended.err
    assert not sandbox.writes


def _later(time: str, *, hours: int) -> str:
    return (datetime.fromisoformat(time) + timedelta(hours=hours)).isoformat(timespec="seconds")


def test_a_plan_of_another_project_is_refused(fleet: Shell, sandbox: Live, edit: Edit, tmp_path: Path) -> None:
    """Fault 34."""
    edit(FILE, f"name: {FIRST}", "name: Renamed")
    saved = str(tmp_path / "plan.json")
    fleet("plan", "--out", saved)
    edit("scopesync.yaml", sandbox.base_url, sandbox.base_url.replace("127.0.0.1", "localhost"))
    ended = fleet("apply", "--plan", saved, "--yes")
    assert ended.code == 4
    assert "other connections" in ended.err
    assert not sandbox.writes


def test_full_shows_every_row(fleet: Shell) -> None:
    path = fleet.root / "tenants" / "riverbend-unified-school-district-204.courses.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[101:]]), "utf-8")
    short, full = fleet("plan"), fleet("plan", "--full")
    assert "50 more to remove (--full shows all)" in short.out
    assert short.out.count("\n      - ") == 50
    assert full.out.count("\n      - ") == 100
