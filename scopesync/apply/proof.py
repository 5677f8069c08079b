"""Proof: whether the live side is what the plan said it would be.

Belongs here: comparing the list read back with the list expected, purely. Does not belong here: reading it.

Two rules tell a lost field from a server at work. A field that we know must have the expected value. A field that we
do not know must still be there, but may have moved (a server may keep a time of change in it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.apply.outcome import Difference
from scopesync.model import SERVER_FIELDS
from scopesync.plan.changes import resulting
from scopesync.plan.keys import keyed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.model import Kind, LiveTenant, Row
    from scopesync.plan.keys import KeyedRows
    from scopesync.plan.types import ListPlan, TenantPlan


def differences(plan: TenantPlan, before: LiveTenant, after: LiveTenant) -> tuple[Difference, ...]:
    """Where `after` is not `before` with the plan's changes, list by list and key by key; () is the proof."""
    return tuple(difference for part in plan.lists for difference in _list_differences(part, before, after))


def _list_differences(part: ListPlan, before: LiveTenant, after: LiveTenant) -> Iterator[Difference]:
    kind = part.kind
    expected = resulting(keyed(kind, before.listing(kind).rows), part.changes)
    seen = keyed(kind, after.listing(kind).rows)
    names = _seen_as(kind, expected, seen)
    for key, row in expected.items():
        if key not in names:
            yield Difference(kind.name, key, row.get("name"), "missing")
        elif fields := _wrong_fields(kind, row, seen[names[key]]):
            yield Difference(kind.name, key, row.get("name"), "different", fields)
    for key in sorted(seen.keys() - set(names.values())):
        yield Difference(kind.name, key, seen[key].get("name"), "unexpected")


def _seen_as(kind: Kind, expected: KeyedRows, seen: KeyedRows) -> dict[str, str]:
    """Expected key -> seen key. A row that was sent without an id may have been given one: its reference tells."""
    names = {key: key for key in expected if key in seen}
    strangers = [key for key in seen if key not in names]
    for field in (kind.ref_field, "local_id"):
        known = {seen[key][field]: key for key in reversed(strangers) if seen[key].get(field)}
        for key, row in expected.items():
            if key not in names and not row.get(kind.id_field) and row.get(field) in known:
                names[key] = known.pop(row[field])
        strangers = [key for key in strangers if key not in set(names.values())]
    return names


def _wrong_fields(kind: Kind, expected: Row, seen: Row) -> tuple[str, ...]:
    known = {*kind.fields, *SERVER_FIELDS}
    return tuple(
        field
        for field, value in expected.items()
        if value != seen.get(field) and (field in known or seen.get(field) is None)
    )
