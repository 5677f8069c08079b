from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.desired.source import git_source
from tests.desired import repositories
from tests.desired.repositories import commit, git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return repositories.repository(tmp_path, {"project/a": "one\ntwo\n"})


def is_dirty(project: Path) -> bool:
    source = git_source(project)
    assert source is not None
    return source["dirty"]


def test_a_clean_checkout_is_its_commit(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert git_source(repository / "project") == {"commit": head, "dirty": False}


@pytest.mark.parametrize("name", ["a", "new"])
def test_a_changed_or_new_file_is_dirty(repository: Path, name: str) -> None:
    (repository / "project" / name).write_text("changed")
    assert is_dirty(repository / "project")


def test_a_file_that_is_gone_is_dirty(repository: Path) -> None:
    (repository / "project" / "a").unlink()
    assert is_dirty(repository / "project")


def test_a_file_that_is_staged_and_not_committed_is_dirty(repository: Path) -> None:
    (repository / ".gitignore").write_text("new\n")
    (repository / "project" / "new").write_text("x")
    assert not is_dirty(repository / "project")
    git(repository, "add", "--force", "project/new")
    assert is_dirty(repository / "project")


def test_a_file_that_was_only_touched_is_not_dirty(repository: Path) -> None:
    (repository / "project" / "a").write_text("one\ntwo\n")
    assert not is_dirty(repository / "project")


def test_line_ends_that_a_checkout_converts_are_not_dirty(repository: Path) -> None:
    (repository / ".gitattributes").write_text("* text eol=crlf\n")
    commit(repository)
    (repository / "project" / "a").unlink()
    git(repository, "checkout", "-q", ".")
    assert (repository / "project" / "a").read_bytes() == b"one\r\ntwo\r\n"
    assert not is_dirty(repository / "project")


def test_what_a_sparse_checkout_leaves_out_is_not_dirty(repository: Path) -> None:
    (repository / "project" / "more").mkdir()
    (repository / "project" / "more" / "b").write_text("b")
    commit(repository)
    git(repository, "sparse-checkout", "set", "--no-cone", "/project/a")
    assert not (repository / "project" / "more").exists()
    assert not is_dirty(repository / "project")


def test_what_changed_outside_of_the_project_does_not_count(repository: Path) -> None:
    (repository / "elsewhere").write_text("x")
    assert not is_dirty(repository / "project")


def test_a_folder_whose_name_reads_as_a_pattern_of_git_is_a_name(repository: Path) -> None:
    (repository / ":!p").mkdir()
    (repository / ":!p" / "a").write_text("a")
    commit(repository)
    (repository / "project" / "new").write_text("x")
    assert not is_dirty(repository / ":!p")
    (repository / ":!p" / "new").write_text("x")
    assert is_dirty(repository / ":!p")


def test_a_submodule_is_dirty_with_another_commit_or_another_file(repository: Path, tmp_path: Path) -> None:
    rows = repositories.repository(tmp_path / "rows", {"c": "c"})
    git(repository, "submodule", "--quiet", "add", str(rows), "project/rows")
    commit(repository)
    inner = repository / "project" / "rows"
    assert not is_dirty(repository / "project")
    (inner / "c").write_text("changed")
    assert is_dirty(repository / "project")
    commit(inner)
    assert is_dirty(repository / "project")
    git(repository, "submodule", "--quiet", "deinit", "--force", "project/rows")
    assert not is_dirty(repository / "project")


def test_no_repository_and_no_commit_are_no_source(tmp_path: Path) -> None:
    assert git_source(tmp_path) is None
    assert git_source(tmp_path / "missing") is None
    git(tmp_path, "init", "-q")
    assert git_source(tmp_path) is None
