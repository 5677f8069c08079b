from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from scopesync.desired.git import LINK, SUBMODULE, Entry, Repository, is_same, repository_of
from scopesync.environment import Environment
from scopesync.errors import UsageError
from tests.desired.repositories import commit, git, repository

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return repository(tmp_path / "top", {"project/a": "a", "project/sub/b": "b", "elsewhere": "x"})


def _plant(folder: Path, real: Path) -> None:
    """Make a bare repository of the folder, of ordinary files that any commit can hold."""
    shutil.copytree(real / ".git", folder, dirs_exist_ok=True)


def test_the_nearest_repository_is_found_with_the_folder_in_it(top: Path) -> None:
    assert repository_of(top) == Repository(top, "")
    assert repository_of(top / "project" / "sub") == Repository(top, "project/sub/")
    inner = repository(top / "project" / "sub", {"c": "c"})
    assert repository_of(inner) == Repository(inner, "")


def test_a_folder_that_looks_like_a_bare_repository_is_none(top: Path) -> None:
    """Fault 56."""
    _plant(top / "project", top)
    assert repository_of(top / "project" / "sub") == Repository(top, "project/sub/")
    assert repository_of(top / "project") == Repository(top, "project/")


def test_a_bare_repository_alone_is_none_either(tmp_path: Path, top: Path) -> None:
    _plant(tmp_path / "planted", top)
    with pytest.raises(UsageError, match="not in a git repository"):
        repository_of(tmp_path / "planted")


def test_an_empty_git_folder_is_passed_over(top: Path) -> None:
    (top / "project" / ".git").mkdir()
    assert repository_of(top / "project") == Repository(top, "project/")


@pytest.mark.parametrize("leads_to", ["planted", "../planted", "../nowhere", "."])
def test_a_git_file_that_leads_to_a_folder_of_the_checkout_is_passed_over(leads_to: str, top: Path) -> None:
    for folder in (top / "planted", top / "project" / "planted", top / "project"):
        _plant(folder, top)
    (top / "project" / ".git").write_text(f"gitdir: {leads_to}\n")
    assert repository_of(top / "project" / "sub") == Repository(top, "project/sub/")


