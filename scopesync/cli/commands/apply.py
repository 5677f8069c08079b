"""apply: make it so, then prove it by reading back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import tenant_choice

if TYPE_CHECKING:
    from scopesync.cli.session import Session
    from scopesync.desired.project import Project
    from scopesync.plan.types import Plan


@click.command()
@tenant_choice
@click.option("--plan", "file", type=click.Path(path_type=Path, dir_okay=False), help="Apply this saved plan.")
@click.option("--expect", metavar="DIGEST", help="Refuse unless the change is the one with this digest.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def apply(
    session: Session,
    *,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    file: Path | None,
    expect: str | None,
    yes: bool,
) -> int:
    """Make live equal desired, then prove it by reading back.

    Writes nothing when a guard refuses any tenant (3), or when the change is not the one that was reviewed (4). Exits
    with 5 when the result could not be confirmed, and with 6 when a tenant could not be read.
    """
    from scopesync.cli.fleet import applied
    from scopesync.cli.planfile import check_digest, plan_document
    from scopesync.errors import UsageError
    from scopesync.report.documents import plan_text
    from scopesync.report.outcome import outcome_text

    if file is not None and (names or labels):
        raise UsageError("--plan says which tenants to apply: leave out the names and labels")
    project = session.project()
    found = _opened(file) if file is not None else _made(session, project, names, labels)
    session.out(plan_text(plan_document(session, project, found), form="text", color=session.color))
    if expect is not None:
        check_digest(found, expect)
    if found.changed and not found.refusals and not _agreed(session, yes=yes):
        return 0
    outcome = applied(session, project, found)
    session.out(outcome_text(outcome.document()))
    return outcome.exit_code or found.failure_code


def _opened(file: Path) -> Plan:
    from scopesync.cli.planfile import open_plan

    return open_plan(file)[1]


def _made(session: Session, project: Project, names: tuple[str, ...], labels: tuple[str, ...]) -> Plan:
    from scopesync.cli.fleet import planned
    from scopesync.desired.select import select

    return planned(session, project, select(project.tenants, names, labels))


def _agreed(session: Session, *, yes: bool) -> bool:
    """Whether somebody says yes. Without a terminal there is nobody to ask: that is an error that names `--yes`."""
    from scopesync.errors import UsageError

    if yes:
        return True
    if not session.interactive:
        raise UsageError("there is no terminal to ask on", hint="say --yes to apply without being asked")
    return click.confirm("Apply this plan?", err=True)
