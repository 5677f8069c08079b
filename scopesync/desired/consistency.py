"""How rows hang together: keys, families, and what looks like a mistake.

Belongs here: checks over the rows of one tenant, offline. Does not belong here: one row on its own (the schema), the
live side (a row without an id is matched by `plan`).
"""

from __future__ import annotations

from collections import Counter
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from scopesync.model import SCHOOLS
from scopesync.row_identity import canonical_ids, deciding_field, identity_fields, key_at_school, same_id
from scopesync.school_links import SCHOOL_FIELDS, fields_that_name_a_school, is_without_school, names, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scopesync.desired.row_sources import PlacedRow
    from scopesync.errors import Problem, Severity
    from scopesync.model import Kind, ListName, Manage, Row
    from scopesync.school_links import Names

    Rows: TypeAlias = "Sequence[PlacedRow]"
    Said: TypeAlias = "tuple[str | None, str | None]"
    """The id and the reference of a school as a row has them: few, where there are many courses."""

LOOKALIKES = 10
"""So many pairs that look alike are shown one by one; the rest is counted."""
_EXAMPLES, _EXAMPLES_LENGTH = 5, 60


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
    columns = {field: [row.fields.get(field) for row in rows] for field in identity_fields(kind)}
    nameless = [row for row, identifier in zip(rows, columns[kind.id_field], strict=True) if identifier is None]
    yield from _keyless(nameless, kind)
    columns[kind.id_field] = _ids_at_schools(rows, columns[kind.id_field], kind)
    twins = (_twins(rows, pair, columns, fields) for pair, fields in _alike_pairs(columns))
    yield from _twin_problems([one for one in twins if not _is_one_course_at_two_schools(one, kind)], kind)


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


def _ids_at_schools(rows: Rows, written: Sequence[str | None], kind: Kind) -> list[str | None]:
    """The ids in their one spelling; those that repeat with their school behind them, for a course may have several."""
    present = [identifier for identifier in written if identifier is not None]
    spelled = iter(canonical_ids(present))
    ids = [None if identifier is None else next(spelled) for identifier in written]
    bearers = Counter(ids)
    if len(bearers) == len(ids):
        return ids
    return [
        key_at_school(kind, row.fields) if identifier is not None and bearers[identifier] > 1 else identifier
        for row, identifier in zip(rows, ids, strict=True)
    ]


def _alike_pairs(columns: Mapping[str, Sequence[str | None]]) -> list[tuple[tuple[int, int], list[str]]]:
    """Each two rows (by index, the later one first) that look alike, with the fields in which they do, in order."""
    alike: dict[tuple[int, int], list[str]] = {}
    for field, values in columns.items():
        for pair in _pairs(values):
            alike.setdefault(pair, []).append(field)
    return sorted(alike.items())


def _keyless(nameless: Rows, kind: Kind) -> Iterator[Problem]:
    for row in nameless:
        if deciding_field(kind, row.fields) is None:
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


def _twins(
    rows: Rows, pair: tuple[int, int], columns: Mapping[str, Sequence[str | None]], fields: Sequence[str]
) -> _Twins:
    later, earlier = pair
    same = [field for field in fields if columns[field][later] == columns[field][earlier]]
    near = [field for field in fields if field not in same]
    return _Twins(rows[later], rows[earlier], same, near)


def _is_one_course_at_two_schools(twins: _Twins, kind: Kind) -> bool:
    """Whether the two rows have one id, and are no copies of each other."""
    one, other = (row.fields.get(kind.id_field) for row in (twins.row, twins.other))
    has_one_id = one is not None and other is not None and same_id(one, other)
    return has_one_id and kind.id_field not in twins.same


def _twin_problems(twins: Sequence[_Twins], kind: Kind) -> Iterator[Problem]:
    """An error for each two that cannot be told apart; for the others a warning, as long as they are few."""
    doubtful = []
    for one in twins:
        deciding = {kind.id_field, *(deciding_field(kind, row.fields) for row in (one.row, one.other))}
        if deciding.isdisjoint(one.same):
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
    known = names(row.fields for row in schools)
    all_have_ids, all_have_references = (_all_have(schools, field) for field in SCHOOL_FIELDS)

    def is_lost(said: Said) -> bool:
        by_id, by_reference = said
        can_be_judged = all_have_ids if by_id is not None else all_have_references and by_reference is not None
        return can_be_judged and is_without_school(_as_row(said), known)

    lost = {said for said in set(map(_said, courses)) if is_lost(said)}
    for row in courses if lost else ():
        if _said(row) in lost:
            field = fields_that_name_a_school(row.fields)[0]
            hint = "add the school, or remove the course"
            yield row.problem("the school of this course is not in scope", field=field, hint=hint)


def _without_courses(schools: Rows, courses: Rows) -> Iterator[Problem]:
    """One note with the schools that no course names; none where a course leaves its school to the live side."""
    said = {_said(row) for row in courses}
    if (None, None) in said:
        return
    named = names(map(_as_row, said))
    lonely = [row for row in schools if _is_lonely(row, named, said)]
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
    return fields.get("name") or fields.get(deciding_field(SCHOOLS, fields) or "") or school.place


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _is_lonely(school: PlacedRow, named: Names, said: set[Said]) -> bool:
    """Whether no course names the school, neither by what the row says of itself nor by what it leaves open."""
    by_id, by_reference = _said(school)
    id_is_open = by_id is None and any(reference is None for _, reference in said)
    reference_is_open = by_reference is None and any(identifier is None for identifier, _ in said)
    return not (names_of(school.fields) & named or id_is_open or reference_is_open)


def _said(row: PlacedRow) -> Said:
    get = row.fields.get
    return get("school_id"), get("school_ref_id")


def _as_row(said: Said) -> Row:
    return dict(zip(SCHOOL_FIELDS, said, strict=True))


def _all_have(schools: Rows, field: str) -> bool:
    return all(row.fields.get(field) is not None for row in schools)
