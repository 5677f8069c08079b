"""apply, undo: make it so, then prove it by reading back; plan to take a run back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import format_choice, full_option, tenant_choice

if TYPE_CHECKING:
    from scopesync.audit.ledger.book import Ledger
    from scopesync.cli.fleet import Against
    from scopesync.cli.session import Session
    from scopesync.desired.project import Project
    from scopesync.plan.types import Plan


@click.command()
@tenant_choice
@click.option(
    "--plan", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Apply this saved plan."
)
@click.option("--expect", metavar="DIGEST", help="Refuse unless the change is the one with this digest.")
@full_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def apply(
    session: Session,
    *,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    file: Path | None,
    expect: str | None,
    full: bool,
    yes: bool,
) -> int:
    """Make live equal desired, then prove it by reading back.

    Writes nothing when a guard refuses any tenant (3), or when the change is not the one that was reviewed (4). Exits
    with 5 when the result could not be confirmed, and with 6 when a tenant could not be read.
    """
    from scopesync.apply.fleet import check_guards
    from scopesync.cli.applying import Applying
    from scopesync.cli.fleet import Against
    from scopesync.cli.ledgers import ledger
    from scopesync.cli.planfile import check_digest, plan_document
    from scopesync.errors import UsageError
    from scopesync.report.renderers import plan_text

    if file is not None and (names or labels):
        raise UsageError("--plan says which tenants to apply: leave out the names and labels")
    project = session.project()
    with ledger(session) as book:
        applying = Applying(session, project, book)
        against = Against(memory=book, heard=applying.heard)
        found = _opened(session, project, file, book) if file else _made(session, project, names, labels, against)
        document = plan_document(session, project, found)
        session.out(plan_text(document, form="text", look=session.look(full=full)))
        if expect is not None:
            check_digest(found, expect)
        check_guards(found)
        if found.changed and not _agreed(session, yes=yes):
            session.err("nothing was written\n")
            raise click.Abort
        again = "make a new plan (`plan --out`, or `undo RUN --out`) and have it reviewed"
        if file is None:
            again = f"scopesync apply {{tenants}}{' --yes' if yes else ''}"
        return applying.run(found, document, again=again) or found.failure_code


@click.command()
@click.argument("run", type=int)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for `apply --plan`.")
@format_choice("text", "json", "markdown")
@full_option
@click.pass_obj
def undo(session: Session, *, run: int, out: Path | None, form: str, full: bool) -> int:
    """Plan to take a run back: every row that it changed, as it was before. Reads only; `apply --plan` carries it out.

    Exits with 3 when a guard refuses, with 6 when a tenant could not be read.
    """
    from scopesync.cli.fleet import Against, planned
    from scopesync.cli.ledgers import known_ledger
    from scopesync.cli.planfile import plan_document, save_plan
    from scopesync.cli.undoing import Undoing
    from scopesync.report.renderers import plan_text

    project = session.project()
    with known_ledger(session) as book:
        undoing = Undoing(book, project, run)
        found = planned(session, project, undoing.tenants, Against(memory=book, wanted=undoing.wanted))
    document = plan_document(session, project, found)
    if out is not None:
        save_plan(out, document, session, project)
    session.out(plan_text(document, form=form, look=session.look(full=full)))
    session.err("Git still asks for what this takes back: revert it there too, or the next apply brings it back\n")
    return found.exit_code


def _opened(session: Session, project: Project, file: Path, book: Ledger) -> Plan:
    from scopesync.cli.fleet import judged
    from scopesync.cli.planfile import open_usable_plan

    return judged(session, project, open_usable_plan(file, session, project), book)


def _made(
    session: Session, project: Project, names: tuple[str, ...], labels: tuple[str, ...], against: Against
) -> Plan:
    from scopesync.cli.fleet import chosen_tenants, planned

    return planned(session, project, chosen_tenants(project, names, labels), against)


def _agreed(session: Session, *, yes: bool) -> bool:
    """Whether somebody says yes. Without a terminal there is nobody to ask: that is an error that names `--yes`."""
    from scopesync.errors import UsageError

    if yes:
        return True
    if not session.interactive:
        raise UsageError("there is no terminal to ask on", hint="say --yes to apply without being asked")
    return click.confirm("Apply this plan?", err=True)
