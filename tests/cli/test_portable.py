"""The commands where POSIX is not: what Windows lacks is missing there too. Nothing here has run on a real Windows."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scopesync.environment import Environment
from scopesync.sandbox.sample_districts import VENDOR_KEY, districts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Live, Shell

ROOT = Path(__file__).parent.parent.parent
SMALL = districts()[3]
NAME = "st-brigids-diocesan-schools-ceatharlach"
NEW = 'schools:\n  - school_id: "5f0e8c1a-1111-4111-8111-000000000001"\n    name: Springfield\n'


def ended(folder: Path, *words: str, **environ: str) -> tuple[int, str]:
    """The exit code and all words of a command in a process without POSIX."""
    command = [sys.executable, "-m", "tests.cli.without_posix", "-C", str(folder), *words]
    around = {**Environment.of_process().variables, "VENDOR_KEY": VENDOR_KEY, **environ}
    done = subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_new_project_is_made_checked_and_laid_out(tmp_path: Path) -> None:
    assert ended(tmp_path, "init")[0] == 0
    tenant = tmp_path / "tenants" / "example.yaml"
    tenant.write_text(tenant.read_text("utf-8").replace("version: 1", "version:   1"), "utf-8")
    assert ended(tmp_path, "fmt") == (0, "formatted tenants/example.yaml\n")
    code, words = ended(tmp_path, "validate")
    assert (code, words.splitlines()[-1]) == (0, "valid: 1 tenant, 0 rows")


def test_a_change_is_planned_saved_applied_and_recorded(
    fleet: Shell, sandbox: Live, edit: Callable[[str, str, str], None]
) -> None:
    edit(f"tenants/{NAME}.yaml", "schools:\n", NEW)
    saved = str(fleet.root / "plan.json")
    code, words = ended(fleet.root, "plan", "--detailed-exitcode", "--out", saved)
    assert (code, "1 to add" in words) == (2, True), words
    code, words = ended(fleet.root, "apply", "--plan", saved, "--yes")
    assert code == 0, words
    assert "Springfield" in {row["name"] for row in sandbox.store.rows(SMALL.id, "schools")}
    assert ended(fleet.root, "history", "verify")[0] == 0


PAIR = f'{{"client_id": "{SMALL.client_id}", "client_secret": "{SMALL.client_secret}"}}'


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [
        (f"print({PAIR!r})", 0, "in sync"),
        ("while True: print('x' * 1000)", 6, "printed more than"),
        ("import subprocess; subprocess.Popen(['yes']).wait()", 6, "printed more than"),
    ],
)
def test_a_credential_comes_from_a_program_which_is_ended_with_what_it_started(
    code: str, exit_code: int, said: str, fleet: Shell
) -> None:
    program = shlex.join([sys.executable, "-c", code])
    found, words = ended(fleet.root, "plan", NAME, SCOPESYNC_CREDENTIAL_COMMAND=program)
    assert (found, said in words) == (exit_code, True), words


def test_a_process_that_has_ended_is_known_without_asking_it() -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    code = f"""
from tests.cli.without_posix import take_posix_away
take_posix_away()
from dataclasses import replace
from scopesync.audit.actor import is_running, this_process
me = this_process()
print(is_running(me), is_running(replace(me, pid={gone.pid})))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"
