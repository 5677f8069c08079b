from __future__ import annotations

import gc
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.desired.project import load_project
from scopesync.errors import ConfigurationError
from scopesync.model import ChangeLimit, Connection, Guards, Limits, SecretRef
from tests.desired.conftest import HEAD, PROJECT, TODAY

if TYPE_CHECKING:
    from tests.desired.conftest import Folder

BEGINNING = "version: 1\ntenants: tenants/*.yaml\n"
CONNECTIONS = "connections: {us2: {base_url: https://api.us2.kimonocloud.com}}\n"


def test_a_project_file_in_full(folder: Folder) -> None:
    folder.write(
        "scopesync.yaml",
        """\
version: 1
tenants: [north/*.yaml, south/*.yaml]
connections:
  us2:
    base_url: https://api.us2.kimonocloud.com/
    auth: basic
    vendor: {api_key: env:KIMONO_API_KEY}
    limits: {concurrency: 4, requests_per_second: 2.5, page_size: 100, rows_per_call: 10, timeout_s: 5}
  local: {base_url: "http://127.0.0.1:8080"}
guards:
  max_removals: {percent: 10}
  max_updates: {count: 7}
import: {csv_over_rows: 50}
""",
    )
    folder.write("south/b.yaml", HEAD + "connection: us2\n")
    project = folder.load()
    limits = Limits(concurrency=4, requests_per_second=2.5, page_size=100, rows_per_call=10, timeout_s=5)
    key = SecretRef("env", "KIMONO_API_KEY")
    assert project.connections == {
        "us2": Connection("us2", "https://api.us2.kimonocloud.com", "basic", key, limits),
        "local": Connection("local", "http://127.0.0.1:8080"),
    }
    assert project.guards == Guards(
        max_removals=ChangeLimit(percent=10, count=200),
        max_updates=ChangeLimit(percent=50, count=7),
    )
    assert project.csv_over_rows == 50
    assert [tenant.origin for tenant in project.tenants] == ["south/b.yaml"]
    assert [problem.message for problem in project.problems if problem.severity == "warning"] == [
        'no tenant file matches "north/*.yaml"'
    ]


def test_each_glob_that_matches_nothing_is_a_warning_at_its_place(folder: Folder) -> None:
    folder.write("scopesync.yaml", f"version: 1\ntenants: [a/*.yaml, b/*.yaml]\n{CONNECTIONS}")
    project = folder.load()
    assert project.tenants == ()
    assert [(problem.severity, problem.place, problem.message) for problem in project.problems] == [
        ("warning", "scopesync.yaml:2:11", 'no tenant file matches "a/*.yaml"'),
        ("warning", "scopesync.yaml:2:21", 'no tenant file matches "b/*.yaml"'),
    ]


def test_tenants_are_sorted_by_name(folder: Folder) -> None:
    for number, name in enumerate(("c", "a", "b")):
        folder.write(f"tenants/{number}.yaml", f"version: 1\ntenant: t{number}\nname: {name}\nschools: []\n")
    assert [tenant.tenant.name for tenant in folder.load().tenants] == ["a", "b", "c"]


def test_a_folder_without_a_project_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_project(tmp_path, today=TODAY)
    (problem,) = caught.value.problems
    assert problem.hint is not None
    assert "scopesync init" in problem.hint
    assert "-C DIR" in problem.hint


