"""schema: the JSON Schemas of files and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@click.argument("name", type=click.Choice(["project", "tenant", "plan", "drift"]))
@click.pass_obj
def schema(console: Console, *, name: str) -> int:
    """Print a JSON Schema."""
    from scopesync.schemas import schema_text

    console.out(schema_text(name))
    return 0
