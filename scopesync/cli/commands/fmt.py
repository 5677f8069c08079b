"""fmt: a project's files in their canonical layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.cli.options import tenant_choice

if TYPE_CHECKING:
    from scopesync.cli.console import Console


@click.command()
@tenant_choice
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.pass_obj
def fmt(console: Console, *, names: tuple[str, ...], labels: tuple[str, ...], check: bool) -> int:
    """Put files in canonical order and layout, comments kept; what they say stays the same.

    A file with problems is left as it is; they are shown, and the exit code is 1.
    """
    from scopesync.desired.fmt import format_project
    from scopesync.errors import problems_document
    from scopesync.report.problems_text import problems_text

    done = format_project(console.root, names, labels, check=check)
    verb = "would change" if check else "formatted"
    console.out("".join(f"{verb} {name}\n" for name in done.changed))
    console.err(problems_text(problems_document(done.problems)))
    return 1 if done.problems or (check and done.changed) else 0
