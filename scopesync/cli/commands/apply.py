"""apply: make it so, then prove it by reading back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scopesync.cli.options import full_option, tenant_choice

if TYPE_CHECKING:
    from scopesync.cli.console import Console
    from scopesync.operations.applying import ApplyResult
    from scopesync.operations.planning import PlanResult


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
    console: Console,
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
    from scopesync.cli.signals import Stop
    from scopesync.operations import applying
    from scopesync.report.renderers import plan_text

    def show(plan: PlanResult) -> None:
        console.out(plan_text(plan.document, form="text", look=console.look(full=full)))

    stop = Stop(console)
    workspace = console.workspace
    result = applying.apply(
        workspace,
        names,
        labels=labels,
        plan=file,
        expect=expect,
        on_plan=show,
        confirm=lambda _plan: _ask(console, yes=yes),
        stop=stop,
        while_sending=stop.on_signals,
    )
    _show_outcome(console, result)
    for line in applying.moved_since_review(workspace, result):
        _show_moved(console, line)
    console.err(_to_go_on(result.unfinished, saved=file is not None, yes=yes))
    return stop.code or result.exit_code


def _ask(console: Console, *, yes: bool) -> None:
    """Return when a person says yes. Without a terminal there is no one to ask: that is an error that names `--yes`."""
    from scopesync.errors import UsageError

    if yes:
        return
    if not console.interactive:
        raise UsageError("there is no terminal to ask on", hint="say --yes to apply without being asked")
    if not click.confirm("Apply this plan?", err=True):
        console.err("nothing was written\n")
        raise click.Abort


def _show_outcome(console: Console, result: ApplyResult) -> None:
    from scopesync.report.outcome_text import outcome_text

    console.out(outcome_text(result.document))
    if result.changed:
        console.out(f"Run {result.run} in {result.ledger}\n")


def _show_moved(console: Console, line: str) -> None:
    from scopesync.report.clean import one_line

    console.out(f"  {one_line(line)}\n")


def _to_go_on(unfinished: tuple[str, ...], *, saved: bool, yes: bool) -> str:
    """The command that goes on where this one ended; nothing when there is nothing left to do."""
    import shlex

    if not unfinished:
        return ""
    if saved:
        return "to go on: make a new plan (`plan --out`, or `undo RUN --out`) and have it reviewed\n"
    return f"to go on: scopesync apply {shlex.join(unfinished)}{' --yes' if yes else ''}\n"
