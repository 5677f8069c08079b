"""plan, show, drift: what would change, and what has moved. None of them can write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import detailed_exitcode, format_choice, tenant_choice

if TYPE_CHECKING:
    from scopesync.cli.session import Session

FORMS = ("text", "json", "markdown")


@click.command()
@tenant_choice
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for `apply --plan`.")
@format_choice(*FORMS)
@detailed_exitcode
@click.pass_obj
def plan(
    session: Session, *, names: tuple[str, ...], labels: tuple[str, ...], out: Path | None, form: str, detailed: bool
) -> int:
    """Show what would change, by which calls, and what the guards say. Reads only.

    Exits with 3 when a guard refuses, with 6 when a tenant could not be read.
    """
    from scopesync.cli.fleet import planned
    from scopesync.cli.planfile import plan_document, save_plan
    from scopesync.desired.select import select
    from scopesync.report.documents import json_text, plan_text

    project = session.project()
    found = planned(session, project, select(project.tenants, names, labels))
    document = plan_document(session, project, found)
    if out is not None:
        save_plan(out, json_text(document))
    session.out(plan_text(document, form=form, color=session.color))
    return _code(found.exit_code, changed=found.changed, detailed=detailed)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@format_choice(*FORMS)
@click.pass_obj
def show(session: Session, *, file: Path, form: str) -> int:
    """Render a saved plan again. Exits with 4 when the file is not a whole, unedited plan."""
    from scopesync.cli.planfile import open_plan
    from scopesync.report.documents import plan_text

    document, _ = open_plan(file)
    session.out(plan_text(document, form=form, color=session.color))
    return 0


@click.command()
@tenant_choice
@format_choice(*FORMS)
@detailed_exitcode
@click.pass_obj
def drift(session: Session, *, names: tuple[str, ...], labels: tuple[str, ...], form: str, detailed: bool) -> int:
    """Show where the live side differs from the files. Reads only.

    Exits with 6 when a tenant could not be read.
    """
    from scopesync.audit.drift import drift_document
    from scopesync.cli.fleet import planned
    from scopesync.cli.planfile import heading
    from scopesync.desired.select import select
    from scopesync.report.documents import drift_text

    project = session.project()
    found = planned(session, project, select(project.tenants, names, labels))
    document = drift_document(found, **heading(session, project))
    session.out(drift_text(document, form=form, color=session.color))
    return _code(found.failure_code, changed=found.changed, detailed=detailed)


def _code(code: int, *, changed: bool, detailed: bool) -> int:
    """A failure's code first: 2 says that everything was compared and something differs."""
    return code or (2 if changed and detailed else 0)
