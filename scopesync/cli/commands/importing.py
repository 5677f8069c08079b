"""import, tenants: what is live already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scopesync.cli.options import format_choice

if TYPE_CHECKING:
    from scopesync.cli.discovery import Seen
    from scopesync.cli.session import Session
    from scopesync.desired.imports.importing import Imported

MOST_LEFT = 20
"""So many rows that were left are named; the others are counted."""


@click.command("import")
@click.argument("names", nargs=-1, metavar="[TENANT]...")
@click.option("--all", "everything", is_flag=True, help="Every tenant that the vendor key sees.")
@click.option("--force", is_flag=True, help="Let what is live win over edits in the lists of files that are there.")
@click.pass_obj
def import_(session: Session, *, names: tuple[str, ...], everything: bool, force: bool) -> int:
    """Write the live lists of tenants as files; a plan right after is empty.

    A tenant that has a file keeps it: rows that are live and not in it are added, everything else is left as it is.
    With --force its lists become what is live; credentials, labels, defaults, allow and comments stay in any case.
    """
    from scopesync.cli.discovery import imported

    done, unread = imported(session, session.project(aloud=False), names, everything=everything, force=force)
    for one in done:
        session.out(_written(one))
        session.err(_notes(one))
    if done and not any(one.is_new or one.merged for one in done):
        session.err("nothing to write: every file is as it is live\n")
    for failure in unread:
        session.err(f"{failure.name}: {failure.error.message}\n")
    return max((failure.error.exit_code for failure in unread), default=0)


@click.command()
@format_choice("text", "json")
@click.pass_obj
def tenants(session: Session, *, form: str) -> int:
    """List what the vendor key can see, its state, and which tenants have a file. Secrets are never shown."""
    from scopesync.cli.discovery import seen_tenants
    from scopesync.report.renderers import json_text
    from scopesync.report.tenants_text import tenants_text

    document = {"tenants": [_document(one) for one in seen_tenants(session, session.project(aloud=False))]}
    width = session.look(full=False).width
    session.out(json_text(document) if form == "json" else tenants_text(document, width=width))
    return 0


def _written(one: Imported) -> str:
    """Each file that was written; rows are counted where the tenant had a file."""
    merged = one.merged
    if one.is_new:
        return "".join(f"wrote {name}\n" for name in merged.files)
    counts = ((merged.added, "added"), (merged.changed, "changed"), (merged.removed, "removed"))
    rows = ", ".join(f"{number:,} {verb}" for number, verb in counts if number)
    return "".join(f"updated {name}\n" for name in merged.files) + (f"  rows: {rows}\n" if rows else "")


def _notes(one: Imported) -> str:
    """What was not written, and why."""
    from scopesync.report.clean import one_line

    merged = one.merged
    more = len(merged.left) - MOST_LEFT
    return "".join(
        [
            *(f"left {left.place}: {left.reason}\n" for left in merged.left[:MOST_LEFT]),
            *([f"left {more:,} more rows of {one.file}\n"] if more > 0 else []),
            *(
                f"left out of {left.list}: {', '.join(left.fields) or 'a row'} of {one_line(left.row)}: {left.reason}\n"
                for left in merged.left_out
            ),
            *(
                f"{name} of {one.file} is additive: no plan removes the rows that were left out\n"
                for name in merged.additive
            ),
        ]
    )


def _document(seen: Seen) -> dict[str, Any]:
    """The record as JSON data; the credential's secret has no place in it."""
    record = seen.record
    return {
        "id": record.id,
        "name": record.name,
        "connection": seen.connection,
        "file": seen.file,
        "account": record.account,
        "integration": record.integration,
        "license": {"status": record.license_status, "valid_from": record.valid_from, "valid_to": record.valid_to},
        "status": _state(record.op_state, record.setup_state, record.last_sync_at),
        "sis_status": _state(record.sis_op_state, record.sis_setup_state, record.sis_last_sync_at),
        "auth": {"type": record.auth_type, "client_id": record.client_id},
    }


def _state(op_state: str | None, setup_state: str | None, last_sync_at: str | None) -> dict[str, str | None]:
    return {"op_state": op_state, "setup_state": setup_state, "last_sync_at": last_sync_at}
