"""Drift: where the live side differs from the files, as a document.

Belongs here: reading a plan as a statement about the past ("this moved") instead of the future ("this would change").
Does not belong here: how it looks to people (report). Who moved a row needs a record of what was applied; without one
each difference says `unknown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.plan.types import FailedTenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.plan.types import AnyTenant, Change, ListPlan, Plan

FORMAT_VERSION = "1"

Document = dict[str, Any]

_STATE = {"create": "missing", "delete": "unexpected", "update": "different"}


def drift_document(plan: Plan, *, tool_version: str, created_at: str, source: Mapping[str, Any] | None) -> Document:
    """The drift document (`drift.schema.json`) of the differences that the plan would repair."""
    changes = [change for tenant in plan.planned for part in tenant.lists for change in part.changes]
    states = [_STATE[change.action] for change in changes]
    return {
        "format_version": FORMAT_VERSION,
        "tool": {"name": "scopesync", "version": tool_version},
        "created_at": created_at,
        "source": None if source is None else dict(source),
        "summary": {
            "tenants": len(plan.tenants),
            "drifted_tenants": sum(tenant.changed for tenant in plan.planned),
            **{state: states.count(state) for state in ("missing", "unexpected", "different")},
            "errors": len(plan.failed),
        },
        "tenants": [_tenant_document(tenant) for tenant in plan.tenants],
    }


def _tenant_document(tenant: AnyTenant) -> Document:
    head = {"tenant": {"id": tenant.tenant.id, "name": tenant.tenant.name}, "connection": tenant.connection}
    if isinstance(tenant, FailedTenant):
        error = {"kind": tenant.kind, "message": tenant.message}
        return {**head, "identity": "unverified", "lists": {}, "error": error}
    lists = {part.kind.name: _list_document(part) for part in tenant.lists}
    return {**head, "identity": tenant.identity, "lists": lists, "error": None}


def _list_document(part: ListPlan) -> Document:
    return {
        "manage": part.manage,
        "live": {"rows": part.live_rows, "fingerprint": part.fingerprint},
        "desired": None if part.desired_rows is None else {"rows": part.desired_rows},
        "differences": [_difference(change) for change in part.changes],
    }


def _difference(change: Change) -> Document:
    return {
        "state": _STATE[change.action],
        "key": change.key,
        "name": change.name,
        "live": None if change.before is None else dict(change.before),
        "desired": None if change.after is None else dict(change.after),
        "fields": list(change.fields),
        "origin": change.origin,
        "moved_by": "unknown",
    }
