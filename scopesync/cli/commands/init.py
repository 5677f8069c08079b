"""init: a first project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@click.pass_obj
def init(console: Console) -> int:
    """Write a first project here: settings, an example tenant, a CI workflow. Overwrites nothing."""
    from scopesync.desired.init_files import scaffold

    made = scaffold(console.root)
    console.out("".join(f"wrote {path}\n" for path in made.written))
    console.err("".join(f"left {path}: it is there already\n" for path in made.kept))
    return 0
