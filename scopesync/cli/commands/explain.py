"""explain: who asks for one school or course."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.cli.options import format_choice, tenant_names

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@click.argument("tenant", shell_complete=tenant_names)
@click.argument("words", metavar="ID")
@format_choice("text", "json")
@click.pass_obj
def explain(console: Console, *, tenant: str, words: str, form: str) -> int:
    """Say of one school or course who asks for it, what is live, and what a plan would do with it.

    ID is an id, a reference, a local id or a whole name.
    """
    from scopesync.operations import explaining
    from scopesync.report.explain_text import explain_text
    from scopesync.report.renderers import json_text

    document = explaining.explain(console.workspace, tenant, words).document
    console.out(json_text(document) if form == "json" else explain_text(document, width=console.width))
    return 0
