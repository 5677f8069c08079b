"""How rows hang together: keys, families, and what looks like a mistake.

Belongs here: checks over the rows of one tenant, offline. Does not belong here: one row on its own (the schema), the
live side (a row without an id is matched by `plan`).
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, TypeAlias

from scopesync.model import SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scopesync.desired.rows import PlacedRow
    from scopesync.errors import Problem
    from scopesync.model import Kind, ListName, Manage, Row

    Rows: TypeAlias = "Sequence[PlacedRow]"
    Family: TypeAlias = "tuple[str | None, str | None]"
    """The id and the reference id of a school, as far as a row mentions them."""

LOOKALIKES = 10
"""So many pairs that look alike are shown one by one; the rest is counted."""
_EXAMPLES = 5
_FAMILY = (SCHOOLS.id_field, SCHOOLS.ref_field)


def list_problems(rows: Rows, kind: Kind) -> Iterator[Problem]:
    """What is wrong, or looks wrong, within one list: rows without a key, the same key twice, keys that look alike."""
    columns = {name: [row.fields.get(name) for row in rows] for name in (kind.id_field, kind.ref_field, "local_id")}
    ids = columns[kind.id_field]
    nameless = [row for row, identity in zip(rows, ids, strict=True) if identity is None]
    yield from _keyless(nameless, kind)
    yield from _same_keys(rows, ids, nameless, kind)
    for field, values in columns.items():
        yield from _lookalikes(rows, values, kind, field)


def family_problems(lists: Mapping[ListName, tuple[Rows, Manage]]) -> Iterator[Problem]:
    """Courses whose school is not in scope (errors), and schools without any course (one note).

    Judged only as far as the files tell: with schools that are managed `exact`, and for ids that every school has.
    """
    if "schools" not in lists or "courses" not in lists:
        return
    (schools, manage_schools), (courses, manage_courses) = lists["schools"], lists["courses"]
    if manage_schools == "exact":
        yield from _orphans(schools, courses)
    if manage_courses == "exact" and schools:
        yield from _without_courses(schools, courses)


def key_field(row: Row, kind: Kind) -> str | None:
    """The field by which a row is matched first: its id, else its reference id, else its local id; None without any."""
    if row.get(kind.id_field) is not None:
        return kind.id_field
    return next((field for field in (kind.ref_field, "local_id") if row.get(field) is not None), None)


def _keyless(nameless: Rows, kind: Kind) -> Iterator[Problem]:
    for row in nameless:
        if key_field(row.fields, kind) is None:
            hint = f"give it a {kind.id_field}, or else a {kind.ref_field} or a local_id"
            yield row.problem(f"nothing says which {kind.singular} this is", hint=hint)


def _same_keys(rows: Rows, ids: Sequence[str | None], nameless: Rows, kind: Kind) -> Iterator[Problem]:
    """The same id twice; or a row without an id that shares what it is matched by with another row."""
    if len({*ids, None}) <= len(ids) - len(nameless):
        yield from _shared(rows, kind.id_field)
    for field in (kind.ref_field, "local_id") if nameless else ():
        matched = {id(row) for row in nameless if key_field(row.fields, kind) == field}
        yield from _shared(rows, field, only=matched)


def _shared(rows: Rows, field: str, *, only: set[int] | None = None) -> Iterator[Problem]:
    """Rows whose `field` another row has already; with `only`, where at least one of the two is among these."""
    first: dict[str, PlacedRow] = {}
    for row in rows:
        value = row.fields.get(field)
        if value is None or (other := first.setdefault(value, row)) is row:
            continue
        if only is None or id(row) in only or id(other) in only:
            yield row.problem(f"the same {field} as the row at {other.place}", hint="keep one of the two")


def _lookalikes(rows: Rows, values: Sequence[str | None], kind: Kind, field: str) -> Iterator[Problem]:
    """Two rows whose `field` differs only by case, blanks or leading zeros, or (but for ids) not at all."""
    folded = _folded([value for value in values if value is not None])
    if len(set(folded)) == len(folded):
        return
    named = [row for row, value in zip(rows, values, strict=True) if value is not None]
    first: dict[str, PlacedRow] = {}
    pairs = [
        (row, other)
        for fold, row in zip(folded, named, strict=True)
        if (other := first.setdefault(fold, row)) is not row
    ]
    pairs = [pair for pair in pairs if _is_worth_a_word(*pair, kind, field)]
    for row, other in pairs[:LOOKALIKES]:
        same = row.fields[field] == other.fields[field]
        differs = "the same" if same else "differs only by case, blanks or leading zeros:"
        yield row.problem(f"{differs} {field} as the row at {other.place}", severity="warning")
    if len(pairs) > LOOKALIKES:
        more = f"{len(pairs) - LOOKALIKES} more rows look alike in their {field}"
        yield pairs[LOOKALIKES][0].problem(more, severity="warning")


def _is_worth_a_word(row: PlacedRow, other: PlacedRow, kind: Kind, field: str) -> bool:
    """Not where `_same_keys` has spoken already."""
    same = row.fields[field] == other.fields[field]
    named = kind.id_field in row.fields and kind.id_field in other.fields
    return named and field != kind.id_field if same else True


def _folded(values: Sequence[str]) -> list[str]:
    """Each value without case, blanks and leading zeros.

    All of them at once, joined by what none of them can hold (the schema refuses line breaks in ids): folding them one
    by one is most of what a long list costs.
    """
    text = "\n".join(values).casefold().replace(" ", "")
    return list(map(str.lstrip, text.split("\n"), repeat("0"))) if values else []


def _orphans(schools: Rows, courses: Rows) -> Iterator[Problem]:
    """Courses whose school is surely not among `schools`: by id if every school has one, else by reference id."""
    known, complete = _families(schools), [_is_complete(schools, field) for field in _FAMILY]

    def is_lost(family: Family) -> bool:
        judged = complete[0] if family[0] is not None else complete[1] and family[1] is not None
        return judged and known.isdisjoint(_named(family))

    lost = {family for family in set(map(_family, courses)) if is_lost(family)}
    for row in courses if lost else ():
        if _family(row) in lost:
            yield row.problem("the school of this course is not in scope", hint="add the school, or remove the course")


def _without_courses(schools: Rows, courses: Rows) -> Iterator[Problem]:
    """One note with the schools that no course names; none where a course leaves its school to the live side."""
    families = {_family(row) for row in courses}
    if (None, None) in families:
        return
    named = set().union(*map(_named, families))
    lonely = [row for row in schools if _is_lonely(_family(row), named, families)]
    if lonely:
        places = ", ".join(row.place for row in lonely[:_EXAMPLES]) + (", ..." if len(lonely) > _EXAMPLES else "")
        number = "1 school has" if len(lonely) == 1 else f"{len(lonely)} schools have"
        yield lonely[0].problem(f"{number} no course in scope ({places})", severity="note")


def _is_lonely(school: Family, named: set[tuple[str, str]], families: set[Family]) -> bool:
    """Whether no course names it, neither by what the row says of itself nor by what it leaves open."""
    by_id, by_reference = school
    open_id = by_id is None and any(reference is None for _, reference in families)
    open_reference = by_reference is None and any(identity is None for identity, _ in families)
    return not (_named(school) & named or open_id or open_reference)


def _family(row: PlacedRow) -> Family:
    get = row.fields.get
    return get("school_id"), get("school_ref_id")


def _named(family: Family) -> set[tuple[str, str]]:
    """What is said of a school, field and value: a reference id is no id, even where they read alike."""
    return {(field, value) for field, value in zip(_FAMILY, family, strict=True) if value is not None}


def _families(schools: Rows) -> set[tuple[str, str]]:
    return {one for row in schools for one in _named(_family(row))}


def _is_complete(schools: Rows, field: str) -> bool:
    return all(row.fields.get(field) is not None for row in schools)
