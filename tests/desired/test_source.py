from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from scopesync.desired.source import git_source

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a").write_text("a")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_a_clean_checkout_is_its_commit(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD").strip()
    assert git_source(repository / "project") == {"commit": commit, "dirty": False}


@pytest.mark.parametrize("name", ["a", "new"])
def test_a_changed_or_new_file_is_dirty(repository: Path, name: str) -> None:
    (repository / "project" / name).write_text("changed")
    source = git_source(repository / "project")
    assert source is not None
    assert source["dirty"]


def test_what_changed_outside_of_the_project_does_not_count(repository: Path) -> None:
    (repository / "elsewhere").write_text("x")
    source = git_source(repository / "project")
    assert source is not None
    assert not source["dirty"]


def test_no_repository_and_no_commit_are_no_source(tmp_path: Path) -> None:
    assert git_source(tmp_path) is None
    assert git_source(tmp_path / "missing") is None
    git(tmp_path, "init", "-q")
    assert git_source(tmp_path) is None
