"""Commands that pages show: found, and parsed by click as if they were typed, without being run."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING

import click

from scopesync.cli.program import program
from scopesync.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCK = re.compile(r"```(?:console|sh)\n(.*?)```", re.DOTALL)
_SPAN = re.compile(r"`(scopesync [^`]+)`")


def parse(words: Sequence[str]) -> None:
    """Let click parse what stands after `scopesync`. Raises click.UsageError for a command or option that is not one.

    That a file is not there is no fault of the command; a text may name an option without its value.
    """
    session = Session({}, stdout=sys.stdout, stderr=sys.stderr, run=lambda _words, _environ: 0)
    whole = click.Context(program, info_name="scopesync", obj=session)
    _, rest, _ = program.make_parser(whole).parse_args(list(words))
    if not rest:
        return
    name, command, given = program.resolve_command(whole, rest)
    assert command is not None
    try:
        command.parse_args(click.Context(command, parent=whole, info_name=name), given)
    except click.BadOptionUsage as error:
        if error.option_name != words[-1]:
            raise
    except click.BadParameter as error:
        if not error.message.endswith("does not exist."):
            raise


def shown(page: str) -> list[list[str]]:
    """The words after `scopesync` of every such command on a page: in its blocks, and in its running text."""
    lines = [line.removeprefix("$ ") for block in _BLOCK.findall(page) for line in block.splitlines()]
    lines += _SPAN.findall(page)
    typed = [line.replace("RUN", "1") for line in lines if line.startswith("scopesync ")]
    return [shlex.split(line, comments=True)[1:] for line in typed]
