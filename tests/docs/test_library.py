"""docs/library.md: every public name is on it as the code has it, and its Python is run against the sandbox."""

from __future__ import annotations

import dataclasses
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import scopesync
from scopesync import errors
from scopesync.operations.applying import ApplyResult
from scopesync.operations.drifting import DriftResult
from scopesync.operations.explaining import Explanation
from scopesync.operations.history import HistoryResult
from scopesync.operations.importing import ImportResult
from scopesync.operations.planning import PlanResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell

    Edit = Callable[[str, str, str], None]

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text("utf-8")
BLOCKS = re.findall(r"<!-- run -->\n```python\n(.*?)```", PAGE, re.DOTALL)
TENANT = "st-brigids-diocesan-schools-ceatharlach"
NEW = 'schools:\n  - school_id: "5f0e8c1a-1111-4111-8111-000000000001"\n    name: Springfield\n'
RESULTS = [ApplyResult, DriftResult, Explanation, HistoryResult, ImportResult, PlanResult]


def _section(name: str) -> str:
    return re.split(r"\n##+ ", PAGE.split(f"### `{name}`\n", 1)[1], maxsplit=1)[0]


def test_the_python_on_the_page_does_what_it_says_and_prints_nothing(
    fleet: Shell, edit: Edit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(f"tenants/{TENANT}.yaml", "schools:\n", NEW)
    monkeypatch.chdir(fleet.root)
    for name, value in fleet.environ.items():
        monkeypatch.setenv(name, value)
    assert len(BLOCKS) == PAGE.count("```python")
    capsys.readouterr()
    names: dict[str, object] = {}
    for block in BLOCKS:
        exec(block.replace("springfield", TENANT), names)  # noqa: S102 - our own page
    assert tuple(capsys.readouterr()) == ("", "")
    assert "applied" in names  # the first block had something to apply


def test_every_public_name_is_on_the_page_and_no_other() -> None:
    assert set(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == set(scopesync.__all__)


@pytest.mark.parametrize("name", scopesync.__all__)
def test_every_parameter_of_a_public_name_is_on_the_page(name: str) -> None:
    (shown,) = re.findall(rf"^`{name}\((.*?)\)(?: ->\s\w+)?`:", _section(name), re.MULTILINE | re.DOTALL)
    parameters = inspect.signature(getattr(scopesync, name)).parameters
    assert re.findall(r"(?:^|, )(\w+)", shown.replace("\n", " ")) == list(parameters)


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.__name__)
def test_every_part_of_a_result_is_on_the_page(result: type) -> None:
    table = PAGE.split(f"| `{result.__name__}` |", 1)[1].split("\n\n", 1)[0]
    parts = {name for name in vars(result) if not name.startswith("_")}
    assert {field.name for field in dataclasses.fields(result)} <= parts
    assert set(re.findall(r"`(\w+)(?:\(\w*\))?`", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))) == parts


def test_every_exception_on_the_page_is_one() -> None:
    named = set(re.findall(r"`?\b([A-Z]\w+Error)\b`?", PAGE)) - {"OSError"}
    assert {name for name in named if not issubclass(getattr(errors, name), errors.ScopesyncError)} == set()


def test_every_dotted_name_on_the_page_exists() -> None:
    dotted = set(re.findall(r"`(scopesync(?:\.\w+)+)", PAGE)) - {"scopesync.yaml"}
    assert dotted
    for name in dotted:
        module, _, attribute = name.rpartition(".")
        assert attribute in scopesync.__all__ or hasattr(import_module(module), attribute), name
