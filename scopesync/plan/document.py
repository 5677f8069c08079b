"""The plan document: a plan as plain JSON data, and back.

Belongs here: the document's layout (`documents.PlanDocument` and `plan.schema.json` say the same) and its digest. Does
not belong here: files, clocks, and how a document looks to people (report).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scopesync.model import KIND_BY_NAME, KINDS, Tenant
from scopesync.plan.types import Allowed, Call, Change, FailedTenant, ListPlan, Plan, Refusal, Strategy, TenantPlan
from scopesync.row_identity import canonical, digest, written_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.documents import (
        AllowedDocument,
        CallDocument,
        ChangeDocument,
        PlanDocument,
        PlannedListDocument,
        PlannedTenantDocument,
        PlanSummary,
        RefusalDocument,
        SourceDocument,
    )
    from scopesync.plan.types import AnyTenant

FORMAT_VERSION: Final = "1"


def to_document(plan: Plan, *, tool_version: str, created_at: str, source: SourceDocument | None) -> PlanDocument:
    """The plan as a document; `created_at` is ISO 8601."""
    return {
        "format_version": FORMAT_VERSION,
        "tool": {"name": "scopesync", "version": tool_version},
        "created_at": created_at,
        "source": source,
        "digest": plan_digest(plan),
        "summary": _summary(plan),
        "tenants": [_tenant_document(tenant) for tenant in plan.tenants],
    }


def from_document(document: PlanDocument) -> Plan:
    """The plan that the document was made from. The document must satisfy `plan.schema.json`."""
    return Plan(tuple(_tenant(tenant) for tenant in document["tenants"]))


def plan_digest(plan: Plan) -> str:
    """A digest of what would change, and of nothing else.

    It covers tenant ids, lists, actions, keys, and of the rows before and after the fields that people write.
    """
    return digest(_changed_parts(plan), name="plan")


def _changed_parts(plan: Plan) -> Iterator[bytes]:
    for tenant in sorted(plan.planned, key=lambda tenant: tenant.tenant.id):
        for part in tenant.lists:
            for change in part.changes:
                rows = [row and written_content(part.kind, row) for row in (change.before, change.after)]
                yield canonical([tenant.tenant.id, part.kind.name, change.action, change.key, *rows])


def _summary(plan: Plan) -> PlanSummary:
    lists = [part for tenant in plan.planned for part in tenant.lists]
    return {
        "tenants": len(plan.tenants),
        "changed_tenants": sum(tenant.changed for tenant in plan.planned),
        "create": sum(part.count("create") for part in lists),
        "update": sum(part.count("update") for part in lists),
        "delete": sum(part.count("delete") for part in lists),
        "unchanged": sum(part.unchanged for part in lists),
        "calls": sum(len(tenant.calls) for tenant in plan.planned),
        "refusals": len(plan.refusals),
        "errors": len(plan.failed),
    }


def _tenant_document(tenant: AnyTenant) -> PlannedTenantDocument:
    if isinstance(tenant, FailedTenant):
        return _failed_document(tenant)
    return {
        "tenant": {"id": tenant.tenant.id, "name": tenant.tenant.name},
        "connection": tenant.connection,
        "identity": tenant.identity,
        "notes": list(tenant.notes),
        "lists": {part.kind.name: _list_document(part) for part in tenant.lists},
        "calls": [_call_document(call) for call in tenant.calls],
        "refusals": [_refusal_document(refusal) for refusal in tenant.refusals],
        "allowed": [_allowed_document(exception) for exception in tenant.allowed],
        "error": None,
    }


def _failed_document(tenant: FailedTenant) -> PlannedTenantDocument:
    return {
        "tenant": {"id": tenant.tenant.id, "name": tenant.tenant.name},
        "connection": tenant.connection,
        "identity": "unverified",
        "notes": [],
        "lists": {},
        "calls": [],
        "refusals": [],
        "allowed": [],
        "error": {"kind": tenant.kind, "message": tenant.message},
    }


def _list_document(part: ListPlan) -> PlannedListDocument:
    return {
        "manage": part.manage,
        "live": {"rows": part.live_rows, "fingerprint": part.fingerprint},
        "desired": None if part.desired_rows is None else {"rows": part.desired_rows},
        "changes": [_change_document(change) for change in part.changes],
        "unchanged": part.unchanged,
        "strategy": {"kind": part.strategy.kind, "reason": part.strategy.reason},
    }


def _change_document(change: Change) -> ChangeDocument:
    return {
        "action": change.action,
        "key": change.key,
        "name": change.name,
        "before": None if change.before is None else dict(change.before),
        "after": None if change.after is None else dict(change.after),
        "fields": list(change.fields),
        "origin": change.origin,
        "pair": change.pair,
        "school": change.school,
        "whose": change.whose,
    }


def _call_document(call: Call) -> CallDocument:
    return {
        "step": call.step,
        "list": call.list,
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "rows": call.rows,
    }


def _refusal_document(refusal: Refusal) -> RefusalDocument:
    return {
        "guard": refusal.guard,
        "list": refusal.list,
        "message": refusal.message,
        "allow": refusal.allow,
    }


def _allowed_document(exception: Allowed) -> AllowedDocument:
    return {
        "guard": exception.guard,
        "list": exception.list,
        "count": exception.count,
        "reason": exception.reason,
        "expires": exception.expires,
    }


def _tenant(document: PlannedTenantDocument) -> AnyTenant:
    tenant = Tenant(**document["tenant"])
    if document["error"] is not None:
        return FailedTenant(tenant, document["connection"], **document["error"])
    return TenantPlan(
        tenant=tenant,
        connection=document["connection"],
        identity=document["identity"],
        lists=tuple(_list(kind.name, document["lists"][kind.name]) for kind in KINDS),
        calls=tuple(Call(**call) for call in document["calls"]),
        refusals=tuple(Refusal(**refusal) for refusal in document["refusals"]),
        allowed=tuple(Allowed(**exception) for exception in document["allowed"]),
        notes=tuple(document["notes"]),
    )


def _list(name: str, document: PlannedListDocument) -> ListPlan:
    return ListPlan(
        kind=KIND_BY_NAME[name],
        manage=document["manage"],
        live_rows=document["live"]["rows"],
        fingerprint=document["live"]["fingerprint"],
        desired_rows=None if document["desired"] is None else document["desired"]["rows"],
        changes=tuple(_change(change) for change in document["changes"]),
        unchanged=document["unchanged"],
        strategy=Strategy(**document["strategy"]),
    )


def _change(document: ChangeDocument) -> Change:
    return Change(
        action=document["action"],
        key=document["key"],
        name=document["name"],
        before=document["before"],
        after=document["after"],
        fields=tuple(document["fields"]),
        origin=document["origin"],
        pair=document["pair"],
        school=document["school"],
        whose=document["whose"],
    )
