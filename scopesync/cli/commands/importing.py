"""import, tenants: what is live already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scopesync.cli.options import format_choice

if TYPE_CHECKING:
    from scopesync.cli.discovery import Seen
    from scopesync.cli.session import Session
    from scopesync.desired.importing import Imported


@click.command("import")
@click.argument("names", nargs=-1, metavar="[TENANT]...")
@click.option("--all", "everything", is_flag=True, help="Every tenant that the vendor key sees.")
@click.option("--force", is_flag=True, help="Write files anew that are there already, edits and all.")
@click.pass_obj
def import_(session: Session, *, names: tuple[str, ...], everything: bool, force: bool) -> int:
    """Write the live lists of tenants as files; a plan right after is empty."""
    from scopesync.cli.discovery import imported

    done, unread = imported(session, session.project(aloud=False), names, everything=everything, force=force)
    for one in done:
        session.out("".join(f"wrote {name}\n" for name in one.written))
        session.err(_notes(one))
    for failure in unread:
        session.err(f"{failure.name}: {failure.error.message}\n")
    return max((failure.error.exit_code for failure in unread), default=0)


@click.command()
@format_choice("text", "json")
@click.pass_obj
def tenants(session: Session, *, form: str) -> int:
    """List what the vendor key can see, its state, and which tenants have a file. Secrets are never shown."""
    from scopesync.cli.discovery import seen_tenants
    from scopesync.report.documents import json_text
    from scopesync.report.tenants import tenants_text

    document = {"tenants": [_document(one) for one in seen_tenants(session, session.project(aloud=False))]}
    session.out(json_text(document) if form == "json" else tenants_text(document))
    return 0


def _notes(one: Imported) -> str:
    """What was not written, and why."""
    from scopesync.report.clean import one_line

    kept = f"left {one.kept}: the tenant has a file; --force writes it anew\n" if one.kept else ""
    return kept + "".join(
        f"left out of {left.list}: {', '.join(left.fields) or 'a row'} of {one_line(left.row)}: {left.reason}\n"
        for left in one.left_out
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
