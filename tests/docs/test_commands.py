from __future__ import annotations

from pathlib import Path

import click
import pytest

from scopesync.cli.program import program
from tests.docs.commands import page

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_what_help_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.docs.commands > docs/commands.md"


@pytest.mark.parametrize("name", ["", *program.commands])
def test_every_option_of_a_command_stands_on_the_page(name: str) -> None:
    title, command = (f"`{name}`", program.commands[name]) if name else ("The options of all commands", program)
    section = page().split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    options = [option for one in command.params if isinstance(one, click.Option) for option in one.opts]
    assert [option for option in options if f"{option}" not in section] == []
