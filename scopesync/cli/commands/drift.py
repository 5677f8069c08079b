"""drift: what has moved. It cannot write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.cli.options import PLAN_FORMS, detailed_exitcode, format_choice, full_option, tenant_choice

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@tenant_choice
@format_choice(*PLAN_FORMS)
@full_option
@detailed_exitcode
@click.pass_obj
def drift(
    console: Console, *, names: tuple[str, ...], labels: tuple[str, ...], form: str, full: bool, detailed: bool
) -> int:
    """Show where the live side differs from the files. Reads only.

    Exits with 6 when a tenant could not be read.
    """
    from scopesync.cli.exit_codes import compared
    from scopesync.operations import drifting
    from scopesync.report.renderers import drift_text

    result = drifting.drift(console.workspace, names, labels=labels)
    console.out(drift_text(result.document, form=form, look=console.look(full=full)))
    return compared(result.exit_code, changed=result.changed, detailed=detailed)
