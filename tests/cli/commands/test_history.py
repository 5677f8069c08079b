"""What was done, and the proof that nothing was rewritten."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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


def test_history_says_who_did_what_and_where_it_was_decided(applied: Shell) -> None:
    ended = applied("history")
    assert ended.code == 0
    assert "apply by lisa on" in ended.out
    assert "https://ci.example/jobs/7" in ended.out
    assert "-0 +1 ~1: applied" in ended.out


def test_history_is_asked_by_tenant_by_row_and_by_time(applied: Shell) -> None:
    (run,) = applied("history", NAME, "--format", "json").document["runs"]
    assert run["tenants"][0]["tenant"]["id"] == SMALL.id
    assert len(applied("history", "row", NEW_ID, "--format", "json").document["runs"]) == 1
    assert applied("history", "row", SMALL.schools[1]["school_id"], "--format", "json").document["runs"] == []
    assert applied("history", "--since", "2999-01-01", "--format", "json").document["runs"] == []


def test_history_says_what_it_knows_nothing_of(applied: Shell) -> None:
    ended = applied("history", "row", "nosuch")
    assert (ended.code, ended.out) == (0, 'No run in this ledger touched the school or course "nosuch"\n')
    unknown = applied("history", "nosuch")
    assert unknown.code == 64
    assert 'no run in this ledger concerns a tenant with the name or id "nosuch"' in unknown.err
    assert applied("history", "show", "nosuch").code == 64
    in_sync = "te-matau-a-maui-hawkes-bay-kahui-ako"
    assert applied("history", in_sync).out == f"No run in this ledger had anything to change in {in_sync}\n"


def test_history_of_a_row_is_who_let_it_in_and_who_took_it_out(
    fleet: Shell, sandbox: Live, edit: Edit, tmp_path: Path
) -> None:
    """A stale run of two tenants meant to add the row and added nothing; one added it, its undo removed it."""
    saved = str(tmp_path / "plan.json")
    edit(FILE, "schools:\n", NEW)
    edit("tenants/te-matau-a-maui-hawkes-bay-kahui-ako.yaml", "    name: ", "    name: The ")
    assert fleet("plan", "--out", saved).code == 0
    sandbox.store.put(SMALL.id, "schools", {**SMALL.schools[2], "name": "Theirs"})
    assert fleet("apply", "--plan", saved, "--yes").code == 5
    assert fleet("history", "row", NEW_ID, "--format", "json").document["runs"] == []
    sandbox.store.put(SMALL.id, "schools", SMALL.schools[2])
    assert fleet("apply", "--yes").code == 0
    (run,) = fleet("history", "row", NEW_ID, "--format", "json").document["runs"]
    assert fleet("undo", str(run["id"]), "--out", saved).code == 0
    assert fleet("apply", "--plan", saved, "--yes").code == 0
    told = fleet("history", "row", NEW_ID).out
    assert told.index(f"removed Springfield  {NEW_ID} (schools)") < told.index(f"created Springfield  {NEW_ID}")
    assert told.count("\nrun ") == 2
    assert "te-matau" not in told


def test_history_fits_the_terminal(applied: Shell) -> None:
    applied.environ["COLUMNS"] = "80"
    run = applied("history", "--format", "json").document["runs"][0]["id"]
    for words in ((), ("show", str(run)), ("row", NEW_ID), (NAME,)):
        lines = applied("history", *words).out.splitlines()
        assert len(lines) > 1
        assert max(map(len, lines)) <= 80


def test_history_show_has_every_call_and_what_became_of_it(applied: Shell) -> None:
    (run,) = applied("history", "--format", "json").document["runs"]
    shown = applied("history", "show", str(run["id"]))
    assert "POST /tenant/scoping/schools?replace=false (1 row): answered" in shown.out
    assert f"PUT /tenant/scoping/schools/{SMALL.schools[0]['school_id']}" in shown.out
    assert applied("history", "show", "9999").code == 64
    assert applied("history", "show", "x").code == 64
    assert applied("history", "show").code == 64
    assert applied("history", "verify", "--expect", "1ab").code == 64


def test_a_project_without_a_ledger_says_so(shell: Shell) -> None:
    shell("init")
    ended = shell("history")
    assert ended.code == 1
    assert "no ledger" in ended.err


def test_one_byte_of_a_copied_ledger_and_verify_names_the_record(applied: Shell, tmp_path: Path) -> None:
    verified = applied("history", "verify", "--format", "json")
    assert verified.code == 0
    head = verified.document["head"]
    ledger = applied.root / ".scopesync" / "ledger.db"
    shutil.copy(ledger, tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as connection:
        (body,) = connection.execute("SELECT body FROM record WHERE kind = 'call-intended' LIMIT 1").fetchone()
        changed = body.replace(b"POST", b"PUST") if isinstance(body, bytes) else body.replace("POST", "PUST")
        assert changed != body
        connection.execute("UPDATE record SET body = ? WHERE body = ?", (changed, body))
    connection.close()
    shutil.copy(tmp_path / "copy.db", ledger)
    broken = applied("history", "verify")
    assert broken.code == 1
    assert "record " in broken.err
    assert "changed" in broken.err
    assert applied("history", "verify", "--expect", head).code == 1


def test_a_head_that_was_noted_elsewhere_finds_a_ledger_that_was_written_anew(applied: Shell, edit: Edit) -> None:
    noted = applied("history", "verify", "--format", "json").document["head"]
    assert applied("history", "verify", "--expect", noted).code == 0
    (applied.root / ".scopesync" / "ledger.db").unlink()
    edit(FILE, "name: Renamed", "name: Renamed again")
    assert applied("apply", "--yes").code == 0
    assert applied("history", "verify").code == 0
    assert applied("history", "verify", "--expect", noted).code == 1


def test_history_does_not_depend_on_the_files_being_valid(applied: Shell) -> None:
    (applied.root / FILE).write_text("nonsense")
    assert applied("plan").code == 1
    assert applied("history").code == 0
    assert applied("history", "verify").code == 0


def test_a_tenant_that_is_named_like_a_subcommand_is_asked_for_by_its_id_or_after_dashes(
    fleet: Shell, edit: Edit
) -> None:
    edit(FILE, "version: 1\n", "version: 1\nname: show\n")
    edit(FILE, "schools:\n", NEW)
    assert fleet("apply", "show", "--yes").code == 0
    assert fleet("history", "show").code == 64
    for words in ((SMALL.id,), ("--", "show"), ("--format", "text", "show"), (SMALL.id, "--since", "2020-01-01")):
        assert "  show  -0 +1 ~0: applied" in fleet("history", *words).out, words


@pytest.mark.parametrize("words", [("a", "b"), ("--format", "json", "show", "1"), ("verify", "x"), ("row",)])
def test_words_that_are_no_question_are_wrong_usage(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell("history", *words).code == 64


@pytest.mark.parametrize("subcommand", ["show", "row", "verify"])
def test_each_question_has_its_help(shell: Shell, subcommand: str) -> None:
    assert subcommand in shell("history", "--help").out
    assert f"scopesync history {subcommand} [OPTIONS]" in shell("history", subcommand, "--help").out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("history st-b", [NAME]),
        ("history sh", ["show"]),
        ("history ver", ["verify"]),
        ("history row --tenant st-b", [NAME]),
        ("history verify --ex", ["--expect"]),
    ],
)
def test_the_shell_completes_questions_and_tenants(fleet: Shell, typed: str, offered: list[str]) -> None:
    words = f"scopesync {typed}"
    done = subprocess.run(
        [sys.executable, "-m", "scopesync"],
        capture_output=True,
        check=False,
        text=True,
        cwd=fleet.root,
        env={"_SCOPESYNC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))},
    )
    assert [line.removeprefix("plain,") for line in done.stdout.splitlines()] == offered, done.stderr
