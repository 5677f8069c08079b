"""What differs between a desired list and a live one.

Belongs here: merging and comparing rows. Everything that we do not manage is carried through before the comparison,
so that nothing has to be filtered out after it. Does not belong here: how a change is carried out (calls).
"""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from scopesync.plan.match import alike, differs, match
from scopesync.plan.types import Change
from scopesync.row_identity import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.model import DesiredList, DesiredRow, Kind, Row
    from scopesync.plan.match import Match
    from scopesync.row_identity import KeyedRows

_ORDER = {"delete": 0, "create": 1, "update": 2}
"""Changes stand in the order of their risk, then of their keys."""

_SCHOOL_FIELDS = ("school_id", "school_ref_id")


def changes(desired: DesiredList, live: KeyedRows) -> tuple[Change, ...]:
    """What would have to change in the live list, ordered by risk and key; nothing is removed from an additive list.

    Raises ConfigurationError when rows cannot be told apart (see `match`).
    """
    kind = desired.kind
    matched = match(desired, live)
    pairs, removals = matched.pairs, matched.extra
    if desired.manage == "additive":
        pairs, removals = (*pairs, *_copies(kind, matched, live)), ()
    moved = (
        (key, _as_spelled(live[key], row))
        for key, row in pairs
        if not row.fields.items() <= live[key].items()  # a tenth of the time, and true of nearly every row
    )
    updates = (_update(kind, key, live[key], row) for key, row in moved if differs(live[key], row.fields))
    found = [
        *updates,
        *(_create(kind, row) for row in matched.new),
        *(_delete(key, live[key]) for key in removals),
    ]
    paired = _paired(kind, found)
    return tuple(sorted(paired, key=lambda change: (_ORDER[change.action], change.key)))


def with_school_names(courses: Iterable[Change], live: KeyedRows, schools: Iterable[Change]) -> tuple[Change, ...]:
    """The changes of courses, each with the name of the school that it leaves or comes to."""
    rows = [*live.values(), *(change.after for change in schools if change.after is not None)]
    names = {row[field]: row.get("name") for row in rows for field in _SCHOOL_FIELDS if row.get(field)}

    def name(change: Change) -> str | None:
        row = change.after or change.before or {}
        return next((names.get(row[field]) or row[field] for field in _SCHOOL_FIELDS if row.get(field)), None)

    return tuple(replace(change, school=name(change)) for change in courses)


def resulting(live: KeyedRows, made: Iterable[Change]) -> KeyedRows:
    """The list after those changes, by the keys that the changes give their rows; `live` stays as it is."""
    rows = dict(live)
    for change in sorted(made, key=attrgetter("key")):
        if change.after is None:
            rows.pop(change.key, None)
        else:
            rows[change.key] = change.after
    return rows


def _paired(kind: Kind, found: list[Change]) -> list[Change]:
    """The changes, where a row is removed and another with the same reference added, with each other's key.

    Only a reference that one removal and one addition bear is taken for a row that was re-created.
    """
    gone = _by_reference(kind, (change for change in found if change.action == "delete"))
    come = _by_reference(kind, (change for change in found if change.action == "create"))
    pairs = {gone[one]: come[one] for one in gone.keys() & come.keys() if gone[one] and come[one]}
    other = pairs | {new: old for old, new in pairs.items()}
    return [
        replace(change, pair=other[change.key]) if change.action != "update" and change.key in other else change
        for change in found
    ]


def _by_reference(kind: Kind, found: Iterable[Change]) -> dict[str, str]:
    """Keys by reference; an empty key where several rows bear it."""
    keys: dict[str, str] = {}
    for change in found:
        row = change.before or change.after or {}
        reference = row.get(kind.ref_field)
        if reference:
            keys[reference] = "" if reference in keys else change.key
    return keys


def _copies(kind: Kind, matched: Match, live: KeyedRows) -> list[tuple[str, DesiredRow]]:
    """Further live rows with the id of a row that is wanted: where none may be removed, all shall be as it says."""
    wanted = {row.fields[kind.id_field]: row for _, row in matched.pairs if row.fields.get(kind.id_field)}
    found = ((key, wanted.get(live[key].get(kind.id_field))) for key in matched.extra)
    return [(key, row) for key, row in found if row is not None]


def _as_spelled(before: Row, row: DesiredRow) -> DesiredRow:
    """The row, with its school's id as the live row spells it where only the case of letters differs: ids are UUIDs."""
    asked, live = row.fields.get("school_id"), before.get("school_id")
    if not asked or not live or asked == live or asked.casefold() != live.casefold():
        return row
    return row._replace(fields={**row.fields, "school_id": live})


def _update(kind: Kind, key: str, before: Row, row: DesiredRow) -> Change:
    fields = tuple(
        field for field in kind.fields if field in row.fields and not alike(before.get(field), row.fields[field])
    )
    after = {**before, **{field: row.fields[field] for field in fields}}
    return Change("update", key, after.get("name"), before, after, fields, row.origin)


def _create(kind: Kind, row: DesiredRow) -> Change:
    after = {"selected": True, **row.fields}
    return Change("create", key_of(kind, after), after.get("name"), None, after, (), row.origin)


def _delete(key: str, before: Row) -> Change:
    return Change("delete", key, before.get("name"), before, None)
