from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scopesync.environment import Environment
from scopesync.sandbox.sample_districts import districts
from tests.ci.workflows import Runner
from tests.cli.conftest import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Sandbox:
    """A sandbox in a process of its own."""

    base_url: str
    key: str


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    command = [sys.executable, "-m", "scopesync", "sandbox"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url, key = (process.stdout.readline().split()[-1] for _ in range(2))
        try:
            yield Sandbox(base_url, key)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=300)


@pytest.fixture
def project(tmp_path: Path, sandbox: Sandbox) -> Path:
    """A repository with two tenants of the sandbox in it, committed twice: `HEAD^1` is there."""
    root = tmp_path / "project"
    root.mkdir()
    environ = {**_plain(), "VENDOR_KEY": sandbox.key}

    def typed(*words: str) -> None:
        subprocess.run(words, cwd=root, env=environ, check=True, capture_output=True)

    def commit(what: str) -> None:
        typed("git", "add", "--all")
        typed("git", "-c", "user.name=lisa", "-c", "user.email=lisa@example.org", "commit", "--quiet", "-m", what)

    typed("git", "init", "--quiet")
    typed("scopesync", "init")
    (root / "tenants" / "example.yaml").unlink()
    (root / "scopesync.yaml").write_text(PROJECT.format(base_url=sandbox.base_url))
    commit("a project")
    typed("scopesync", "import", *(district.id for district in districts()[2:]))
    commit("what is live")
    return root


@pytest.fixture
def runner(tmp_path: Path, project: Path, sandbox: Sandbox) -> Runner:
    folder = tmp_path / "runner"
    folder.mkdir()
    return Runner(folder, project, {**_plain(), "VENDOR_KEY": sandbox.key})


def _plain() -> dict[str, str]:
    """The little that a script needs of this machine; our own scopesync comes first."""
    environment = Environment.of_process().variables
    path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return {"PATH": path, "HOME": environment.get("HOME", "/"), "LANG": "C.UTF-8"}
