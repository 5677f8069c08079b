"""Explain: everything that is known of one school or course, as plain data.

Belongs here: finding a row by what a person calls it, and gathering what the files, the live side and the plan say of
it. Does not belong here: how it looks (report).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.errors import UsageError
from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.changes import keys_of_new_rows, schools_before_and_after
from scopesync.plan.match import match
from scopesync.plan.planner import reviewed_calls
from scopesync.row_identity import key_of, same_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.model import DesiredRow, DesiredTenant, Kind, LiveTenant, Row
    from scopesync.plan.match import Match
    from scopesync.plan.types import Change, ListPlan, TenantPlan
    from scopesync.row_identity import KeyedRows
    from scopesync.school_links import SchoolDirectory

Document = dict[str, Any]


def explanation(desired: DesiredTenant, live: LiveTenant, plan: TenantPlan, words: str) -> Document:
    """What the files, the live side and the plan say of each row that `words` (an id, reference, local id or name) fit.

    `{tenant: {id, name}, rows: [{list, key, name, school, managed, wanted: {origin, fields, protect} | null,
    live: row | null, change: {action, fields} | null, reason, calls: [step]}]}`; `school` is the name of a course's
    school. Raises UsageError when nothing fits.
    """
    rows = [row for part in plan.lists for row in _rows(desired, live, plan, part, words)]
    if not rows:
        raise UsageError(
            f'{desired.tenant.name} has no school or course "{words}", neither in its files nor live',
            hint="say an id, a reference, a local id or a whole name",
        )
    return {"tenant": {"id": desired.tenant.id, "name": desired.tenant.name}, "rows": rows}


def _rows(desired: DesiredTenant, live: LiveTenant, plan: TenantPlan, part: ListPlan, words: str) -> Iterator[Document]:
    kind, wanted = part.kind, desired.lists.get(part.kind.name)
    have = live.listing(kind).by_key
    schools = _schools(live, plan)
    asked = _asked(match(wanted, have, schools), kind, have) if wanted else {}
    changes = {change.key: change for change in part.changes}
    for key in sorted(have.keys() | asked.keys()):
        row, origin = have.get(key), asked.get(key)
        if not any(_fits(kind, one, words) for one in (row, origin and origin.fields) if one):
            continue
        change = changes.get(key)
        yield {
            "list": kind.name,
            "key": key,
            "name": (row or {}).get("name") or (origin.fields.get("name") if origin else None),
            "school": _school(schools, change, row) if kind is COURSES else None,
            "managed": part.manage,
            "wanted": None if origin is None else _wanted(origin),
            "live": None if row is None else dict(row),
            "change": None if change is None else {"action": change.action, "fields": list(change.fields)},
            "reason": part.strategy.reason,
            "calls": [] if change is None else _steps(plan, live, desired, kind, key),
        }


def _asked(found: Match, kind: Kind, live: KeyedRows) -> dict[str, DesiredRow]:
    """The desired rows by the keys that a plan gives them."""
    keys = keys_of_new_rows(kind, live, found.new)
    return {**dict(found.pairs), **dict(zip(keys, found.new, strict=True))}


def _fits(kind: Kind, row: Row, words: str) -> bool:
    """Whether the words are an id of the row, in any spelling, or its reference, local id or name."""
    identifier = row.get(kind.id_field)
    if identifier and same_id(identifier, words):
        return True
    return words in {row.get(field) for field in (kind.ref_field, "local_id", "name", "id")}


def _schools(live: LiveTenant, plan: TenantPlan) -> SchoolDirectory:
    changes = [change for part in plan.lists if part.kind is SCHOOLS for change in part.changes]
    return schools_before_and_after(live.schools.by_key, changes)


def _school(schools: SchoolDirectory, change: Change | None, live: Row | None) -> str | None:
    """The name of the course's school, as a plan says it: where the course is after the change."""
    changed = (change.after or change.before) if change else None
    return schools.label(changed or live or {})


def _wanted(row: DesiredRow) -> Document:
    return {"origin": row.origin, "fields": dict(row.fields), "protect": row.protect}


def _steps(plan: TenantPlan, live: LiveTenant, desired: DesiredTenant, kind: Kind, key: str) -> list[int]:
    """The steps of the calls that name the row or carry it."""
    writes = reviewed_calls(plan, live, desired.connection.limits).writes
    return [
        step
        for step, write in enumerate(writes, start=1)
        if write.kind is kind and (write.item_id == key or any(key_of(kind, row) == key for row in write.rows))
    ]
