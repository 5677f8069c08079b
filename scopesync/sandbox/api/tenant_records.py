"""The vendor's two operations: list the tenants, find one.

Belongs here: what the vendor key opens. Does not belong here: checking that key, scoping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.sandbox.api.messages import Response, refusal
from scopesync.sandbox.api.pages import paged
from scopesync.sandbox.api.row_fields import is_uuid, spelled_id, taken_id

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.api.store import Store, TenantRecord


def list_tenants(store: Store, request: Request, behaviour: Behaviour) -> Response:
    """One page of the tenants, restricted to `accounts` (ids) and `integrations` (ids or names) if these are given.

    The values of a filter are divided by commas, or the filter is repeated. A server may take one and not honour it.
    """
    accounts = _wanted(request, "accounts")
    integrations = _wanted(request, "integrations")
    if accounts and not all(map(is_uuid, accounts)):
        raise refusal(400, "invalid_parameter", "accounts must be UUIDs.", details="accounts")
    if behaviour.honoured_filters == "none":
        accounts = frozenset()
    if behaviour.honoured_filters != "both":
        integrations = frozenset()
    found = [_shown(record, behaviour) for record in store.tenants() if _asked_for(record, accounts, integrations)]
    page = paged(request, behaviour, total=len(found), rows=lambda page: found[page.offset : page.offset + page.size])
    return Response.of(page)


def find_tenant(store: Store, tenant_id: str, behaviour: Behaviour) -> Response:
    """One tenant; refuses an id that is no UUID with 400 and an unknown one with 404."""
    taken = taken_id(tenant_id, behaviour.id_spelling)
    if not is_uuid(taken):
        raise refusal(400, "invalid_parameter", "The id must be a UUID.", details="id")
    record = store.tenant(taken)
    if record is None:
        raise refusal(404, "not_found", "There is no such tenant.", details="id")
    return Response.of({"data": _shown(record, behaviour)})


def _shown(record: TenantRecord, behaviour: Behaviour) -> TenantRecord:
    """The record with its id and its account's as the server spells ids."""
    spelling = behaviour.id_spelling
    account = {**record["account"], "id": spelled_id(record["account"]["id"], spelling)}
    return {**record, "id": spelled_id(record["id"], spelling), "account": account}


def _wanted(request: Request, name: str) -> AbstractSet[str]:
    """The values of a parameter, in lower case; none means no restriction."""
    values = [value for sent in request.parameters.get(name, ()) for value in sent.split(",")]
    if "" in values:
        raise refusal(400, "invalid_parameter", f"{name} must not be empty.", details=name)
    return {value.lower() for value in values}


def _asked_for(record: TenantRecord, accounts: AbstractSet[str], integrations: AbstractSet[str]) -> bool:
    integration = {record["integration"]["id"].lower(), record["integration"]["name"].lower()}
    in_account = not accounts or record["account"]["id"].lower() in accounts
    return in_account and (not integrations or not integration.isdisjoint(integrations))
