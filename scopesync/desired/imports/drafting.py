"""Which live rows and values a file can express.

Belongs here: deciding which rows and fields can be written, with a reason for those that cannot. Does not belong here:
the text of files (`new_files`), the rows that are already in a file (`reconciling`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scopesync.desired.row_check import row_check
from scopesync.model import COURSES
from scopesync.row_identity import (
    ID_FIELDS,
    canonical_id,
    deciding_field,
    differing_fields,
    key_at_school,
    key_of,
    stand_in_fields,
)
from scopesync.school_links import fields_that_name_a_school, is_without_school, names, names_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scopesync.model import Kind, ListName, Row
    from scopesync.school_links import Names


NO_SCHOOL = "its school is not among the schools"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a file cannot express of a live row: some `fields`, which keep their live value, or the whole row."""

    list: ListName
    row: Row
    reason: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """The rows of one list as a file can hold them, the live row of each at the same index in `live`, and the rest.

    `at_several_schools` are the ids of courses that are live more than once.
    """

    kind: Kind
    rows: list[dict[str, Any]] = field(default_factory=list)
    live: list[Row] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    at_several_schools: frozenset[str] = frozenset()

    @property
    def is_partial(self) -> bool:
        """Whether a whole row is left out."""
        return any(not left.fields for left in self.left_out)


def drafted(kind: Kind, live: Sequence[Row]) -> Draft:
    """The rows that a file can hold: each is distinguishable from all others, and valid by the schema."""
    draft = Draft(kind, at_several_schools=_at_several_schools(live, kind))
    taken = _shared_keys(live, kind)
    unlike = _unlike_copies(live, kind)
    for row in live:
        fields, refused = _fields(row, kind)
        if key_at_school(kind, row) in unlike:
            reason: str | None = f"another row with its {kind.id_field} says otherwise"
        elif key_of(kind, row) in draft.at_several_schools and not names_of(fields):
            reason = f"another row has its {kind.id_field}, and no file can name its school"
        else:
            reason = _reason(fields, refused, kind, taken)
        if reason is not None:
            draft.left_out.append(LeftOut(kind.name, row, reason))
            continue
        if refused:
            draft.left_out.append(LeftOut(kind.name, row, "the schema refuses these values", refused))
        draft.rows.append(fields)
        draft.live.append(row)
    return draft


def keep_families(schools: Draft, courses: Draft) -> None:
    """Leave out the school of a course if the school itself is in no file: its live value then stays as it is."""
    lost = without_lost_schools(schools.rows, courses.rows, courses.kind, courses.at_several_schools)
    courses.left_out += lost.left_out
    rows: list[dict[str, Any]] = []
    live_rows: list[Row] = []
    for row, live in zip(courses.rows, courses.live, strict=True):
        if lost.drops(row):
            courses.left_out.append(LeftOut(courses.kind.name, live, NO_SCHOOL))
        else:
            rows.append(row)
            live_rows.append(live)
    courses.rows = rows
    courses.live = live_rows


@dataclass(frozen=True, slots=True)
class LostSchools:
    """What files cannot express of courses whose school they lack; `dropped` are rows that they cannot hold at all.

    Rows are compared by identity (`is`), because two of them may be equal.
    """

    left_out: list[LeftOut]
    dropped: list[dict[str, Any]]

    def drops(self, row: Row | None) -> bool:
        """Whether that very row is dropped."""
        return any(row is one for one in self.dropped)


def without_lost_schools(
    schools: Iterable[Row], courses: Iterable[dict[str, Any]], kind: Kind, at_several_schools: Collection[str]
) -> LostSchools:
    """Remove the school from every course that names none of `schools`, and report it.

    A course that is live at several schools is dropped: without the school its rows could not be distinguished.
    """
    known = names(schools)
    left_out, dropped = [], []
    for row in courses:
        if not is_without_school(row, known):
            continue
        if key_of(kind, row) in at_several_schools:
            dropped.append(row)
            continue
        mentioned = fields_that_name_a_school(row)
        left_out.append(LeftOut(kind.name, dict(row), NO_SCHOOL, mentioned))
        for name in mentioned:
            del row[name]
    return LostSchools(left_out, dropped)


def _at_several_schools(live: Iterable[Row], kind: Kind) -> frozenset[str]:
    if kind is not COURSES:
        return frozenset()
    schools: dict[str, set[Names]] = defaultdict(set)
    for row in live:
        if isinstance(row.get(kind.id_field), str):
            schools[key_of(kind, row)].add(names_of(row))
    return frozenset(key for key, named in schools.items() if len(named) > 1)


def _shared_keys(live: Sequence[Row], kind: Kind) -> set[tuple[str, str]]:
    """Field and value of each key other than an id that several rows have, so that it identifies none of them."""
    held: Counter[tuple[str, str]] = Counter()
    fields = stand_in_fields(kind)
    for row in live:
        held.update((field, row[field]) for field in fields if isinstance(row.get(field), str))
    return {key for key, count in held.items() if count > 1}


def _unlike_copies(live: Sequence[Row], kind: Kind) -> set[str]:
    """Keys (with school) of rows that share an id and that no file can distinguish: a plan would merge them.

    These are different copies of one course at one school, and rows without a school beside rows with one.
    """
    first: dict[str, Row] = {}
    bearers: dict[str, list[Row]] = defaultdict(list)
    unlike = set()
    for row in live:
        if not isinstance(row.get(kind.id_field), str):
            continue
        bearers[key_of(kind, row)].append(row)
        key = key_at_school(kind, row)
        other = first.setdefault(key, row)
        if other is not row and differing_fields(kind.fields, other, row):
            unlike.add(key)
    for rows in bearers.values():
        schools = {names_of(row) for row in rows}
        if len(schools) > 1 and frozenset() in schools:
            unlike.update(key_at_school(kind, row) for row in rows)
    return unlike


def _fields(row: Row, kind: Kind) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields of a live row that a file may hold, ids in canonical spelling, and those that the schema refuses."""
    check = row_check(kind)
    present = {name: _spelled(name, row[name]) for name in kind.fields if row.get(name) is not None}
    fields = {name: value for name, value in present.items() if check({name: value})}
    return fields, tuple(name for name in present if name not in fields)


def _reason(fields: Row, refused: Sequence[str], kind: Kind, taken: set[tuple[str, str]]) -> str | None:
    """Why a row cannot be written at all, None if it can. The id of a row that can be written is added to `taken`."""
    key = deciding_field(kind, fields)
    if kind.id_field in refused:
        return f"its {kind.id_field} is not safe in a URL"
    if key is None:
        return f"it has no {kind.id_field}, {kind.ref_field} or local_id"
    value = key_at_school(kind, fields) if key == kind.id_field else fields[key]
    if (key, value) in taken:
        return f"another row has its {key} too"
    if key == kind.id_field:
        taken.add((key, value))
    return None


def _spelled(field: str, value: Any) -> Any:
    return canonical_id(value) if field in ID_FIELDS and isinstance(value, str) else value
