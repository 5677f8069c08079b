"""tenants: what the vendor key can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scopesync.cli.options import format_choice

if TYPE_CHECKING:
    from scopesync.cli.console import Console
    from scopesync.operations.importing import VisibleTenant


@click.command()
@format_choice("text", "json")
@click.pass_obj
def tenants(console: Console, *, form: str) -> int:
    """List what the vendor key can see, its state, and which tenants have a file. Secrets are never shown."""
    from scopesync.operations.importing import visible_tenants
    from scopesync.report.renderers import json_text
    from scopesync.report.tenants_text import tenants_text

    document = {"tenants": [_document(one) for one in visible_tenants(console.workspace)]}
    console.out(json_text(document) if form == "json" else tenants_text(document, width=console.width))
    return 0


def _document(visible: VisibleTenant) -> dict[str, Any]:
    """The record as JSON data; the credential's secret has no place in it."""
    record = visible.record
    return {
        "id": record.id,
        "name": record.name,
        "connection": visible.connection,
        "file": visible.file,
        "account": record.account,
        "integration": record.integration,
        "license": {"status": record.license_status, "valid_from": record.valid_from, "valid_to": record.valid_to},
        "status": _state(record.op_state, record.setup_state, record.last_sync_at),
        "sis_status": _state(record.sis_op_state, record.sis_setup_state, record.sis_last_sync_at),
        "auth": {"type": record.auth_type, "client_id": record.client_id},
    }


def _state(op_state: str | None, setup_state: str | None, last_sync_at: str | None) -> dict[str, str | None]:
    return {"op_state": op_state, "setup_state": setup_state, "last_sync_at": last_sync_at}
