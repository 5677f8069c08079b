"""The library's door: lazy, sorted, and the same whatever was imported before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import scopesync

HEAVY = ["click", "deepdiff", "httpcore", "httpx", "jsonschema", "referencing", "rich", "sqlalchemy", "yaml"]


def _ended(code: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    return done.returncode, done.stderr


def test_to_import_it_costs_nothing() -> None:
    code = f"import sys, scopesync\nloaded = set({HEAVY}) & set(sys.modules)\nassert not loaded, loaded\n"
    ours = "rooms = [name for name in sys.modules if name.startswith('scopesync.')]\nassert not rooms, rooms\n"
    assert _ended(code + ours) == (0, "")


@pytest.mark.parametrize("name", scopesync.__all__)
def test_a_name_brings_neither_click_nor_rich_nor_the_command_line(name: str) -> None:
    code = f"import sys, scopesync\nscopesync.{name}\nloaded = {{'click', 'rich', 'httpx'}} & set(sys.modules)\n"
    rooms = "rooms = {'scopesync.cli', 'scopesync.report', 'scopesync.sandbox'} & set(sys.modules)\n"
    assert _ended(f"{code}{rooms}assert not loaded | rooms, loaded | rooms\n") == (0, "")


@pytest.mark.parametrize("name", ["plan", "apply"])
@pytest.mark.parametrize("first", ["import scopesync", "import scopesync.plan.types, scopesync.apply.fleet"])
def test_a_function_that_bears_a_rooms_name_is_the_function_whatever_is_imported_first(first: str, name: str) -> None:
    code = f"{first}\nimport scopesync\nfrom scopesync import {name}\n"
    code += f"import scopesync.plan.planner, scopesync.apply.sending\nassert callable({name})\n"
    code += f"assert scopesync.{name} is {name}\nfrom scopesync.{name} import __doc__ as room\nassert room\n"
    assert _ended(code) == (0, "")


def test_its_names_are_sorted_and_all_of_them_are_there() -> None:
    assert sorted(scopesync.__all__) == scopesync.__all__
    assert set(scopesync.__all__) <= set(dir(scopesync))
    for name in scopesync.__all__:
        assert callable(getattr(scopesync, name))
    with pytest.raises(AttributeError, match="no attribute 'planned'"):
        scopesync.planned  # noqa: B018 - that is what is tested
