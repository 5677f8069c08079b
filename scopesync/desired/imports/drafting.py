"""What files can say of live rows.

Belongs here: which rows and which fields can be written at all, and words for those that cannot. Does not belong here:
the text of files (`writing`), what a file says already (`reconciling`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scopesync.desired.consistency import key_field
from scopesync.desired.row_check import row_check
from scopesync.model import SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scopesync.model import Kind, ListName, Row

_FAMILY = (SCHOOLS.id_field, SCHOOLS.ref_field)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a file cannot say of a live row: some `fields`, which then keep their live value, or all of it."""

    list: ListName
    row: Row
    reason: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """The rows of one list as they can be written, the live row of each beside it, and what cannot."""

    kind: Kind
    rows: list[dict[str, Any]] = field(default_factory=list)
    live: list[Row] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def is_partial(self) -> bool:
        """Whether a whole row is left out."""
        return any(not left.fields for left in self.left_out)


def drafted(kind: Kind, live: Sequence[Row]) -> Draft:
    """The rows that a file can hold: each can be told apart from all others, and the schema takes it."""
    draft = Draft(kind)
    taken, unlike = _shared_keys(live, kind), _unlike_copies(live, kind)
    for row in live:
        fields, refused = _fields(row, kind)
        if fields.get(kind.id_field) in unlike:
            reason: str | None = f"another row with its {kind.id_field} says otherwise"
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
    """Leave out the school of a course, where the school itself is in no file: the live value stays as it is."""
    courses.left_out += lost_schools(schools.rows, courses.rows, courses.kind)


def lost_schools(schools: Iterable[Row], courses: Iterable[dict[str, Any]], kind: Kind) -> list[LeftOut]:
    """Take the school out of every course that names none of `schools`, and say so."""
    known = {(name, row[name]) for row in schools for name in _FAMILY if row.get(name) is not None}
    lost = []
    for row in courses:
        mentioned = tuple(name for name in _FAMILY if row.get(name) is not None)
        if mentioned and not any((name, row[name]) in known for name in mentioned):
            lost.append(LeftOut(kind.name, dict(row), "its school is not among the schools", mentioned))
            for name in mentioned:
                del row[name]
    return lost


def _shared_keys(live: Sequence[Row], kind: Kind) -> set[tuple[str, str]]:
    """Field and value of everything but ids that two rows have, so that it tells neither apart."""
    names = (kind.ref_field, "local_id")
    held = Counter((name, row[name]) for row in live for name in names if isinstance(row.get(name), str))
    return {key for key, count in held.items() if count > 1}


def _unlike_copies(live: Sequence[Row], kind: Kind) -> set[Any]:
    """Ids that several rows have which are not alike in what people may write: a plan would make them so."""
    said: dict[Any, Row] = {}
    unlike = set()
    for row in live:
        identity = row.get(kind.id_field)
        other = said.setdefault(identity, row) if isinstance(identity, str) else row
        if other is not row and any(other.get(name) != row.get(name) for name in kind.fields):
            unlike.add(identity)
    return unlike


def _fields(row: Row, kind: Kind) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What people may write of a live row, and the names of the fields whose values the schema refuses."""
    check = row_check(kind)
    present = {name: row[name] for name in kind.fields if row.get(name) is not None}
    fields = {name: value for name, value in present.items() if check({name: value})}
    return fields, tuple(name for name in present if name not in fields)


def _reason(fields: Row, refused: Sequence[str], kind: Kind, taken: set[tuple[str, str]]) -> str | None:
    """Why a row cannot be written at all, None if it can; the id of one that can is taken from then on."""
    key = key_field(fields, kind)
    if kind.id_field in refused:
        return f"its {kind.id_field} is not safe in a URL"
    if key is None:
        return f"it has no {kind.id_field}, {kind.ref_field} or local_id"
    if (key, fields[key]) in taken:
        return f"another row has its {key} too"
    if key == kind.id_field:
        taken.add((key, fields[key]))
    return None