def test_a_worktree_is_a_repository(top: Path, tmp_path: Path) -> None:
    git(top, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert repository_of(tmp_path / "tree" / "project") == Repository(tmp_path / "tree", "project/")


def test_a_worktree_of_a_bare_repository_is_a_repository(top: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(top), "bare.git")
    git(tmp_path / "bare.git", "worktree", "add", "-q", str(tmp_path / "tree"))
    found = repository_of(tmp_path / "tree" / "project")
    assert found == Repository(tmp_path / "tree", "project/")
    assert found.commit("HEAD") == git(top, "rev-parse", "HEAD")


def test_a_submodule_is_a_repository(top: Path, tmp_path: Path) -> None:
    rows = repository(tmp_path / "rows", {"c": "c"})
    git(top, "submodule", "--quiet", "add", str(rows), "project/rows")
    assert repository_of(top / "project" / "rows") == Repository(top / "project" / "rows", "")
    assert repository_of(top / "project").submodule("rows") == Repository(top / "project" / "rows", "")
    assert repository_of(top / "project").submodule("sub") is None


def test_variables_that_git_sets_for_a_hook_change_nothing(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 68."""
    other = repository(tmp_path / "other", {"a": "other"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare=true'")
    found = repository_of(top / "project")
    assert found == Repository(top, "project/")
    assert found.present().keys() == {"a", "sub/b"}


def test_a_program_in_the_checkout_is_not_taken_for_git(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 56."""
    program = top / "git"
    program.write_text(f"#!/bin/sh\ntouch {top}/ran\n")
    program.chmod(0o755)
    monkeypatch.chdir(top)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", Environment.of_process().variables["PATH"]]))
    assert repository_of(top) == Repository(top, "")
    assert not (top / "ran").exists()


def test_without_git_an_error_says_so(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(top))
    with pytest.raises(UsageError, match="git cannot be asked"):
        repository_of(top)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_another_users_repository_is_not_read_and_an_error_says_how_to_trust_it(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 68."""
    repository(top / "project" / "sub", {"c": "c"})
    for path in (top / "project" / "sub" / ".git", top / "project" / "sub"):
        os.chown(path, NOBODY, NOBODY)
    with pytest.raises(UsageError, match="belongs to another user") as caught:
        repository_of(top / "project" / "sub")
    assert f"safe.directory {top / 'project' / 'sub'}" in str(caught.value.hint)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n    directory = {top / 'project' / 'sub'}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert repository_of(top / "project" / "sub") == Repository(top / "project" / "sub", "")


def test_a_tree_names_what_the_commit_holds_below_the_folder(top: Path) -> None:
    (top / "project" / "line\nbreak ü").write_text("x")
    (top / "project" / "link").symlink_to("a")
    committed = commit(top)
    tree = repository_of(top / "project").tree(committed)
    assert set(tree) == {"a", "sub/b", "line\nbreak ü", "link"}
    assert tree["link"].mode == LINK
    assert repository_of(top).tree(committed)["project/a"] == tree["a"]


@pytest.mark.parametrize("name", ["elsewhere", "nowhere", "link", "*"])
def test_what_was_no_folder_at_that_commit_holds_nothing(name: str, top: Path) -> None:
    (top / "link").symlink_to("project")
    committed = commit(top)
    assert Repository(top, f"{name}/").tree(committed) == {}


def test_contents_come_in_the_order_in_which_they_are_asked_for(top: Path) -> None:
    (top / "project" / "empty").write_text("")
    (top / "project" / "more").write_bytes(b"\0one\ntwo\r\n")
    found = repository_of(top / "project")
    tree = found.tree(commit(top))
    names = ["sub/b", "empty", "more", "a", "empty"]
    assert list(found.contents(tree[name].id for name in names)) == [b"b", b"", b"\0one\ntwo\r\n", b"a", b""]
    assert list(found.contents([])) == []


def test_what_a_partial_clone_lacks_is_not_fetched(top: Path, tmp_path: Path) -> None:
    git(top, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{top}", "partial")
    partial = tmp_path / "partial"
    git(partial, "config", "remote.origin.url", f"ext::sh -c touch% {tmp_path}/ran")
    git(partial, "config", "protocol.ext.allow", "always")
    found = repository_of(partial)
    tree = found.tree("HEAD")
    with pytest.raises(UsageError) as caught:
        list(found.contents([tree["elsewhere"].id]))
    assert "without --filter" in str(caught.value.hint)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_file_is_the_same_by_its_hash(object_format: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", f"--object-format={object_format}")
    (tmp_path / "file").write_text("one\ntwo\n")
    (tmp_path / "link").symlink_to("file")
    tree = repository_of(tmp_path).tree(commit(tmp_path))
    assert is_same(tmp_path / "file", tree["file"])
    assert is_same(tmp_path / "link", tree["link"])
    (tmp_path / "file").write_bytes(b"one\r\ntwo\r\n")
    assert is_same(tmp_path / "file", tree["file"])
    (tmp_path / "file").write_text("one\ntoo\n")
    assert not is_same(tmp_path / "file", tree["file"])


def test_what_is_no_file_is_not_the_same_and_is_not_opened(top: Path) -> None:
    committed = repository_of(top / "project").tree("HEAD")["a"]
    (top / "project" / "a").unlink()
    assert not is_same(top / "project" / "a", committed)
    os.mkfifo(top / "project" / "a")
    assert not is_same(top / "project" / "a", committed)
    assert not is_same(top / "project" / "sub", committed)
    assert not is_same(top / "elsewhere", Entry(LINK, committed.id))
    assert not is_same(top / "project", Entry(SUBMODULE, committed.id))
