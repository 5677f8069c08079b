"""history: who did what, when, from which commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.cli.options import format_choice, tenant_names

if TYPE_CHECKING:
    from datetime import datetime

    from click.shell_completion import CompletionItem

    from scopesync.cli.console import Console

_SUBCOMMAND = "scopesync.history.subcommand"


class _HistoryGroup(click.Group):
    """A group that has a question of its own: what does not begin with a subcommand's name is about a tenant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse a subcommand's name, or the group's own options and tenant in any order."""
        has_subcommand = bool(args) and args[0] in self.commands
        ctx.meta[_SUBCOMMAND] = has_subcommand
        ctx.allow_extra_args = has_subcommand
        ctx.allow_interspersed_args = not has_subcommand
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The group's parameters: before a subcommand there is no tenant, which would take its name."""
        params = super().get_params(ctx)
        if not ctx.meta.get(_SUBCOMMAND):
            return params
        return [param for param in params if not isinstance(param, click.Argument)]


def _tenants_and_subcommands(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """What can follow `history`: a tenant, or a subcommand."""
    from click.shell_completion import CompletionItem

    assert isinstance(context.command, click.Group)
    subcommands = [CompletionItem(name) for name in context.command.commands if name.startswith(typed)]
    return subcommands + tenant_names(context, parameter, typed)


_since = click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only runs since then (UTC)."
)


@click.group(
    cls=_HistoryGroup, invoke_without_command=True, no_args_is_help=False, subcommand_metavar="| COMMAND [ARGS]..."
)
@click.argument("tenant", required=False, shell_complete=_tenants_and_subcommands)
@_since
@format_choice("text", "json")
@click.pass_context
def history(context: click.Context, *, form: str, tenant: str | None = None, since: datetime | None = None) -> int:
    """List the runs: who did what, when, from which commit. With TENANT, those that had anything to change in it.

    A run bears the number of its first record in the ledger: later runs have higher numbers, with gaps between them.

    A tenant that is named `show`, `row` or `verify` is asked for by its id, or after `--`, as in `history -- show`.
    """
    if context.invoked_subcommand is not None:
        return 0
    return _list_runs(context.obj, tenant=tenant, row=None, since=since, form=form)


@history.command()
@click.argument("run", type=click.IntRange(min=0))
@format_choice("text", "json")
@click.pass_obj
def show(console: Console, *, run: int, form: str) -> int:
    """Show one run, call by call, and what became of each."""
    from scopesync.operations.history import run_record
    from scopesync.report.history_text import run_text
    from scopesync.report.renderers import json_text

    document = run_record(console.workspace, run)
    console.out(json_text(document) if form == "json" else run_text(document, width=console.width))
    return 0


@history.command()
@click.argument("row", metavar="ID")
@click.option("--tenant", shell_complete=tenant_names, help="Only runs that had anything to change in this tenant.")
@_since
@format_choice("text", "json")
@click.pass_obj
def row(console: Console, *, row: str, tenant: str | None, since: datetime | None, form: str) -> int:
    """List the runs that touched one school or course, and what they did to it."""
    return _list_runs(console, tenant=tenant, row=row, since=since, form=form)


@history.command()
@click.option("--expect", metavar="SEQ:HASH", help="The end of the record, as it was noted elsewhere.")
@format_choice("text", "json")
@click.pass_obj
def verify(console: Console, *, expect: str | None, form: str) -> int:
    """Check that no record was changed since it was written.

    Exits with 1 and names the first record that is not as it was written.
    """
    from scopesync.operations.history import verify as verified
    from scopesync.report.renderers import json_text

    head = verified(console.workspace, expect)
    if form == "json":
        console.out(json_text({"verified": True, "head": head}))
    else:
        console.out(f"every record is as it was written; the last is {head} (note it elsewhere, for --expect)\n")
    return 0


def _list_runs(console: Console, *, tenant: str | None, row: str | None, since: datetime | None, form: str) -> int:
    from scopesync.operations.history import history as runs_of
    from scopesync.report.history_text import history_text
    from scopesync.report.renderers import json_text

    document = runs_of(console.workspace, tenant, since=since, row=row).document
    console.out(json_text(document) if form == "json" else history_text(document, width=console.width))
    return 0
