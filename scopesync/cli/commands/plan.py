"""plan: what would change. It cannot write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import PLAN_FORMS, detailed_exitcode, format_choice, full_option, tenant_choice

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@tenant_choice
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for `apply --plan`.")
@click.option("--base", metavar="REF", help="Say of each change whether it is asked for since this commit.")
@click.option(
    "--changed-since",
    "since",
    metavar="REF",
    help="Only tenants whose files this branch changed since it left this commit.",
)
@format_choice(*PLAN_FORMS)
@full_option
@detailed_exitcode
@click.pass_obj
def plan(
    console: Console,
    *,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    out: Path | None,
    base: str | None,
    since: str | None,
    form: str,
    full: bool,
    detailed: bool,
) -> int:
    """Show what would change, by which calls, and what the guards say. Reads only.

    Exits with 3 when a guard refuses, with 6 when a tenant could not be read.
    """
    from scopesync.cli.exit_codes import compared
    from scopesync.operations import planning
    from scopesync.report.renderers import plan_text

    result = planning.plan(console.workspace, names, labels=labels, base=base, changed_since=since)
    if out is not None:
        result.save(out)
    console.out(plan_text(result.document, form=form, look=console.look(full=full)))
    for remark in result.remarks:
        console.err(f"{remark}\n")
    for tenant in result.unmanaged:
        console.err(f"{tenant.name} has no file any more: its live lists stay as they are, unmanaged\n")
    return compared(result.exit_code, changed=result.changed, detailed=detailed)
