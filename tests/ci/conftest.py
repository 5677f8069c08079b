from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scopesync.cli.main import main
from scopesync.environment import Environment
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.sample_districts import VENDOR_KEY, districts, load_fleet
from scopesync.sandbox.server import running
from tests.ci.workflows import Runner
from tests.cli.conftest import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRON = {"VENDOR_KEY": VENDOR_KEY}


@pytest.fixture
def sandbox() -> Iterator[str]:
    """The URL of a sandbox with its fleet."""
    with closing(Store.in_memory()) as store:
        load_fleet(store)
        with running(Engine(store)) as server:
            yield server.base_url


@pytest.fixture
def project(tmp_path: Path, sandbox: str) -> Path:
    """A repository with two tenants of the sandbox in it, committed twice: `HEAD^1` is there."""
    root = tmp_path / "project"
    root.mkdir()

    def scopesync(*words: str) -> None:
        assert main(["-C", str(root), *words], environ=ENVIRON) == 0

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=root, env=_plain(), check=True, capture_output=True)

    def commit(what: str) -> None:
        git("add", "--all")
        git("-c", "user.name=lisa", "-c", "user.email=lisa@example.org", "commit", "--quiet", "-m", what)

    git("init", "--quiet")
    scopesync("init")
    (root / "tenants" / "example.yaml").unlink()
    (root / "scopesync.yaml").write_text(PROJECT.format(base_url=sandbox))
    commit("a project")
    scopesync("import", *(district.id for district in districts()[2:]))
    commit("what is live")
    return root


@pytest.fixture
def runner(tmp_path: Path, project: Path) -> Runner:
    folder = tmp_path / "runner"
    folder.mkdir()
    return Runner(folder, project, {**_plain(), **ENVIRON})


def _plain() -> dict[str, str]:
    """The little that a script needs of this machine; our own scopesync comes first."""
    environment = Environment.of_process().variables
    path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return {"PATH": path, "HOME": environment.get("HOME", "/"), "LANG": "C.UTF-8"}
