from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from scopesync.cli.program import program
from tests.docs.commands import page

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_what_help_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.docs.commands > docs/commands.md"


def _commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Every command by the words that call it, those of groups among them."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[f"{before}{name}"] = command
        if isinstance(command, click.Group):
            found |= _commands(command, f"{before}{name} ")
    return found


COMMANDS = _commands(program)


def test_the_commands_of_a_group_are_among_them() -> None:
    assert {"history", "history show", "history row", "history verify"} <= set(COMMANDS)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_option_of_a_command_stands_on_the_page(name: str) -> None:
    title, command = (f"`{name}`", COMMANDS[name]) if name else ("The options of all commands", program)
    section = re.split(r"\n##+ ", page().split(f"# {title}\n", 1)[1], maxsplit=1)[0]
    options = [option for one in command.params if isinstance(one, click.Option) for option in one.opts]
    assert [option for option in options if f"{option}" not in section] == []
