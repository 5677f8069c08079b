"""sandbox: a local Interop API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to listen on (default: a free one).")
@click.option(
    "--data", type=click.Path(path_type=Path, dir_okay=False), help="Keep the state in this SQLite file between runs."
)
@click.option(
    "--faults",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Play this script of faults (YAML or JSON).",
)
@click.option(
    "--behaviour",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Settle what the vendor's page leaves open as this file says (YAML or JSON).",
)
@click.pass_obj
def sandbox(console: Console, *, port: int, data: Path | None, faults: Path | None, behaviour: Path | None) -> int:
    """Run a local Interop API with a believable fleet, until interrupted.

    It fails as a script of faults says; GET and PUT /_sandbox/faults show the script and take another, GET
    /_sandbox/served tells what was done and what struck. What the vendor's page leaves open is as strict and simple as
    can be, or as --behaviour says.
    """
    from scopesync.cli.sandbox_engine import serve_until_interrupted

    serve_until_interrupted(console, port=port, data=data, faults=faults, behaviour=behaviour)
    return 0
