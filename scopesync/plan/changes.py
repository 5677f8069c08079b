"""What differs between a desired list and a live one.

Belongs here: merging and comparing rows. Everything that we do not manage is carried through before the comparison,
so that nothing has to be filtered out after it. Does not belong here: how a change is carried out (`call_sequence`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from scopesync.model import COURSES
from scopesync.plan.match import match
from scopesync.plan.types import Change
from scopesync.row_identity import RowIndex, differing_fields, differs, key_at_school, key_of
from scopesync.school_links import SchoolDirectory, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scopesync.model import DesiredList, DesiredRow, Kind, Row
    from scopesync.plan.match import Match
    from scopesync.row_identity import KeyedRows
    from scopesync.school_links import Names

_ORDER = {"delete": 0, "create": 1, "update": 2}
"""Changes stand in the order of their risk, then of their keys."""


def changes(desired: DesiredList, live: KeyedRows, schools: SchoolDirectory | None = None) -> tuple[Change, ...]:
    """What would have to change in the live list, ordered by risk and key; nothing is removed from an additive list.

    `schools` tells apart courses that share an id. Raises ConfigurationError when rows cannot be told apart (see
    `match`).
    """
    kind = desired.kind
    matched = match(desired, live, schools)
    pairs, removals = matched.pairs, matched.extra
    if desired.manage == "additive":
        pairs, removals = (*pairs, *_copies(kind, matched, live)), ()
    found = [
        *_updates(kind, live, pairs),
        *_creates(kind, live, matched.new),
        *(Change("delete", key, live[key].get("name"), live[key], None) for key in removals),
    ]
    paired = _paired(kind, found)
    return tuple(sorted(paired, key=lambda change: (_ORDER[change.action], change.key)))


def with_school_names(courses: Iterable[Change], schools: SchoolDirectory) -> tuple[Change, ...]:
    """The changes of courses, each with the name of the school that it leaves or comes to."""
    return tuple(replace(change, school=schools.label(change.after or change.before or {})) for change in courses)


def schools_before_and_after(live: KeyedRows, made: Iterable[Change]) -> SchoolDirectory:
    """The schools that are live or wanted, for finding the school of a course; a wanted row comes before a live one."""
    wanted = [change.after for change in made if change.after is not None]
    return SchoolDirectory([*wanted, *live.values()])


def resulting(live: KeyedRows, made: Iterable[Change]) -> KeyedRows:
    """The list after those changes, by the keys that the changes give their rows; `live` stays as it is."""
    rows = dict(live)
    for change in sorted(made, key=attrgetter("key")):
        if change.after is None:
            rows.pop(change.key, None)
        else:
            rows[change.key] = change.after
    return rows


def keys_of_new_rows(kind: Kind, live: KeyedRows, new: Sequence[DesiredRow]) -> list[str]:
    """A key for each new row; a course whose id another row bears, live or new, is told apart by its school."""
    index = RowIndex(kind, live)
    keys = [key_of(kind, {"selected": True, **row.fields}) for row in new]
    bearers = Counter(keys)
    return [
        key_at_school(kind, row.fields) if bearers[key] > 1 or index.with_id(key) else key
        for key, row in zip(keys, new, strict=True)
    ]


def _updates(kind: Kind, live: KeyedRows, pairs: Iterable[tuple[str, DesiredRow]]) -> Iterator[Change]:
    for key, row in pairs:
        before = live[key]
        is_the_same = row.fields.items() <= before.items()  # a tenth of the time, and true of nearly every row
        if not is_the_same and differs(before, row.fields):
            yield _update(kind, key, before, row)


def _update(kind: Kind, key: str, before: Row, row: DesiredRow) -> Change:
    """The live row with what differs on top: where only the spelling differs, the live one stays."""
    mentioned = (field for field in kind.fields if field in row.fields)
    fields = differing_fields(mentioned, before, row.fields)
    after = {**before, **{field: row.fields[field] for field in fields}}
    return Change("update", key, after.get("name"), before, after, fields, row.origin)


def _creates(kind: Kind, live: KeyedRows, new: Sequence[DesiredRow]) -> Iterator[Change]:
    for row, key in zip(new, keys_of_new_rows(kind, live, new), strict=True):
        after = {"selected": True, **row.fields}
        yield Change("create", key, after.get("name"), None, after, (), row.origin)


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
    """Further copies of a live row that is wanted: where none may be removed, all shall be as the row says.

    A row with the same id at another school is no copy.
    """
    if not matched.extra:
        return []
    wanted = {_id_and_school(kind, live[key]): row for key, row in matched.pairs if row.fields.get(kind.id_field)}
    found = ((key, wanted.get(_id_and_school(kind, live[key]))) for key in matched.extra)
    return [(key, row) for key, row in found if row is not None]


def _id_and_school(kind: Kind, row: Row) -> tuple[str, Names]:
    return key_of(kind, row), names_of(row) if kind is COURSES else frozenset()
