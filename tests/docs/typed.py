"""Commands that pages show: found, and parsed by click as if they were typed, without being run."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING

import click

from scopesync.cli.console import Console
from scopesync.cli.program import program

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCK = re.compile(r"```(?:console|sh)\n(.*?)```", re.DOTALL)
_SPAN = re.compile(r"`(scopesync [^`]+)`")


def parse(words: Sequence[str]) -> None:
    """Let click parse what stands after `scopesync`. Raises click.UsageError for a command or option that is not one.

    That a file is not there is no fault of the command; a text may name an option without its value.
    """
    console = Console({}, stdout=sys.stdout, stderr=sys.stderr, run=lambda _words, _environ: 0)
    whole = click.Context(program, info_name="scopesync", obj=console)
    _, rest, _ = program.make_parser(whole).parse_args(list(words))
    if not rest:
        return
    try:
        _parse_command(program, whole, rest)
    except click.BadOptionUsage as error:
        if error.option_name != words[-1]:
            raise
    except click.BadParameter as error:
        if not error.message.endswith("does not exist."):
            raise


def _parse_command(group: click.Group, parent: click.Context, words: list[str]) -> None:
    name, command, given = group.resolve_command(parent, words)
    assert command is not None
    context = click.Context(command, parent=parent, info_name=name)
    command.parse_args(context, list(given))
    if isinstance(command, click.Group) and given and given[0] in command.commands:
        _parse_command(command, context, given)


def shown(page: str) -> list[list[str]]:
    """The words after `scopesync` of every such command on a page: in its blocks, and in its running text."""
    lines = [line.removeprefix("$ ") for block in _BLOCK.findall(page) for line in block.splitlines()]
    lines += _SPAN.findall(page)
    typed = [line.replace("RUN", "1") for line in lines if line.startswith("scopesync ")]
    return [shlex.split(line, comments=True)[1:] for line in typed]
