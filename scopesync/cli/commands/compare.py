"""plan, show, drift, explain: what would change, what has moved, and why. None of them can write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import detailed_exitcode, format_choice, full_option, is_given, tenant_choice, tenant_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.cli.session import Session
    from scopesync.desired.project import Project

FORMS = ("text", "json", "markdown")


@click.command()
@tenant_choice
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for `apply --plan`.")
@click.option("--base", metavar="REF", help="Say of each change whether it is asked for since this commit.")
@click.option("--changed-since", "since", metavar="REF", help="Only tenants whose files differ from this commit.")
@format_choice(*FORMS)
@full_option
@detailed_exitcode
@click.pass_obj
def plan(
    session: Session,
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
    from scopesync.cli.fleet import Against, chosen_tenants, planned
    from scopesync.cli.ledgers import known_ledger
    from scopesync.cli.planfile import plan_document, save_plan
    from scopesync.desired.revision import changed_tenants, project_at
    from scopesync.report.renderers import plan_text

    project = session.project()
    chosen = chosen_tenants(project, names, labels, or_none=bool(base or since))
    if since is not None:
        changed = changed_tenants(project, since)
        chosen = tuple(tenant for tenant in chosen if tenant in changed)
    before = None if base is None else project_at(project.root, base)
    with known_ledger(session) as book:
        found = planned(session, project, chosen, Against(base=before, memory=book))
    document = plan_document(session, project, found)
    if out is not None:
        save_plan(out, document, session, project)
    session.out(plan_text(document, form=form, look=session.look(full=full)))
    if (ref := base or since) is not None:
        session.err("".join(_no_longer_managed(before or project_at(project.root, ref), project)))
    return _code(found.exit_code, changed=found.changed, detailed=detailed)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@format_choice(*FORMS)
@full_option
@click.option("--digest", "digest_only", is_flag=True, help="Print the plan's digest alone, for `apply --expect`.")
@click.pass_obj
def show(session: Session, *, file: Path, form: str, full: bool, digest_only: bool) -> int:
    """Render a saved plan again. Exits with 4 when the file is not a whole, unedited plan."""
    from scopesync.cli.planfile import open_plan
    from scopesync.errors import UsageError
    from scopesync.report.renderers import plan_text

    if digest_only and (full or is_given("form")):
        raise UsageError("--digest prints one line: leave out --format and --full")
    document, _ = open_plan(file)
    if digest_only:
        session.out(f"{document['digest']}\n")
        return 0
    session.out(plan_text(document, form=form, look=session.look(full=full)))
    return 0


@click.command()
@tenant_choice
@format_choice(*FORMS)
@full_option
@detailed_exitcode
@click.pass_obj
def drift(
    session: Session, *, names: tuple[str, ...], labels: tuple[str, ...], form: str, full: bool, detailed: bool
) -> int:
    """Show where the live side differs from the files. Reads only.

    Exits with 6 when a tenant could not be read.
    """
    from scopesync.audit.drift import drift_document
    from scopesync.cli.fleet import Against, chosen_tenants, planned
    from scopesync.cli.ledgers import known_ledger
    from scopesync.cli.planfile import heading
    from scopesync.report.renderers import drift_text

    project = session.project()
    with known_ledger(session) as book:
        found = planned(session, project, chosen_tenants(project, names, labels), Against(memory=book))
        document = drift_document(found, book.memory if book else None, **heading(session, project))
    session.out(drift_text(document, form=form, look=session.look(full=full)))
    return _code(found.failure_code, changed=found.changed, detailed=detailed)


@click.command()
@click.argument("tenant", shell_complete=tenant_names)
@click.argument("words", metavar="ID")
@format_choice("text", "json")
@click.pass_obj
def explain(session: Session, *, tenant: str, words: str, form: str) -> int:
    """Say of one school or course who asks for it, what is live, and what a plan would do with it.

    ID is an id, a reference, a local id or a whole name.
    """
    from scopesync.cli.fleet import explained
    from scopesync.desired.select import select
    from scopesync.report.explain_text import explain_text
    from scopesync.report.renderers import json_text

    project = session.project()
    (chosen,) = select(project.tenants, [tenant])
    document = explained(session, project, chosen, words)
    width = session.look(full=False).width
    session.out(json_text(document) if form == "json" else explain_text(document, width=width))
    return 0


def _no_longer_managed(before: Project, now: Project) -> Iterator[str]:
    """A line for each tenant that had a file at the other commit and has none now: it is left as it is live."""
    known = {tenant.tenant.id for tenant in now.tenants}
    for tenant in before.tenants:
        if tenant.tenant.id not in known:
            yield f"{tenant.tenant.name} has no file any more: its live lists stay as they are, unmanaged\n"


def _code(code: int, *, changed: bool, detailed: bool) -> int:
    """A failure's code first: 2 says that everything was compared and something differs."""
    return code or (2 if changed and detailed else 0)
