"""The vendor's two operations: list the tenants, find one.

Belongs here: what the vendor key opens. Does not belong here: checking that key, scoping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.sandbox.api.messages import Response, refusal
from scopesync.sandbox.api.pages import asked_page, paging
from scopesync.sandbox.api.stored_rows import is_uuid

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.api.store import Store, TenantRecord


def list_tenants(store: Store, request: Request, behaviour: Behaviour) -> Response:
    """One page of the tenants, restricted to `accounts` (ids) and `integrations` (ids or names) if these are given."""
    page = asked_page(request, behaviour)
    accounts = _wanted(request, "accounts")
    integrations = _wanted(request, "integrations")
    if accounts and not all(map(is_uuid, accounts)):
        raise refusal(400, "invalid_parameter", "accounts must be UUIDs.", details="accounts")
    found = [record for record in store.tenants() if _asked_for(record, accounts, integrations)]
    data = found[page.offset : page.offset + page.size]
    return Response.of({"data": data, "paging": paging(request, page, total=len(found), behaviour=behaviour)})


def find_tenant(store: Store, tenant_id: str) -> Response:
    """One tenant; refuses an id that is no UUID with 400 and an unknown one with 404."""
    if not is_uuid(tenant_id):
        raise refusal(400, "invalid_parameter", "The id must be a UUID.", details="id")
    record = store.tenant(tenant_id)
    if record is None:
        raise refusal(404, "not_found", "There is no such tenant.", details="id")
    return Response.of({"data": record})


def _wanted(request: Request, name: str) -> AbstractSet[str]:
    """The values of a parameter that may be repeated, in lower case; none means no restriction."""
    values = request.parameters.get(name, ())
    if "" in values:
        raise refusal(400, "invalid_parameter", f"{name} must not be empty.", details=name)
    return {value.lower() for value in values}


def _asked_for(record: TenantRecord, accounts: AbstractSet[str], integrations: AbstractSet[str]) -> bool:
    integration = {record["integration"]["id"].lower(), record["integration"]["name"].lower()}
    in_account = not accounts or record["account"]["id"].lower() in accounts
    return in_account and (not integrations or not integration.isdisjoint(integrations))