def test_every_problem_of_every_file_comes_at_once_by_place(folder: Folder) -> None:
    folder.write("scopesync.yaml", BEGINNING + CONNECTIONS + "guard: {}\n")
    folder.write("tenants/c.yaml", "version: 1\ntenant: 'c\n")
    folder.write("tenants/b.yaml", "version: 1\ntenant: b\nshcools: []\nschools: [{school_id: 1}]\n")
    folder.write("tenants/a.yaml", "version: 1\ntenant: a\ncourses: [{from: r.csv}]\n")
    folder.write("tenants/r.csv", "course_id\na/b\nc/d\n")
    assert [problem.place for problem in folder.errors()] == [
        "scopesync.yaml:4:1",
        "tenants/b.yaml:3:1",
        "tenants/b.yaml:4:23",
        "tenants/c.yaml:2:9",
        "tenants/r.csv:2:1",
        "tenants/r.csv:3:1",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.us2.kimonocloud.com",
        "https://user:hunter2@api.us2.kimonocloud.com",
        "https://api.us2.kimonocloud.com/v2",
        "https://api.us2.kimonocloud.com?a=b",
        "https://api.us2.kimonocloud.com#a",
        "http://127.0.0.1.evil.example",
        "ftp://localhost",
        "https://",
        "https://a\\n",
    ],
)
def test_a_base_url_is_a_host_and_nothing_else(folder: Folder, url: str) -> None:
    folder.write("scopesync.yaml", f'{BEGINNING}connections:\n  us2: {{base_url: "{url}"}}\n')
    problem = folder.error()
    assert problem.place == "scopesync.yaml:4:19"
    assert "must be https://HOST" in problem.message
    assert "hunter2" not in repr(problem)


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:1", "https://h.example:443/"]
)
def test_http_is_for_this_machine_alone(folder: Folder, url: str) -> None:
    folder.write("scopesync.yaml", f'{BEGINNING}connections:\n  us2: {{base_url: "{url}"}}\n')
    assert folder.load().connections["us2"].base_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("guards: {max_removals: {percent: }}", "percent must be a number, not null"),
        ("guards: {max_removals: {percent: 101}}", "must not be more than 100"),
        ("guards: {max_removals: {count: -1}}", "must not be less than 0"),
        ("guards: {max_removals: {}}", "must not be empty"),
        ("guards: {max_removal: {count: 1}}", 'unknown key "max_removal"'),
        ("import: {csv_over_rows: many}", "must be a whole number, not text"),
    ],
)
def test_a_faulty_setting_is_refused(folder: Folder, line: str, words: str) -> None:
    folder.write("scopesync.yaml", f"{BEGINNING}{CONNECTIONS}{line}\n")
    assert words in folder.error().message


@pytest.mark.parametrize("glob", ["../*.yaml", "/etc/*.yaml", "a/../../*.yaml"])
def test_tenant_files_are_never_outside_of_the_project(folder: Folder, glob: str) -> None:
    folder.write("scopesync.yaml", f"version: 1\ntenants: {glob}\n{CONNECTIONS}")
    assert folder.error().place == "scopesync.yaml:2:10"


def test_a_tenant_file_behind_a_symlink_to_elsewhere_is_refused(folder: Folder) -> None:
    """Fault 61."""
    (folder.root.parent / "a.yaml").write_text(HEAD)
    (folder.root / "tenants").mkdir()
    (folder.root / "tenants/a.yaml").symlink_to("../../a.yaml")
    assert folder.error().message == "the file is outside of the project"


@pytest.mark.parametrize("other", ["West-Side", "west_side"])
def test_two_names_must_not_mean_one_environment_variable(folder: Folder, other: str) -> None:
    folder.write("tenants/a.yaml", "version: 1\ntenant: a\nname: west-side\nschools: []\n")
    folder.write("tenants/b.yaml", f"version: 1\ntenant: b\nname: {other}\nschools: []\n")
    assert [problem.place for problem in folder.errors()] == ["tenants/a.yaml:3:7", "tenants/b.yaml:3:7"]


def test_the_garbage_collector_is_as_it_was(folder: Folder) -> None:
    assert gc.isenabled()
    folder.load()
    assert gc.isenabled()
    folder.tenant("nonsense: 1\n")
    folder.errors()
    assert gc.isenabled()


WORDS = ["version", "tenants", "connections", "us2", "base_url", "guards", "tenant", "name", "labels", "connection"]
WORDS += ["credentials", "client_id", "defaults", "manage", "schools", "courses", "allow", "guard", "expires", "from"]
WORDS += ["school_id", "course_id", "school_ref_id", "local_id", "selected", "protect", "2026-01-01", "env:A", "*", ""]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.just(0.5) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=12,
)
FILES = ANYTHING.map(json.dumps).map(str.encode) | st.binary(max_size=60)
TENANTS = st.dictionaries(st.sampled_from(WORDS[6:16]), ANYTHING, max_size=5).map(
    lambda parts: json.dumps({"version": 1, "tenant": "t", **parts}).encode(),
)


@given(st.just(PROJECT.encode()) | FILES, FILES | TENANTS, FILES)
def test_any_files_end_in_a_project_or_in_problems(project: bytes, tenant: bytes, table: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "tenants").mkdir()
        (root / "scopesync.yaml").write_bytes(project)
        (root / "tenants/a.yaml").write_bytes(tenant)
        (root / "tenants/r.csv").write_bytes(table)
        (root / "tenants/b.yaml").write_text("version: 1\ntenant: b\nschools: [{from: r.csv}]\n")
        try:
            load_project(root, today=TODAY)
        except ConfigurationError as error:
            assert any(problem.severity == "error" for problem in error.problems)  # noqa: PT017 - both ends are right
