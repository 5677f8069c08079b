"""docs/commands.md, from click: every command and option, in the words of `--help`.

Belongs here: commands -> Markdown. `python -m tests.docs.commands > docs/commands.md` writes it anew; a test says when
that is due. Does not belong here: any word on a command; its own help has them.
"""

from __future__ import annotations

import inspect
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from scopesync.cli.program import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_INTRODUCTION = """\
# Every command

Made by `python -m tests.docs.commands` from the words that `scopesync COMMAND --help` prints. Results go to stdout,
everything else to stderr; [exit-codes.md](exit-codes.md) says how a command ends.
"""


def page() -> str:
    """The whole page."""
    whole = click.Context(program, info_name="scopesync")
    parts = [_INTRODUCTION, _section("The options of all commands", whole)]
    parts += _sections(program, lambda _name: whole, heading="##")
    return "\n".join(parts)


def _sections(
    group: click.Group, parent_of: Callable[[str], click.Context], *, heading: str, before: str = ""
) -> Iterator[str]:
    """A section for each command of the group, and below it one for each of its own."""
    for name, command in group.commands.items():
        title = f"{before}{name}"
        parent = parent_of(name)
        yield _section(f"`{title}`", click.Context(command, parent=parent, info_name=name), heading=heading)
        if isinstance(command, click.Group):
            typed = partial(_typed, command, name, parent)
            yield from _sections(command, typed, heading=f"{heading}#", before=f"{title} ")


def _typed(group: click.Group, name: str, parent: click.Context, subcommand: str) -> click.Context:
    """The context of a group after whose name the subcommand was typed."""
    return group.make_context(name, [subcommand], parent=parent, resilient_parsing=True)


def _section(title: str, context: click.Context, *, heading: str = "##") -> str:
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    help_text = inspect.cleandoc(context.command.help or "")
    options = [one for one in context.command.params if isinstance(one, click.Option)]
    table = "".join(f"| {_spelling(one, context)} | {_meaning(one)} |\n" for one in options)
    head = "| Option | Meaning |\n|---|---|\n" if table else ""
    return f"{heading} {title}\n\n```text\n{usage}\n```\n\n{help_text}\n" + (f"\n{head}{table}" if table else "")


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
