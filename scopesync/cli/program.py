"""The program at a glance: its shared options and its commands.

Belongs here: the group. Does not belong here: what a command runs; each imports that in its body, so that `--help` and
completion cost click alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.commands.apply import apply
from scopesync.cli.commands.demo import demo
from scopesync.cli.commands.drift import drift
from scopesync.cli.commands.explain import explain
from scopesync.cli.commands.fmt import fmt
from scopesync.cli.commands.history import history
from scopesync.cli.commands.import_ import import_
from scopesync.cli.commands.init import init
from scopesync.cli.commands.plan import plan
from scopesync.cli.commands.sandbox import sandbox
from scopesync.cli.commands.schema import schema
from scopesync.cli.commands.show import show
from scopesync.cli.commands.tenants import tenants
from scopesync.cli.commands.undo import undo
from scopesync.cli.commands.validate import validate

if TYPE_CHECKING:
    from scopesync.cli.console import Console


def _version(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from scopesync.operations.provenance import tool_version

        context.obj.out(f"scopesync {tool_version()}\n")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-C",
    "root",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    metavar="DIR",
    help="The project's folder (default: this one).",
)
@click.option("-v", "verbosity", count=True, help="Say more on stderr; -vv says everything.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour results: on a terminal that has not said NO_COLOR, always, or never.",
)
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Trust only the CA certificates in this PEM file.",
)
@click.option("--proxy", metavar="URL", help="Go through this proxy (http or https); the environment names none.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="The version.")
@click.pass_obj
def program(
    console: Console, *, root: Path, verbosity: int, color: str, ca_file: Path | None, proxy: str | None
) -> None:
    """Keep school and course scoping in Git: plan it, apply it, see what drifted."""
    console.configure(root=root, verbosity=verbosity, color=color, ca_file=ca_file, proxy=proxy)


for command in (
    init,
    import_,
    validate,
    fmt,
    tenants,
    plan,
    show,
    apply,
    drift,
    explain,
    history,
    undo,
    sandbox,
    demo,
    schema,
):
    program.add_command(command)
