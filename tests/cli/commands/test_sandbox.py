"""The sandbox as a command: it serves until interrupted, and fails as its script says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from scopesync.sandbox.faults.spoiled_answers import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Shell

SCRIPT = """\
faults:
  - name: down
    when: {operation: list-tenants}
    do: {answer: 503}
"""


@contextmanager
def _serving(*words: str) -> Iterator[str]:
    """The base URL of a sandbox in a process of its own, which is then interrupted and must end in good order."""
    command = [sys.executable, "-m", "scopesync", "sandbox", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("sandbox on ").strip()
        finally:
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=300)
    assert (process.returncode, said) == (0, "")


def _ask(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    request = Request(url, data=body, method=method)  # noqa: S310 - our own sandbox on the loopback interface
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=300) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_script_of_faults_is_played_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text(SCRIPT)
    with _serving("--faults", str(tmp_path / "faults.yaml")) as base_url:
        assert _ask(f"{base_url}/v2/interop/tenants")[0] == 503
        shown: Any = json.loads(_ask(f"{base_url}/_sandbox/faults")[1])
        assert shown["faults"][0]["name"] == "down"
        assert [one["fault"] for one in json.loads(_ask(f"{base_url}/_sandbox/served")[1])["struck"]] == ["down"]


def test_without_a_script_its_paths_are_there_to_take_one() -> None:
    with _serving() as base_url:
        assert _ask(f"{base_url}/v2/interop/tenants")[0] == 401
        assert _ask(f"{base_url}/_sandbox/faults", "PUT", SCRIPT.encode())[0] == 204
        assert _ask(f"{base_url}/v2/interop/tenants")[0] == 503
        assert _ask(f"{base_url}/_sandbox/faults", "DELETE")[0] == 204
        assert _ask(f"{base_url}/v2/interop/tenants")[0] == 401


def test_it_behaves_as_its_file_says(tmp_path: Path) -> None:
    (tmp_path / "behaviour.yaml").write_text("unavailable_s: 3600\n")
    with _serving("--behaviour", str(tmp_path / "behaviour.yaml")) as base_url:
        assert _ask(f"{base_url}/v2/interop/tenants")[0] == 503


def test_a_behaviour_that_is_none_is_said_in_words(shell: Shell) -> None:
    file = shell.root / "behaviour.yaml"
    file.write_text("read_lag: 5\n")
    ended = shell("sandbox", "--behaviour", str(file))
    assert (ended.code, ended.out) == (64, "")
    assert f"{file}: at the top: 'read_lag' is not known; did you mean 'read_lag_s'?" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("faults: [{do: {spoil: soup}}]", f"one of {FORMS[0]}"),
        ("faults: [{do: {dorp: before}}]", "did you mean 'drop'?"),
        ("faults: [", "this is no YAML"),
        ("seed: 1", "needs a list under 'faults'"),
    ],
)
def test_a_script_that_is_none_is_said_in_words(shell: Shell, script: str, said: str) -> None:
    (shell.root / "faults.yaml").write_text(script)
    ended = shell("sandbox", "--faults", str(shell.root / "faults.yaml"))
    assert (ended.code, ended.out) == (64, "")
    assert said in ended.err
    assert "faults.yaml" in ended.err


def test_a_script_that_is_missing_and_a_port_that_is_taken_are_said_in_words(shell: Shell) -> None:
    missing = shell("sandbox", "--faults", str(shell.root / "none.yaml"))
    assert (missing.code, missing.out) == (64, "")
    assert "none.yaml: cannot be read" in missing.err
    with _serving() as base_url:
        taken = shell("sandbox", "--port", base_url.rpartition(":")[2])
    assert taken.code == 64
    assert "choose another port" in taken.err
