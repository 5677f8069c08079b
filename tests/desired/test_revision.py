from __future__ import annotations

import subprocess
from datetime import date
from typing import TYPE_CHECKING

import pytest

from scopesync.desired.project import Project, load_project
from scopesync.desired.revision import changed_tenants, project_at
from scopesync.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
version: 1
tenants: tenants/*.yaml
connections: {us2: {base_url: "https://api.us2.kimonocloud.com"}}
"""


def _git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


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
    _git(root.parent, "init", "-q")
    _git(root.parent, "add", ".")
    _git(root.parent, "commit", "-qm", "base")
    _git(root.parent, "tag", "base")
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
    _git(root, "add", ".")
    (root / "tenants" / "t1.yaml").write_text(_tenant(1, "Edited"))
    before = subprocess.run(["git", "status", "--porcelain"], cwd=root, check=True, capture_output=True).stdout
    project_at(root, "base")
    after = subprocess.run(["git", "status", "--porcelain"], cwd=root, check=True, capture_output=True).stdout
    assert before == after == b"MM scoping/tenants/t1.yaml\n"


def test_an_exception_that_has_expired_since_is_no_fault_of_that_commit(root: Path) -> None:
    allow = "allow: [{guard: max-removals, list: schools, count: 3, reason: Then, expires: 2001-01-01}]\n"
    (root / "tenants" / "t1.yaml").write_text(_tenant(1) + allow)
    _git(root, "commit", "-qam", "allow")
    assert len(project_at(root, "HEAD").tenants) == 2


def test_faulty_files_of_a_commit_are_said_to_be_that_commits(root: Path) -> None:
    (root / "tenants" / "t1.yaml").write_text("version: 1\n")
    _git(root, "commit", "-qam", "faulty")
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
    _git(root, "commit", "-qam", "second")
    base = subprocess.run(["git", "rev-parse", "base"], cwd=root, check=True, capture_output=True, text=True).stdout
    _git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root.parent}", "shallow")
    with pytest.raises(UsageError, match="no commit"):
        project_at(tmp_path / "shallow" / "scoping", base.strip())
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


def test_a_tenant_that_git_does_not_know_yet_has_changed(root: Path) -> None:
    (root / "tenants" / "c3.csv").write_text("course_id,school_id\nc3,s3\n")
    (root / "tenants" / "t3.yaml").write_text(_tenant(3))
    assert _changed(root) == ["t3"]


def test_a_row_file_that_is_gone_changes_the_tenant_that_read_it(root: Path) -> None:
    (root / "tenants" / "t1.yaml").write_text(_tenant(1).replace("c1.csv", "c2.csv").replace("s1", "s2"))
    _git(root, "commit", "-qam", "moved")
    (root / "tenants" / "c2.csv").write_text("course_id,school_id\nother,s2\n")
    assert _changed(root, "HEAD") == ["t1", "t2"]


def test_the_projects_own_file_changes_every_tenant(root: Path) -> None:
    (root / "scopesync.yaml").write_text(PROJECT + "guards: {max_updates: {percent: 10}}\n")
    assert _changed(root) == ["t1", "t2"]
