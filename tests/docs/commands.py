"""docs/commands.md, from click: every command and option, in the words of `--help`.

Belongs here: commands -> Markdown. `python -m tests.docs.commands > docs/commands.md` writes it anew; a test says when
that is due. Does not belong here: any word on a command; its own help has them.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

import click

from scopesync.cli.program import program

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """\
# Every command

Made by `python -m tests.docs.commands` from the words that `scopesync COMMAND --help` prints. Results go to stdout,
everything else to stderr; [exit-codes.md](exit-codes.md) says how a command ends.
"""


def page() -> str:
    """The whole page."""
    whole = click.Context(program, info_name="scopesync")
    parts = [_INTRODUCTION, _section("The options of all commands", whole)]
    for name, command in program.commands.items():
        parts.append(_section(f"`{name}`", click.Context(command, parent=whole, info_name=name)))
    return "\n".join(parts)


def _section(title: str, context: click.Context) -> str:
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    help_text = inspect.cleandoc(context.command.help or "")
    options = [one for one in context.command.params if isinstance(one, click.Option)]
    table = "".join(f"| {_spelling(one, context)} | {_meaning(one)} |\n" for one in options)
    head = "| Option | Meaning |\n|---|---|\n" if table else ""
    return f"## {title}\n\n```text\n{usage}\n```\n\n{help_text}\n" + (f"\n{head}{table}" if table else "")


def _spelling(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag or option.count else f" {option.make_metavar(context)}"
    return f"`{', '.join(option.opts)}{value}`".replace("|", "\\|")


def _meaning(option: click.Option) -> str:
    return " ".join(_said(option)).replace("|", "\\|").replace("<", "&lt;")


def _said(option: click.Option) -> Iterator[str]:
    if option.help:
        yield option.help
    if option.show_default:
        yield f"By default `{option.default}`."


if __name__ == "__main__":
    sys.stdout.write(page())
