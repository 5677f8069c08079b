"""Small values for tests, so that a test says only what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.model import (
    COURSES,
    SCHOOLS,
    Connection,
    DesiredList,
    DesiredRow,
    DesiredTenant,
    Guards,
    Identity,
    Limits,
    LiveTenant,
    Tenant,
)
from scopesync.plan.planner import plan_tenant
from scopesync.row_identity import listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.model import Allow, Kind, Manage, Row
    from scopesync.plan.types import TenantPlan

UUID = "5f0e8c1a-1111-4111-8111-00000000000a"
"""An id, for tests in which its spelling matters; elsewhere short words stand for ids."""
SPELLINGS = (UUID.upper(), f"{{{UUID}}}", UUID.replace("-", ""), f"urn:uuid:{UUID}")
TENANT = Tenant(id="7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11", name="springfield")
VERIFIED = Identity("verified", "2 rows name this tenant")


def school(school_id: str | None, **fields: Any) -> dict[str, Any]:
    """A school of our tenant; None leaves the id out."""
    named = {} if school_id is None else {"school_id": school_id}
    return {"tenant_id": TENANT.id, **named, "name": f"School {school_id}", "selected": True, **fields}


def course(course_id: str | None, school_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """A course of that school of our tenant; None leaves an id out."""
    named = {} if course_id is None else {"course_id": course_id}
    belongs = {} if school_id is None else {"school_id": school_id}
    return {"tenant_id": TENANT.id, **named, **belongs, "name": f"Course {course_id}", "selected": True, **fields}


def live(schools: Iterable[Row] = (), courses: Iterable[Row] = (), *, identity: Identity = VERIFIED) -> LiveTenant:
    """Our tenant's live side."""
    return LiveTenant(TENANT, listing(SCHOOLS, tuple(schools)), listing(COURSES, tuple(courses)), identity)


def wanted(kind: Kind, rows: Iterable[Row], *, manage: Manage = "exact") -> DesiredList:
    """A managed list whose rows mention exactly these fields (the server's own are left out, as people do)."""
    fields = ({name: value for name, value in row.items() if name in kind.fields} for row in rows)
    return DesiredList(
        kind, tuple(DesiredRow(row, f"tenants/springfield.yaml:{n}") for n, row in enumerate(fields, 1)), manage
    )


def desired(
    schools: Iterable[Row] | None = None,
    courses: Iterable[Row] | None = None,
    *,
    manage: tuple[Manage, Manage] = ("exact", "exact"),
    rows_per_call: int = 1000,
    item_calls: int | None = 200,
    allow: Iterable[Allow] = (),
) -> DesiredTenant:
    """Our tenant as files want it; None leaves a list unmanaged."""
    lists = {
        kind.name: wanted(kind, rows, manage=how)
        for kind, rows, how in zip((SCHOOLS, COURSES), (schools, courses), manage, strict=True)
        if rows is not None
    }
    limits = Limits(rows_per_call=rows_per_call, item_calls=item_calls)
    connection = Connection("us2", "https://api.us2.kimonocloud.com", limits=limits)
    return DesiredTenant(TENANT, connection, lists, allow=tuple(allow), origin="tenants/springfield.yaml")


def planned(want: DesiredTenant, have: LiveTenant, *, guards: Guards | None = None) -> TenantPlan:
    """The plan between the two, with the default guards."""
    return plan_tenant(want, have, guards=guards or Guards())
