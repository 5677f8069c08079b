"""Which desired row means which live row.

Belongs here: pairing two lists. Does not belong here: what makes two rows the same (`row_identity`), what differs
inside a pair (`changes`), whether a change may be made (`guards`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.errors import ConfigurationError, Problem
from scopesync.model import SCHOOLS
from scopesync.row_identity import RowIndex, canonical_id, canonical_ids, differs, key_of
from scopesync.school_links import SchoolDirectory, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scopesync.model import DesiredList, DesiredRow, Kind
    from scopesync.row_identity import KeyedRows


@dataclass(frozen=True, slots=True)
class Match:
    """Every desired and every live row exactly once: `pairs` of a live key and a row, `new` rows, `extra` live keys."""

    pairs: tuple[tuple[str, DesiredRow], ...]
    new: tuple[DesiredRow, ...]
    extra: tuple[str, ...]


def match(desired: DesiredList, live: KeyedRows, schools: SchoolDirectory | None = None) -> Match:
    """Pair the desired rows with the live ones, by `row_identity`'s rules.

    `schools` tells apart courses that share an id. Raises ConfigurationError when a row fits more than one live row, or
    two rows fit the same one, naming the places.
    """
    finder = _Finder(desired, live, schools or SchoolDirectory(()))
    found: dict[str, DesiredRow] = {}
    new: list[DesiredRow] = []
    problems: list[Problem] = []
    for row in desired.rows:
        identifier = row.fields.get(desired.kind.id_field)
        is_named = identifier is not None and identifier in finder.named_by_id
        keys: Sequence[str] = (identifier,) if identifier and is_named else finder.candidates(row)
        if not keys:
            new.append(row)
        elif len(keys) > 1:
            problems.append(_ambiguous(desired.kind, row, keys))
        elif keys[0] in found:
            problems.append(_contested(desired.kind, row, found[keys[0]]))
        else:
            found[keys[0]] = row
    problems += _same_new_rows(desired.kind, new, finder.schools)
    if problems:
        raise ConfigurationError(problems)
    extra = () if len(found) == len(live) else tuple(key for key in live if key not in found)
    return Match(pairs=tuple(found.items()), new=tuple(new), extra=extra)


class _Finder:
    """Finds the live rows that a desired row may mean.

    `named_by_id` holds the keys of live rows that bear an id of their own, spelled as the key is, which no other row
    shares, live or desired: nearly always all of them, so they are looked up first.
    """

    def __init__(self, desired: DesiredList, live: KeyedRows, schools: SchoolDirectory) -> None:
        self._kind = desired.kind
        self._live = live
        self.schools = schools
        self._index = RowIndex(desired.kind, live)
        self._repeated = _repeated_ids(desired)
        self.named_by_id = self._keys_of_own_ids()

    def candidates(self, row: DesiredRow) -> Sequence[str]:
        """The keys of the live rows that the row may mean."""
        keys = self._index.meant_by(row.fields)
        identifier = row.fields.get(self._kind.id_field)
        if not identifier or not keys:
            return keys
        if len(keys) == 1 and canonical_id(identifier) not in self._repeated:
            return keys
        return self._sharing_an_id(keys, row)

    def _sharing_an_id(self, keys: Sequence[str], row: DesiredRow) -> Sequence[str]:
        """Of live rows with the row's id, those of its school; of copies, the one that is as the row says.

        Copies that are wanted once are one row: it may move to another school, as any other row may.
        """
        schools = {names_of(self._live[key]) for key in keys}
        wanted_once = canonical_id(row.fields[self._kind.id_field]) not in self._repeated
        if not (wanted_once and len(schools) == 1):
            keys = self.schools.at_its_school(row.fields, keys, self._live)
            schools = {names_of(self._live[key]) for key in keys}
        if len(keys) <= 1 or len(schools) > 1:
            return keys
        unchanged = (key for key in keys if not differs(self._live[key], row.fields))
        return (next(unchanged, keys[0]),)

    def _keys_of_own_ids(self) -> KeyedRows:
        id_field = self._kind.id_field
        odd = {key for key, row in self._live.items() if row.get(id_field) != key}
        shared = {canonical_id(self._live[key].get(id_field) or "") for key in odd}
        left_out = odd | shared | self._repeated
        if not left_out:
            return self._live
        return {key: row for key, row in self._live.items() if key not in left_out}


def _repeated_ids(desired: DesiredList) -> frozenset[str]:
    """Ids of courses that are wanted more than once: at several schools."""
    if desired.kind.name != "courses":
        return frozenset()
    written = [row.fields[desired.kind.id_field] for row in desired.rows if row.fields.get(desired.kind.id_field)]
    ids = canonical_ids(written)
    if len(set(ids)) == len(ids):
        return frozenset()
    bearers = Counter(ids)
    return frozenset(identifier for identifier, count in bearers.items() if count > 1)


def _same_new_rows(kind: Kind, new: Iterable[DesiredRow], schools: SchoolDirectory) -> list[Problem]:
    """New rows that are one row: its id is spelled in two ways, or its school is named in two ways."""
    earlier: dict[str, list[DesiredRow]] = defaultdict(list)
    problems = []
    for row in new:
        if row.fields.get(kind.id_field):
            same_id = earlier[key_of(kind, row.fields)]
            twin = next((other for other in same_id if _is_one_row(kind, row, other, schools)), None)
            if twin is not None:
                problems.append(_contested(kind, row, twin))
            same_id.append(row)
    return problems


def _is_one_row(kind: Kind, row: DesiredRow, other: DesiredRow, schools: SchoolDirectory) -> bool:
    """Whether two rows with one id are one row: courses are two where each names another school."""
    if kind is SCHOOLS or not names_of(row.fields) or not names_of(other.fields):
        return True
    return schools.same_school(row.fields, other.fields)


def _ambiguous(kind: Kind, row: DesiredRow, keys: Iterable[str]) -> Problem:
    fits = f"fits several live rows: {', '.join(keys)}"
    if row.fields.get(kind.id_field):
        message = f"this {kind.singular} {fits}"
        hint = "say its school: give it the school_id of the one that is meant"
    else:
        message = f"this {kind.singular} without a {kind.id_field} {fits}"
        hint = f"give it the {kind.id_field} of the one that is meant"
    return _problem(row, message, hint=hint)


def _contested(kind: Kind, row: DesiredRow, other: DesiredRow) -> Problem:
    return _problem(
        row,
        f"this {kind.singular} and the one at {other.origin or 'another place'} mean the same live row",
        hint="remove one of them",
    )


def _problem(row: DesiredRow, message: str, *, hint: str) -> Problem:
    file, _, line = (row.origin or "").rpartition(":")
    return Problem(message, file=file or None, line=int(line) if line else None, hint=hint)
