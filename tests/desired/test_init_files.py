from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from scopesync.desired.init_files import scaffold
from scopesync.desired.project import load_project
from scopesync.schemas import schema_text
from tests.desired.conftest import TODAY

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "scopesync.yaml",
    "tenants/example.yaml",
    ".gitignore",
    ".github/workflows/scopesync.yml",
    "schemas/project.schema.json",
    "schemas/tenant.schema.json",
}


def test_a_first_project_is_accepted_as_it_stands(tmp_path: Path) -> None:
    made = scaffold(tmp_path)
    assert (set(made.written), made.kept) == (FILES, ())
    (tenant,) = load_project(tmp_path, today=TODAY).tenants
    assert (tenant.tenant.name, tenant.lists) == ("example", {})


def test_its_comments_are_good_files_too(tmp_path: Path) -> None:
    scaffold(tmp_path)
    for name in ("scopesync.yaml", "tenants/example.yaml"):
        path = tmp_path / name
        lines = path.read_text().splitlines()
        path.write_text(
            "\n".join(line[2:] if line.startswith("# ") and is_key(line) else line for line in lines) + "\n"
        )
    project = tmp_path / "scopesync.yaml"
    project.write_text(project.read_text().replace("    # vendor", "    vendor"))
    (tmp_path / "tenants/example.courses.csv").write_text("course_id\nc\n")
    (tenant,) = load_project(tmp_path, today=TODAY).tenants
    assert tenant.credentials is not None
    assert tenant.connection.vendor_key is not None
    assert [len(one.rows) for one in tenant.lists.values()] == [1, 1]


def is_key(line: str) -> bool:
    """Whether a comment is YAML in waiting: a key, a value in its block, or an entry."""
    text = line[2:]
    return text.startswith((" ", "-")) or text.partition(":")[0] in ("guards", "credentials", "schools", "courses")


def test_editors_find_the_schemas_without_a_network(tmp_path: Path) -> None:
    scaffold(tmp_path)
    for name, schema in (("scopesync.yaml", "project"), ("tenants/example.yaml", "tenant")):
        modeline = (tmp_path / name).read_text().splitlines()[0]
        named = (tmp_path / name).parent / modeline.partition("$schema=")[2]
        assert named.resolve().read_text() == schema_text(schema)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    assert scaffold(tmp_path).kept == (".gitignore",)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    again = scaffold(tmp_path)
    assert (again.written, set(again.kept)) == ((), FILES - {"tenants/example.yaml"})


def test_a_project_that_is_there_gets_no_placeholder(tmp_path: Path) -> None:
    (tmp_path / "scopesync.yaml").write_text("version: 1\n")
    assert "tenants/example.yaml" not in scaffold(tmp_path).written


def test_the_workflow_may_only_read_the_repository(tmp_path: Path) -> None:
    scaffold(tmp_path)
    workflow: dict[Any, Any] = yaml.safe_load((tmp_path / ".github/workflows/scopesync.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow["jobs"]) == {"plan", "apply", "drift"}
