"""Drift: where the live side differs from the files, as a document.

Belongs here: turning a plan's changes ("this would change") into differences ("this moved"). Does not belong here: how
they look to people (report), judging who moved a row (attribution).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from scopesync.audit.attribution import attributed
from scopesync.plan.types import FailedTenant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scopesync.audit.attribution import Memory, MovedBy
    from scopesync.documents import (
        Action,
        DifferenceDocument,
        DriftDocument,
        DriftedListDocument,
        DriftedTenantDocument,
        DriftSummary,
        RowState,
        SourceDocument,
    )
    from scopesync.model import ListName
    from scopesync.plan.types import AnyTenant, Change, ListPlan, Plan

FORMAT_VERSION: Final = "1"

_STATE: Mapping[Action, RowState] = {"create": "missing", "delete": "unexpected", "update": "different"}


def drift_document(
    plan: Plan,
    memory: Callable[[str, ListName], Memory | None] | None,
    *,
    tool_version: str,
    created_at: str,
    source: SourceDocument | None,
) -> DriftDocument:
    """The drift document: the differences that the plan would repair.

    `memory` returns a list as a run last left it, by tenant id and list name. It is None when there is no ledger.
    """
    return {
        "format_version": FORMAT_VERSION,
        "tool": {"name": "scopesync", "version": tool_version},
        "created_at": created_at,
        "source": source,
        "memory": memory is not None,
        "summary": _summary(plan),
        "tenants": [_tenant_document(tenant, memory or _no_memory) for tenant in plan.tenants],
    }


def _summary(plan: Plan) -> DriftSummary:
    lists = [part for tenant in plan.planned for part in tenant.lists]
    states = Counter(_STATE[change.action] for part in lists for change in part.changes)
    return {
        "tenants": len(plan.tenants),
        "drifted_tenants": sum(tenant.changed for tenant in plan.planned),
        "missing": states["missing"],
        "unexpected": states["unexpected"],
        "different": states["different"],
        "errors": len(plan.failed),
    }


def _no_memory(_tenant_id: str, _name: ListName) -> None:
    return None


def _tenant_document(tenant: AnyTenant, memory: Callable[[str, ListName], Memory | None]) -> DriftedTenantDocument:
    if isinstance(tenant, FailedTenant):
        return {
            "tenant": {"id": tenant.tenant.id, "name": tenant.tenant.name},
            "connection": tenant.connection,
            "identity": "unverified",
            "lists": {},
            "error": {"kind": tenant.kind, "message": tenant.message},
        }
    lists: dict[ListName, DriftedListDocument] = {}
    for part in tenant.lists:
        name = part.kind.name
        lists[name] = _list_document(part, memory(tenant.tenant.id, name))
    return {
        "tenant": {"id": tenant.tenant.id, "name": tenant.tenant.name},
        "connection": tenant.connection,
        "identity": tenant.identity,
        "lists": lists,
        "error": None,
    }


def _list_document(part: ListPlan, memory: Memory | None) -> DriftedListDocument:
    moved_by = attributed(part.kind, part.changes, memory)
    return {
        "manage": part.manage,
        "live": {"rows": part.live_rows, "fingerprint": part.fingerprint},
        "desired": None if part.desired_rows is None else {"rows": part.desired_rows},
        "differences": [_difference(change, who) for change, who in zip(part.changes, moved_by, strict=True)],
    }


def _difference(change: Change, moved_by: MovedBy) -> DifferenceDocument:
    return {
        "state": _STATE[change.action],
        "key": change.key,
        "name": change.name,
        "live": None if change.before is None else dict(change.before),
        "desired": None if change.after is None else dict(change.after),
        "fields": list(change.fields),
        "origin": change.origin,
        "school": change.school,
        "moved_by": moved_by.value,
    }
