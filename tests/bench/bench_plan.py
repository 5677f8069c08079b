"""Planning a million courses from memory, and rendering a plan of 200,000 changes."""

from __future__ import annotations

from functools import partial
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
    LiveTenant,
    Tenant,
)
from scopesync.plan.document import to_document
from scopesync.plan.planner import plan_tenant
from scopesync.plan.types import Plan, TenantPlan
from scopesync.report.renderers import Look, json_text, plan_text
from scopesync.row_identity import listing
from tests.bench.harness import Figure, peak_bytes_each, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 1_000_000
CHANGES = 200_000
TENANT = Tenant("7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11", "springfield")


def figures() -> Iterator[Figure]:
    """The figures of planning and rendering."""
    yield from _planning()
    yield from _rendering()


def _planning() -> Iterator[Figure]:
    live, wanted = _rows(ROWS), [_mentioned(row) for row in _rows(ROWS, changed_every=100)]
    desired, have = _desired(wanted), _live(live)
    what = "plan of 1,000,000 courses, 1 % changed / a bare loop over dicts by key"
    yield Figure(what, ratio(lambda: _plan(desired, have), lambda: _bare(wanted, live), pairs=3), 4)
    fewer = ROWS // 10
    desired, have = _desired(wanted[:fewer]), _live(live[:fewer])
    what = "memory of a plan of 100,000 courses at its peak, over its inputs, a row"
    yield Figure(what, peak_bytes_each(lambda: _plan(desired, have), fewer), 600, "bytes")


def _rendering() -> Iterator[Figure]:
    wanted = [_mentioned(row) for row in _rows(CHANGES, changed_every=1)]
    plan = Plan((_plan(_desired(wanted), _live(_rows(CHANGES))),))
    document = to_document(plan, tool_version="0", created_at="", source=None)
    looks = {"text": Look(), "full text": Look(full=True)}
    for what, look in looks.items():
        times = ratio(partial(plan_text, document, form="text", look=look), partial(json_text, document), pairs=1)
        yield Figure(f"{what} of 200,000 changes / its JSON", times, 2)


def _rows(count: int, *, changed_every: int | None = None) -> list[dict[str, Any]]:
    return [
        {
            "tenant_id": TENANT.id,
            "course_id": f"{number:08x}-0000-4000-8000-000000000000",
            "school_id": f"{number % 60:08x}-1111-4111-8111-000000000000",
            "name": f"Course {number}" + (" (new)" if changed_every and number % changed_every == 0 else ""),
            "local_id": f"{number:06d}",
            "selected": True,
        }
        for number in range(count)
    ]


def _mentioned(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "tenant_id"}


def _desired(rows: list[dict[str, Any]]) -> DesiredTenant:
    wanted = DesiredList(COURSES, tuple(DesiredRow(row, "tenants/springfield.courses.csv:2") for row in rows))
    return DesiredTenant(TENANT, Connection("us2", "https://api.us2.kimonocloud.com"), {"courses": wanted})


def _live(rows: list[dict[str, Any]]) -> LiveTenant:
    return LiveTenant(TENANT, listing(SCHOOLS, ()), listing(COURSES, tuple(rows)), Identity("verified", "all rows"))


def _plan(desired: DesiredTenant, live: LiveTenant) -> TenantPlan:
    return plan_tenant(desired, live, guards=Guards())


def _bare(wanted: list[dict[str, Any]], live: list[dict[str, Any]]) -> int:
    """What a plan cannot do without: find each row by its key and compare the fields that are wanted."""
    have = {row["course_id"]: row for row in live}
    want = {row["course_id"]: row for row in wanted}
    changed = 0
    for key, row in want.items():
        other = have[key]
        changed += any(other.get(field) != value for field, value in row.items())
    return changed + len(have.keys() - want.keys())
