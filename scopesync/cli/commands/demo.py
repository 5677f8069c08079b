"""demo: the whole loop on a sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Leave the project in this new or empty folder.",
)
@click.pass_obj
def demo(console: Console, *, keep: Path | None) -> int:
    """Play the whole loop on a sandbox: import, edit, plan, apply, drift, repair. Nothing to configure."""
    from scopesync.cli.demo import play

    return play(console, keep=keep)
