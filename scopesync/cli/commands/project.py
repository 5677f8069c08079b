"""init, validate, schema: a project's files, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.cli.options import format_choice

if TYPE_CHECKING:
    from scopesync.cli.session import Session


@click.command()
@click.pass_obj
def init(session: Session) -> int:
    """Write a first project here: settings, an example tenant, a CI workflow. Overwrites nothing."""
    from scopesync.desired.init_files import scaffold

    made = scaffold(session.root)
    session.out("".join(f"wrote {path}\n" for path in made.written))
    session.err("".join(f"left {path}: it is there already\n" for path in made.kept))
    return 0


@click.command()
@format_choice("text", "json", "github")
@click.pass_obj
def validate(session: Session, *, form: str) -> int:
    """Check every file, offline, and show every problem at once."""
    from scopesync.desired.project import load_project
    from scopesync.errors import problems_document
    from scopesync.report.problems_text import problems_github, problems_text
    from scopesync.report.renderers import json_text

    project = load_project(session.root, today=session.today)
    document = problems_document(project.problems)
    if form == "json":
        session.out(json_text(document))
    elif form == "github":
        session.out(problems_github(document, folder=session.folder))
    else:
        session.out(problems_text(document))
        rows = sum(len(part.rows) for tenant in project.tenants for part in tenant.lists.values())
        session.out(f"valid: {_count(len(project.tenants), 'tenant')}, {_count(rows, 'row')}\n")
    return 0


@click.command()
@click.argument("name", type=click.Choice(["project", "tenant", "plan", "drift"]))
@click.pass_obj
def schema(session: Session, *, name: str) -> int:
    """Print a JSON Schema."""
    from scopesync.schemas import schema_text

    session.out(schema_text(name))
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
