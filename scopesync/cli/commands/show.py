"""show: a saved plan, rendered again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import PLAN_FORMS, format_choice, full_option, is_given

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@format_choice(*PLAN_FORMS)
@full_option
@click.option("--digest", "digest_only", is_flag=True, help="Print the plan's digest alone, for `apply --expect`.")
@click.pass_obj
def show(console: Console, *, file: Path, form: str, full: bool, digest_only: bool) -> int:
    """Render a saved plan again. Exits with 4 when the file is not a whole, unedited plan."""
    from scopesync.errors import UsageError
    from scopesync.operations.saved_plans import open_plan
    from scopesync.report.renderers import plan_text

    if digest_only and (full or is_given("form")):
        raise UsageError("--digest prints one line: leave out --format and --full")
    document, _ = open_plan(file)
    if digest_only:
        console.out(f"{document['digest']}\n")
        return 0
    console.out(plan_text(document, form=form, look=console.look(full=full)))
    return 0
