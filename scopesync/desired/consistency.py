"""How rows hang together: keys, families, and what looks like a mistake.

Belongs here: checks over the rows of one tenant, offline. Does not belong here: one row on its own (the schema), the
live side (a row without an id is matched by `plan`).
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from scopesync.model import SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scopesync.desired.row_sources import PlacedRow
    from scopesync.errors import Problem, Severity
    from scopesync.model import Kind, ListName, Manage, Row

    Rows: TypeAlias = "Sequence[PlacedRow]"
    Family: TypeAlias = "tuple[str | None, str | None]"
    """The id and the reference id of a school, as far as a row mentions them."""

LOOKALIKES = 10
"""So many pairs that look alike are shown one by one; the rest is counted."""
_EXAMPLES, _EXAMPLES_LENGTH = 5, 60
_FAMILY = (SCHOOLS.id_field, SCHOOLS.ref_field)


class _Twins(NamedTuple):
    """Two rows with fields in common that should tell rows apart: the very same, or nearly."""

    row: PlacedRow
    other: PlacedRow
    same: list[str]
    near: list[str]

    def problem(self, *, severity: Severity, hint: str) -> Problem:
        """A Problem with the later one, which names the other one's place."""
        both = [f"the same {_listed(self.same)}"] if self.same else []
        both += [f"nearly the same {_listed(self.near)}"] if self.near else []
        differs = ": only case, blanks or leading zeros differ" if self.near else ""
        words = f"{' and '.join(both)} as the row at {self.other.place}{differs}"
        return self.row.problem(words, field=(self.same or self.near)[0], severity=severity, hint=hint)


def list_problems(rows: Rows, kind: Kind) -> Iterator[Problem]:
    """What is wrong, or looks wrong, within one list: rows without a key, the same key twice, keys that look alike."""
    columns = {name: [row.fields.get(name) for row in rows] for name in (kind.id_field, kind.ref_field, "local_id")}
    nameless = [row for row, identity in zip(rows, columns[kind.id_field], strict=True) if identity is None]
    yield from _keyless(nameless, kind)
    alike: dict[tuple[int, int], list[str]] = {}
    for field, values in columns.items():
        for pair in _pairs(values):
            alike.setdefault(pair, []).append(field)
    yield from _twin_problems([_twins(rows[pair[0]], rows[pair[1]], alike[pair]) for pair in sorted(alike)], kind)


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
            hint = f"give it a {kind.id_field}, or else a {kind.ref_field} or a local_id; or remove the row"
            yield row.problem(f"nothing says which {kind.singular} this is", hint=hint)


def _pairs(values: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """The index of each value that was there before, and of the first that is the very same, or else looks alike."""
    present = [value for value in values if value is not None]
    folded = _folded(present)
    if len(set(folded)) == len(folded):
        return
    indexes = [index for index, value in enumerate(values) if value is not None]
    same: dict[str, int] = {}
    alike: dict[str, int] = {}
    for index, value, fold in zip(indexes, present, folded, strict=True):
        lookalike, earlier = alike.setdefault(fold, index), same.setdefault(value, index)
        if lookalike != index:
            yield index, earlier if earlier != index else lookalike


def _twins(row: PlacedRow, other: PlacedRow, alike: Sequence[str]) -> _Twins:
    same = [field for field in alike if row.fields[field] == other.fields[field]]
    return _Twins(row, other, same, [field for field in alike if field not in same])


def _twin_problems(twins: Sequence[_Twins], kind: Kind) -> Iterator[Problem]:
    """An error for each two that cannot be told apart; for the others a warning, as long as they are few."""
    doubtful = []
    for one in twins:
        if {kind.id_field, key_field(one.row.fields, kind), key_field(one.other.fields, kind)}.isdisjoint(one.same):
            doubtful.append(one)
        else:
            yield one._replace(near=[]).problem(severity="error", hint="keep one of the two")
    for one in doubtful[:LOOKALIKES]:
        yield one.problem(severity="warning", hint=f"if they are one {kind.singular}, keep one of the two")
    if len(doubtful) > LOOKALIKES:
        more = len(doubtful) - LOOKALIKES
        words = "1 more row looks like another" if more == 1 else f"{more:,} more rows look like others"
        yield doubtful[LOOKALIKES].row.problem(words, severity="warning")


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
            field = next(field for field in _FAMILY if row.fields.get(field) is not None)
            hint = "add the school, or remove the course"
            yield row.problem("the school of this course is not in scope", field=field, hint=hint)


def _without_courses(schools: Rows, courses: Rows) -> Iterator[Problem]:
    """One note with the schools that no course names; none where a course leaves its school to the live side."""
    families = {_family(row) for row in courses}
    if (None, None) in families:
        return
    named = set().union(*map(_named, families))
    lonely = [row for row in schools if _is_lonely(_family(row), named, families)]
    if lonely:
        number = "1 school has" if len(lonely) == 1 else f"{len(lonely):,} schools have"
        yield lonely[0].problem(f"{number} no course in scope", hint=f"check {_examples(lonely)}", severity="note")


def _examples(schools: Rows) -> str:
    """The first schools: one always, no more than fit on a line."""
    words = [_label(row)[:_EXAMPLES_LENGTH] for row in schools[:_EXAMPLES]]
    while len(words) > 1 and len(", ".join(words)) > _EXAMPLES_LENGTH:
        words.pop()
    return ", ".join(words) + (", ..." if len(words) < len(schools) else "")


def _label(school: PlacedRow) -> str:
    """A school by its name, or by what else there is."""
    fields = school.fields
    return fields.get("name") or fields.get(key_field(fields, SCHOOLS) or "") or school.place


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


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
