"""Every example is a project that validates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scopesync.desired.fmt import format_project
from scopesync.desired.project import load_project

EXAMPLES = sorted(path.parent for path in (Path(__file__).parent.parent / "examples").glob("*/scopesync.yaml"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_validates_without_a_warning(folder: Path) -> None:
    project = load_project(folder, today=date(2026, 1, 1))
    assert project.tenants
    assert [problem for problem in project.problems if problem.severity != "note"] == []


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_is_laid_out_as_fmt_lays_it_out(folder: Path) -> None:
    assert format_project(folder, check=True).changed == ()


def test_the_readme_of_the_examples_names_each() -> None:
    text = (Path(__file__).parent.parent / "examples" / "README.md").read_text("utf-8")
    assert len(EXAMPLES) >= 2
    assert all(f"`{folder.name}/`" in text for folder in EXAMPLES)
