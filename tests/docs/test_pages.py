"""The pages: their commands are parsed, their links followed, their facts compared with the code."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import click
import pytest

from scopesync.desired.project import load_project
from scopesync.model import Guards
from tests.docs.typed import parse, shown

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
]
TENANT = """\
version: 1
tenant: 7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11
"""


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_is_one(path: Path) -> None:
    for words in shown(path.read_text("utf-8")):
        if "COMMAND" not in words:
            parse(words)


def test_a_command_that_is_none_is_found() -> None:
    for line in ("plan --bsae main", "plans", "undo", "drift --format yaml"):
        (words,) = shown(f"`scopesync {line}`")
        with pytest.raises(click.UsageError):
            parse(words)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text("utf-8"))
    assert [link for link in links if not _leads_somewhere(path, link)] == []


def _leads_somewhere(path: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = path.parent / name if name else path
    headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE) if heading else []
    return target.exists() and (not heading or heading in {one.lower().replace(" ", "-") for one in headings})


def test_the_index_names_every_page() -> None:
    named = set(re.findall(r"\]\(([\w/-]+\.md)\)", _page("README.md")))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert named == pages - {"README.md"}
    assert "docs/README.md" in (ROOT / "README.md").read_text("utf-8")


def test_the_bounds_on_the_page_are_the_defaults(tmp_path: Path) -> None:
    (settings,) = re.findall(r"<!-- file: scopesync.yaml -->\n```yaml\n(.*?)```", _page("guards.md"), re.DOTALL)
    (tmp_path / "scopesync.yaml").write_text(
        f"version: 1\ntenants: '*.yml'\nconnections: {{us2: {{base_url: https://api.us2.kimonocloud.com}}}}\n{settings}"
    )
    (exception,) = re.findall(r"<!-- file: a tenant file -->\n```yaml\n(.*?)```", _page("guards.md"), re.DOTALL)
    (tmp_path / "a.yml").write_text(TENANT + exception)
    project = load_project(tmp_path, today=date(2026, 1, 1))
    assert project.guards == Guards()
    ((allow,),) = [tenant.allow for tenant in project.tenants]
    assert (allow.guard, allow.count) == ("max-removals", 412)


def test_the_exit_codes_are_those_of_the_readme() -> None:
    told = [
        re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
        for text in (_page("exit-codes.md"), (ROOT / "README.md").read_text("utf-8"))
    ]
    assert told[0] == told[1] != []
