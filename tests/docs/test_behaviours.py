from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.behaviour_file import behaviour_of
from scopesync.sandbox.faults.script import script_of
from tests.docs.behaviours import documented, page

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_the_docstring_says_what_every_field_means_in_the_order_of_the_fields() -> None:
    assert [one.name for one in documented()] == [field.name for field in fields(Behaviour)]


def test_the_page_is_what_the_docstring_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.docs.behaviours > docs/sandbox.md"


def test_the_examples_on_the_page_are_a_behaviour_and_a_script() -> None:
    behaviour, script = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert behaviour_of(behaviour.encode()) == Behaviour(read_lag_s=5, paging_next="token", stamps="write")
    assert len(script_of(script.encode()).faults) == 1
