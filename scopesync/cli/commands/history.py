"""history: who did what, when, from which commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.cli.options import format_choice

if TYPE_CHECKING:
    from datetime import datetime

    from scopesync.cli.session import Session


@click.command()
@click.argument("words", nargs=-1, metavar="[TENANT | show RUN]")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only runs since then (UTC).")
@click.option("--row", metavar="ID", help="Only runs that touched this school or course, and what they did to it.")
@click.option("--verify", is_flag=True, help="Check that no record was changed since it was written.")
@click.option("--expect", metavar="SEQ:HASH", help="With --verify: the end of the record, as it was noted elsewhere.")
@format_choice("text", "json")
@click.pass_obj
def history(
    session: Session,
    *,
    words: tuple[str, ...],
    since: datetime | None,
    row: str | None,
    verify: bool,
    expect: str | None,
    form: str,
) -> int:
    """Say who did what, when, from which commit; `show RUN` says it of one run, call by call.

    A run bears the number of its first record in the ledger: later runs have higher numbers, with gaps between them.

    --verify exits with 1 and names the first record that is not as it was written.
    """
    from scopesync.cli.histories import Question, answer
    from scopesync.errors import UsageError

    match words:
        case ():
            tenant, run = None, None
        case ("show", number) if number.isdecimal():
            tenant, run = None, int(number)
        case ("show", word):
            raise UsageError(f'"{word}" is not the number of a run', hint="`scopesync history` lists the runs")
        case (name,) if name != "show":
            tenant, run = name, None
        case _:
            hint = "`scopesync history` lists the runs"
            raise UsageError("history takes one tenant, or `show` and the number of a run", hint=hint)
    if expect is not None and not verify:
        raise UsageError("--expect goes with --verify")
    question = Question(
        tenant=tenant,
        run=run,
        since=since,
        row=row,
        verify=verify,
        expect=expect,
    )
    return answer(session, question, form=form)
