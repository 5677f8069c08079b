from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from scopesync.desired.project import Project, load_project
from scopesync.desired.revision import changed_tenants, left_at, project_at
from scopesync.errors import ConfigurationError, UsageError
from tests.desired.repositories import commit, git, repository

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
version: 1
tenants: tenants/*.yaml
connections: {us2: {base_url: "https://api.us2.kimonocloud.com"}}
"""


def _tenant(number: int, name: str = "One") -> str:
    return (
        f"version: 1\ntenant: 00000000-0000-4000-8000-00000000000{number}\n"
        f"schools: [{{school_id: s{number}, name: {name}}}]\ncourses: [{{from: c{number}.csv}}]\n"
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project in a folder of a repository, with one commit tagged `base`."""
    root = tmp_path / "repository" / "scoping"
    (root / "tenants").mkdir(parents=True)
    (root / "scopesync.yaml").write_text(PROJECT)
    (root / ".gitattributes").write_text("tenants/* export-ignore\n")
    for number in (1, 2):
        (root / "tenants" / f"t{number}.yaml").write_text(_tenant(number))
        (root / "tenants" / f"c{number}.csv").write_text(f"course_id,school_id\nc{number},s{number}\n")
    git(root.parent, "init", "-q")
    git(root.parent, "add", ".")
    git(root.parent, "commit", "-qm", "base")
    git(root.parent, "tag", "base")
    return root


def _load(root: Path) -> Project:
    return load_project(root, today=date(2026, 1, 1))


def _changed(root: Path, ref: str = "base") -> list[str]:
    return [tenant.tenant.name for tenant in changed_tenants(_load(root), ref)]


def test_the_project_at_a_commit_is_as_it_was_there(root: Path) -> None:
    before = _load(root)
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Renamed"))
    (root / "tenants" / "c1.csv").unlink()
    assert project_at(root, "base").tenants == before.tenants


def test_looking_at_a_commit_disturbs_nothing(root: Path) -> None:
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Staged"))
    git(root, "add", ".")
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Edited"))
    before = git(root, "status", "--porcelain")
    project_at(root, "base")
    assert before == git(root, "status", "--porcelain") == "MM scoping/tenants/t1.yaml"


def test_an_exception_that_has_expired_since_is_no_fault_of_that_commit(root: Path) -> None:
    allow = "allow: [{guard: max-removals, list: schools, count: 3, reason: Then, expires: 2001-01-01}]\n"
    (root / "tenants" / "t1.yaml").write_text(_tenant(1) + allow)
    git(root, "commit", "-qam", "allow")
    assert len(project_at(root, "HEAD").tenants) == 2


def test_faulty_files_of_a_commit_are_said_to_be_that_commits(root: Path) -> None:
    (root / "tenants" / "t1.yaml").write_text("version: 1\n")
    git(root, "commit", "-qam", "faulty")
    (root / "tenants" / "t1.yaml").write_text(_tenant(1))
    with pytest.raises(ConfigurationError) as caught:
        project_at(root, "HEAD")
    assert "files at HEAD" in str(caught.value.hint)


@pytest.mark.parametrize("ref", ["nowhere", "--help", "", "base:scoping"])
def test_a_commit_that_is_not_here_is_an_error_that_says_how_to_get_it(root: Path, ref: str) -> None:
    with pytest.raises(UsageError) as caught:
        project_at(root, ref)
    assert "fetch" in str(caught.value.hint)


def test_a_shallow_clone_without_the_commit_says_so(root: Path, tmp_path: Path) -> None:
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Renamed"))
    git(root, "commit", "-qam", "second")
    base = git(root, "rev-parse", "base")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root.parent}", "shallow")
    with pytest.raises(UsageError, match="no commit"):
        project_at(tmp_path / "shallow" / "scoping", base)
    assert len(project_at(tmp_path / "shallow" / "scoping", "HEAD").tenants) == 2


def test_outside_of_a_repository_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        project_at(tmp_path, "HEAD")


def test_a_tenant_has_changed_when_any_of_its_files_has(root: Path) -> None:
    assert _changed(root) == []
    (root / "tenants" / "c2.csv").write_text("course_id,school_id\nc3,s2\n")
    assert _changed(root) == ["t2"]
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Renamed"))
    assert _changed(root) == ["t1", "t2"]


def test_a_tenant_whose_file_says_the_same_in_other_words_has_changed(root: Path) -> None:
    (root / "tenants" / "t1.yaml").write_text(_tenant(1) + "# seen by Lisa\n")
    assert _changed(root) == ["t1"]


def test_a_tenant_that_git_does_not_know_yet_has_changed(root: Path) -> None:
    (root / "tenants" / "c3.csv").write_text("course_id,school_id\nc3,s3\n")
    (root / "tenants" / "t3.yaml").write_text(_tenant(3))
    assert _changed(root) == ["t3"]


def test_a_row_file_that_is_gone_changes_the_tenant_that_read_it(root: Path) -> None:
    (root / "tenants" / "t1.yaml").write_text(_tenant(1).replace("c1.csv", "c2.csv").replace("s1", "s2"))
    git(root, "commit", "-qam", "moved")
    (root / "tenants" / "c2.csv").write_text("course_id,school_id\nother,s2\n")
    assert _changed(root, "HEAD") == ["t1", "t2"]


def test_the_projects_own_file_changes_every_tenant(root: Path) -> None:
    (root / "scopesync.yaml").write_text(PROJECT + "guards: {max_updates: {percent: 10}}\n")
    assert _changed(root) == ["t1", "t2"]


def test_without_a_project_at_that_commit_there_are_no_tenants_then_and_all_have_changed(root: Path) -> None:
    """Fault 68."""
    git(root, "mv", "tenants", "scopesync.yaml", "..")
    git(root, "commit", "-qm", "elsewhere")
    git(root, "tag", "elsewhere")
    git(root, "checkout", "-q", "base")
    assert project_at(root, "elsewhere").tenants == ()
    git(root.parent, "mv", "scoping", "moved")
    moved = root.parent / "moved"
    assert project_at(moved, "base").tenants == ()
    assert _changed(moved) == ["t1", "t2"]


def test_every_tenant_has_changed_where_the_files_of_that_commit_are_faulty(root: Path) -> None:
    """Fault 68."""
    (root / "tenants" / "t1.yaml").write_text("version: 1\n")
    commit(root)
    (root / "tenants" / "t1.yaml").write_text(_tenant(1))
    assert _changed(root, "HEAD") == ["t1", "t2"]


def test_what_came_to_the_other_branch_since_is_no_change_of_this_one(root: Path) -> None:
    """Fault 68."""
    git(root, "checkout", "-q", "-b", "other")
    (root / "tenants" / "t2.yaml").write_text(_tenant(2, "Renamed there"))
    commit(root)
    git(root, "checkout", "-q", "-b", "branch", "base")
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Renamed here"))
    commit(root)
    assert _changed(root, "other") == ["t1"]
    assert left_at(root, "other") == git(root, "rev-parse", "base")


def test_a_commit_with_nothing_in_common_is_compared_as_it_is(root: Path) -> None:
    git(root, "checkout", "-q", "--orphan", "apart")
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Renamed"))
    apart = commit(root)
    git(root, "checkout", "-q", "base")
    assert left_at(root, "apart") == apart
    assert _changed(root, "apart") == ["t1"]


def test_a_row_file_behind_a_link_changes_the_tenant_that_reads_it(root: Path) -> None:
    """Fault 68."""
    (root / "shared.csv").write_text("course_id,school_id\nc1,s1\n")
    (root / "tenants" / "c1.csv").unlink()
    (root / "tenants" / "c1.csv").symlink_to("../shared.csv")
    commit(root)
    assert _changed(root, "HEAD") == []
    (root / "shared.csv").write_text("course_id,school_id\nother,s1\n")
    assert _changed(root, "HEAD") == ["t1"]


def test_a_link_that_leads_out_of_the_project_is_refused_at_a_commit_too(root: Path) -> None:
    (root.parent / "outside.csv").write_text("course_id,school_id\nc1,s1\n")
    (root / "tenants" / "c1.csv").unlink()
    (root / "tenants" / "c1.csv").symlink_to(root.parent / "outside.csv")
    commit(root)
    with pytest.raises(ConfigurationError) as caught:
        project_at(root, "HEAD")
    assert [problem.message for problem in caught.value.problems] == [
        "tenants/c1.csv: the file is outside of the project"
    ]


def test_rows_in_a_submodule_are_read_at_its_commit(root: Path, tmp_path: Path) -> None:
    """Fault 68."""
    rows = repository(tmp_path / "rows", {"all.csv": "course_id,school_id\nc1,s1\n"})
    git(root, "submodule", "--quiet", "add", str(rows), "tenants/rows")
    (root / "tenants" / "t1.yaml").write_text(_tenant(1).replace("c1.csv", "rows/all.csv"))
    commit(root)
    before = _load(root)
    (root / "tenants" / "rows" / "all.csv").write_text("course_id,school_id\nother,s1\n")
    assert project_at(root, "HEAD").tenants == before.tenants
    assert _changed(root, "HEAD") == ["t1"]


def test_line_ends_that_a_checkout_converts_change_no_tenant(root: Path) -> None:
    (root / ".gitattributes").write_text("* text eol=crlf\n")
    commit(root)
    for path in (root / "tenants").iterdir():
        path.unlink()
    git(root, "checkout", "-q", ".")
    assert b"\r\n" in (root / "tenants" / "c1.csv").read_bytes()
    assert _changed(root, "HEAD") == []


def test_a_forged_commit_writes_nothing_outside_of_its_folder(root: Path) -> None:
    blob = git(root, "hash-object", "-w", "--stdin", stdin=b"forged")
    inner = git(root, "mktree", stdin=f"100644 blob {blob}\tforged\n".encode())
    tree = git(root, "mktree", stdin=f"040000 tree {inner}\t..\n".encode())
    tree = git(root, "mktree", stdin=f"040000 tree {tree}\tscoping\n".encode())
    forged = git(root, "commit-tree", "-m", "forged", tree)
    with pytest.raises(UsageError, match="no file of a project"):
        project_at(root, forged)


def test_a_forged_commit_writes_nothing_through_a_link(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = git(root, "hash-object", "-w", "--stdin", stdin=str(outside).encode())
    file = git(root, "hash-object", "-w", "--stdin", stdin=b"forged")
    inner = git(root, "mktree", stdin=f"100644 blob {file}\tfile\n".encode())
    both = f"120000 blob {link}\ta\n040000 tree {inner}\ta\n"
    tree = git(root, "mktree", stdin=both.encode())
    tree = git(root, "mktree", stdin=f"040000 tree {tree}\tscoping\n".encode())
    forged = git(root, "commit-tree", "-m", "forged", tree)
    with pytest.raises(UsageError, match="cannot be written"):
        project_at(root, forged)
    assert list(outside.iterdir()) == []


def test_a_link_that_cannot_be_made_is_an_error_in_words(root: Path) -> None:
    blob = git(root, "hash-object", "-w", "--stdin", stdin=b"a\0b")
    git(root, "update-index", "--add", "--cacheinfo", f"120000,{blob},scoping/link")
    git(root, "commit", "-qm", "link")
    with pytest.raises(UsageError, match="cannot be written"):
        project_at(root, "HEAD")
