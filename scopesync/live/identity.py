"""Which tenant a credential really opens: a pure judgement on what was read with it.

Belongs here: the evidence and its weight. Does not belong here: fetching the record, refusing anything (the guard
`identity` does, in `plan`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.model import Identity
from scopesync.row_identity import canonical_id, same_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import Row, Tenant


def judge_rows(tenant: Tenant, rows: Iterable[Row]) -> Identity:
    """The identity by the rows: `foreign` when one names another tenant, `verified` when all name this one.

    Rows without a `tenant_id` do not count; without any other row it is `unverified`.
    """
    named = {canonical_id(row["tenant_id"]) for row in rows if row.get("tenant_id")}
    others = sorted(named - {canonical_id(tenant.id)})
    if others:
        return Identity("foreign", f"live rows name another tenant: {others[0]}")
    if named:
        return Identity("verified", "live rows name this tenant")
    return Identity("unverified", "no live row names a tenant")


def judge_record(tenant: Tenant, record: TenantRecord | None, client_id: str) -> Identity:
    """The identity by the tenant's record, for when the rows name no tenant; None is a record that cannot be read.

    A record of this tenant with another client id than the one in use means that the credential opens another tenant.
    """
    if record is None:
        return Identity("unverified", "no live row names a tenant, and no record of this one can be seen")
    if not same_id(record.id, tenant.id):
        return Identity("foreign", f"the tenant's record names another tenant: {record.id}")
    if not record.client_id:
        return Identity("unverified", "no live row names a tenant, and the tenant's record holds no client id")
    if record.client_id != client_id:
        return Identity("foreign", "the tenant's record holds another client id than the one in use")
    return Identity("verified", "the tenant's record holds the client id in use")
