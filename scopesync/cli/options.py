"""Options that several commands share, each declared once.

Belongs here: click's words for them. Does not belong here: what they choose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

PLAN_FORMS = ("text", "json", "markdown")
"""The forms of plans and of drift."""

Command = TypeVar("Command", bound="Callable[..., Any]")


def tenant_choice(command: Command) -> Command:
    """Tenants by name or id as arguments, or by `--label`; none means all."""
    command = click.option(
        "--label",
        "labels",
        multiple=True,
        metavar="SELECTOR",
        help="Only tenants with these labels, as in region=midwest,tier!=pilot.",
    )(command)
    return click.argument("names", nargs=-1, metavar="[TENANT]...", shell_complete=tenant_names)(command)


def format_choice(*forms: str) -> Callable[[Command], Command]:
    """`--format`, with the first form as the default; the console knows it too, so that failures take the same form."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        is_eager=True,
        callback=_remember_form,
        help="The form of the result.",
    )


full_option = click.option("--full", is_flag=True, help="Show every row, however long a list is.")

detailed_exitcode = click.option(
    "--detailed-exitcode", "detailed", is_flag=True, help="Exit with 2 instead of 0 when there are differences."
)


def is_given(parameter: str) -> bool:
    """Whether the command being run was given this parameter, also when its value is the default one."""
    source = click.get_current_context().get_parameter_source(parameter)
    return source is not click.core.ParameterSource.DEFAULT


def _remember_form(context: click.Context, _parameter: click.Parameter, value: str) -> str:
    context.obj.form = value
    return value


def tenant_names(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The names that begin as typed; none where the project cannot be read, for a shell has no place for problems."""
    from datetime import UTC, datetime
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from scopesync.desired.project import load_project
    from scopesync.errors import ScopesyncError

    program = context.find_root().params
    try:
        project = load_project(Path(program.get("root") or "."), today=datetime.now(UTC).date())
    except ScopesyncError:
        return []
    names = (tenant.tenant.name for tenant in project.tenants)
    return [CompletionItem(name) for name in names if name.startswith(typed)]
