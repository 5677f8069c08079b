"""undo: a plan that takes a run back. It cannot write to the live side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import PLAN_FORMS, format_choice, full_option

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@click.argument("run", type=int)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for `apply --plan`.")
@format_choice(*PLAN_FORMS)
@full_option
@click.pass_obj
def undo(console: Console, *, run: int, out: Path | None, form: str, full: bool) -> int:
    """Plan to take a run back: every row that it changed, as it was before. Reads only; `apply --plan` carries it out.

    Exits with 3 when a guard refuses, with 6 when a tenant could not be read.
    """
    from scopesync.operations import undoing
    from scopesync.report.renderers import plan_text

    result = undoing.undo(console.workspace, run)
    if out is not None:
        result.save(out)
    console.out(plan_text(result.document, form=form, look=console.look(full=full)))
    console.err("Git still asks for what this takes back: revert it there too, or the next apply brings it back\n")
    return result.exit_code
