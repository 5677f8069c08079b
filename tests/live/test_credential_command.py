from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from scopesync.errors import CredentialError
from scopesync.live.credential_command import asked_command
from scopesync.model import Tenant

if TYPE_CHECKING:
    from pathlib import Path

TENANT = Tenant("7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11", "spring field; echo $(id)")
GOOD = '{"client_id": "an-id", "client_secret": "canary-secret"}'


def _python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def _asked(command: str, *, timeout_s: float = 30, **environ: str) -> tuple[str, str]:
    around = {"PATH": "/usr/bin:/bin", **environ}
    return asked_command(command, TENANT, "us2", around, timeout_s=timeout_s)


def test_the_command_is_told_which_tenant_and_keeps_our_environment() -> None:
    code = (
        "import os, json; e = os.environ; print(json.dumps({'client_id': e['VAULT'], 'client_secret': '|'.join("
        "(e['SCOPESYNC_TENANT_ID'], e['SCOPESYNC_TENANT_NAME'], e['SCOPESYNC_CONNECTION'], os.getcwd()))}))"
    )
    assert _asked(_python(code), VAULT="ours") == ("ours", f"{TENANT.id}|{TENANT.name}|us2|/")


def test_there_is_no_shell(tmp_path: Path) -> None:
    assert _asked(f"printf %s {shlex.quote(GOOD)}") == ("an-id", "canary-secret")
    with pytest.raises(CredentialError):
        _asked(f"true; touch {tmp_path / 'made'}")
    assert not (tmp_path / "made").exists()


def test_nothing_in_the_folder_of_the_project_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 11."""
    program = tmp_path / "credentials"
    program.write_text(f"#!/bin/sh\nprintf %s {shlex.quote(GOOD)}\n")
    program.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    for command in ("./credentials", "credentials"):
        with pytest.raises(CredentialError, match="cannot be run"):
            _asked(command, PATH=f".:{os.defpath}")
    assert _asked(str(program)) == ("an-id", "canary-secret")


BAD_OUTPUTS = [
    "",
    "canary-secret",
    "[]",
    '{"client_id": "canary-secret"}',
    '{"client_id": 1, "client_secret": "canary"}',
]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (_python("import sys; sys.stderr.write('canary-secret'); sys.exit(3)"), "ended with 3"),
        (_python(f"import sys; print({GOOD!r}); sys.exit(1)"), "ended with 1"),
        ("/no/such/program", "cannot be run"),
        ("printf '%s", "cannot be split into words"),
        ("   ", "names no program"),
        *((f"printf %s {shlex.quote(text)}", "did not print") for text in BAD_OUTPUTS),
        (_python("print('canary' * 20_000)"), "printed more than"),
        ("yes canary", "printed more than"),
    ],
)
def test_a_command_that_fails_is_an_error_that_shows_nothing_of_what_it_said(
    command: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CredentialError, match=said) as caught:
        _asked(command)
    shown, printed = f"{caught.value} {caught.value.hint}", capfd.readouterr()
    assert "canary" not in shown + printed.out + printed.err


def test_a_command_that_leaves_a_program_behind_with_its_output_open_is_not_waited_for() -> None:
    """A helper may start an agent that stays: in a session of its own, which is not ended with it."""
    agent = "import subprocess; subprocess.Popen(['sleep', '5'], start_new_session=True)"
    with pytest.raises(CredentialError, match="took too long"):
        _asked(_python(agent), timeout_s=0.5)


@pytest.mark.parametrize("command", ["sleep 600", "sh -c 'sleep 600 & wait'", "sh -c 'exec >&-; sleep 600'"])
def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(command: str) -> None:
    with pytest.raises(CredentialError, match="took too long"):
        _asked(command, timeout_s=0.1)
