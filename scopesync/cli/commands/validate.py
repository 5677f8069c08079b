"""validate: a project's files, checked offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.cli.options import format_choice

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@format_choice("text", "json", "github")
@click.pass_obj
def validate(console: Console, *, form: str) -> int:
    """Check every file, offline, and show every problem at once."""
    from scopesync.errors import problems_document
    from scopesync.report.problems_text import problems_github, problems_text
    from scopesync.report.renderers import json_text

    project = console.workspace.project(notify=False)
    document = problems_document(project.problems)
    if form == "json":
        console.out(json_text(document))
    elif form == "github":
        console.out(problems_github(document, folder=console.folder))
    else:
        console.out(problems_text(document))
        rows = sum(len(part.rows) for tenant in project.tenants for part in tenant.lists.values())
        console.out(f"valid: {_count(len(project.tenants), 'tenant')}, {_count(rows, 'row')}\n")
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
