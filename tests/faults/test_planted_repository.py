"""Files that make a repository of a folder, and attributes that choose filters: none is run.

Fault 56, invariant 11.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.faults.kill_stage import Stage, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COMMANDS = (
    ("plan",),
    ("plan", "--base", "HEAD"),
    ("plan", "--changed-since", "HEAD"),
    ("drift",),
    ("apply", "--yes"),
    ("undo", "1"),
)
ATTRIBUTES = "*.yaml filter=single diff=planted\n*.csv filter=process diff=planted\n"
HOOKS = ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman")


class Traps:
    """Commands that leave a file when they are run, and a folder that has the names of those that were."""

    def __init__(self, folder: Path) -> None:
        self._ran = folder / "ran"
        self._ran.mkdir()

    def take(self) -> list[str]:
        """What was run since this was last asked."""
        found = sorted(self._ran.iterdir())
        for path in found:
            path.unlink()
        return [path.name for path in found]

    def command(self, name: str) -> str:
        """A command line for a configuration that is run by a shell."""
        return f"touch {self._ran}/{name}; cat"

    def config(self) -> str:
        """All that a repository's configuration can have run."""
        return f"""
[filter "single"]
    clean = {self._quoted("clean")}
    smudge = {self._quoted("smudge")}
    required = true
[filter "process"]
    process = {self._quoted("process")}
    required = true
[diff]
    external = {self._quoted("diff.external")}
[diff "planted"]
    textconv = {self._quoted("textconv")}
    command = {self._quoted("diff.command")}
[core]
    fsmonitor = {self._quoted("fsmonitor")}
    pager = {self._quoted("pager")}
    sshCommand = {self._quoted("sshCommand")}
    alternateRefsCommand = {self._quoted("alternateRefsCommand")}
    askPass = {self._quoted("askPass")}
[credential]
    helper = {self._quoted("!credential")}
[alias]
    rev-parse = {self._quoted("!alias")}
"""

    def hooks(self, folder: Path) -> None:
        """Write hooks into a folder."""
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).write_text(f"#!/bin/sh\n{self.command(name)} >{folder}/.nothing\n")
            (folder / name).chmod(0o755)

    def _quoted(self, name: str) -> str:
        mark = "!" * name.startswith("!")
        return f'"{mark}{self.command(name.lstrip("!"))}"'


@pytest.fixture
def traps(tmp_path: Path) -> Traps:
    return Traps(tmp_path)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stage]:
    """A project in a folder of a repository, committed, with one run in its ledger and one file edited since."""
    repository = tmp_path / "repository"
    repository.mkdir()
    with stage(repository / "project") as opened:
        (opened.root / ".gitattributes").write_text(ATTRIBUTES)
        (opened.root / "notes.csv").write_text("a note\n")
        git(repository, "init", "-q")
        git(repository, "add", ".")
        git(repository, "commit", "-qm", "base")
        assert opened.run("apply", "--yes") == 0
        file = opened.root / "tenants" / "springfield.yaml"
        file.write_text(file.read_text().replace("Renamed", "Renamed again", 1))
        (opened.root / "notes.csv").write_text("a memo\n")
        yield opened


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def in_the_projects_folder(there: Stage, traps: Traps) -> None:
    _plant(there.root.parent / ".git", there.root, traps, work_tree="..")


def in_a_folder_of_the_project(there: Stage, traps: Traps) -> None:
    _plant(there.root.parent / ".git", there.root / "tenants", traps, work_tree="../..")


def in_the_top_folder(there: Stage, traps: Traps) -> None:
    _plant(there.root.parent / ".git", there.root.parent, traps, work_tree=".")


def behind_a_file_named_git(there: Stage, traps: Traps) -> None:
    """No commit can hold such a file; an archive that somebody unpacked can."""
    planted = there.root / "planted"
    planted.mkdir()
    _plant(there.root.parent / ".git", planted, traps, work_tree="../..")
    (there.root / ".git").write_text("gitdir: planted\n")


def in_a_persons_own_configuration(there: Stage, traps: Traps) -> None:
    """No file of a checkout can write it. That the attributes of a checkout choose what it offers is enough."""
    with (there.root.parent / ".git" / "config").open("a") as config:
        config.write(traps.config())
    traps.hooks(there.root.parent / ".git" / "hooks")


PLACES = (
    in_the_projects_folder,
    in_a_folder_of_the_project,
    in_the_top_folder,
    behind_a_file_named_git,
    in_a_persons_own_configuration,
)


def _plant(real: Path, folder: Path, traps: Traps, *, work_tree: str) -> None:
    """Make a repository of the folder: whole, with every object, and with traps for a configuration."""
    shutil.copytree(real, folder, dirs_exist_ok=True)
    traps.hooks(folder / "hooks")
    core = f"[core]\n    repositoryformatversion = 0\n    bare = false\n    worktree = {work_tree}\n"
    (folder / "config").write_text(core + f"    hooksPath = {folder}/hooks\n" + traps.config())


@pytest.mark.parametrize("plant", PLACES)
def test_nothing_that_a_checkout_holds_is_run(
    plant: Callable[[Stage, Traps], None], there: Stage, traps: Traps
) -> None:
    plant(there, traps)
    ended = {command: (there.run(*command), traps.take()) for command in COMMANDS}
    assert ended == dict.fromkeys(COMMANDS, (0, []))
