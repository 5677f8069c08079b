"""Which desired row means which live row.

Belongs here: pairing. Does not belong here: what differs inside a pair (changes), whether it may (guards).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scopesync.model import DesiredList, DesiredRow, Kind, Row
    from scopesync.row_identity import KeyedRows


@dataclass(frozen=True, slots=True)
class Match:
    """Every desired and every live row exactly once: `pairs` of a live key and a row, `new` rows, `extra` live keys."""

    pairs: tuple[tuple[str, DesiredRow], ...]
    new: tuple[DesiredRow, ...]
    extra: tuple[str, ...]


def match(desired: DesiredList, live: KeyedRows) -> Match:
    """Pair the desired rows with the live ones: by id; a row without an id by its reference, then by its local id.

    Raises ConfigurationError when a row fits more than one live row, or two rows fit the same one, naming the places.
    """
    kind = desired.kind
    finder = _Finder(kind, live)
    found: dict[str, DesiredRow] = {}
    new: list[DesiredRow] = []
    problems: list[Problem] = []
    for asked in desired.rows:
        identifier = asked.fields.get(kind.id_field)
        row = asked if identifier in finder.plain else finder.with_live_id(asked)
        keys = (identifier,) if row is asked and identifier in finder.plain else finder.candidates(row)
        if not keys:
            new.append(row)
        elif len(keys) > 1:
            problems.append(_ambiguous(kind, row, keys))
        elif keys[0] in found:
            problems.append(_contested(kind, row, found[keys[0]]))
        else:
            found[keys[0]] = row
    problems += _same_but_for_case(kind, new)
    if problems:
        raise ConfigurationError(problems)
    extra = () if len(found) == len(live) else tuple(key for key in live if key not in found)
    return Match(pairs=tuple(found.items()), new=tuple(new), extra=extra)


class _Finder:
    """Looks live rows up by id, and by the fields that may stand in for one.

    `plain` holds the live rows that have an id of their own: nearly always all of them, so it is asked first.
    """

    def __init__(self, kind: Kind, live: KeyedRows) -> None:
        self._id_field = kind.id_field
        self._ref_field = kind.ref_field
        self._live = live
        self._indexes: dict[str, Mapping[str, list[str]]] = {}
        self._spellings: dict[str, str] | None = None
        odd = [key for key, row in live.items() if row.get(kind.id_field) != key]
        self._copies: dict[str, list[str]] = defaultdict(list)
        for key in odd:
            self._copies[live[key].get(kind.id_field) or ""].append(key)
        without = {*odd, *self._copies}
        self.plain = {key: row for key, row in live.items() if key not in without} if odd else live

    def with_live_id(self, row: DesiredRow) -> DesiredRow:
        """The row, with its id as the live side spells it where only the case of letters differs: ids are UUIDs."""
        identifier = row.fields.get(self._id_field)
        if not identifier or identifier in self._live:
            return row
        if self._spellings is None:
            ids = (live.get(self._id_field) for live in self._live.values())
            self._spellings = {one.casefold(): one for one in ids if one}
        spelled = self._spellings.get(identifier.casefold())
        return row if spelled is None else row._replace(fields={**row.fields, self._id_field: spelled})

    def candidates(self, row: DesiredRow) -> Sequence[str]:
        """The keys of the live rows that the row can mean. A row with an id means the live row with that id or none."""
        identifier = row.fields.get(self._id_field)
        if not identifier:
            return self._by_other_fields(row)
        if identifier in self._copies:
            return (self._closest(identifier, row),)
        return (identifier,) if identifier in self.plain else ()

    def _closest(self, identifier: str, row: DesiredRow) -> str:
        """Of live rows that share an id, the first that is as the row says, else the first."""
        keys = (identifier, *self._copies[identifier])
        return next((key for key in keys if not differs(self._live[key], row.fields)), identifier)

    def _by_other_fields(self, row: DesiredRow) -> Sequence[str]:
        """The live rows that the reference fits, else those that the local id fits; all where the two disagree."""
        by_reference, by_local_id = (self._fitting(row, field) for field in (self._ref_field, "local_id"))
        if by_reference and by_local_id and not set(by_reference) & set(by_local_id):
            return (*by_reference, *by_local_id)
        return by_reference or by_local_id

    def _fitting(self, row: DesiredRow, field: str) -> Sequence[str]:
        value = row.fields.get(field)
        return self._index(field).get(value, ()) if value else ()

    def _index(self, field: str) -> Mapping[str, list[str]]:
        if field not in self._indexes:
            index: dict[str, list[str]] = defaultdict(list)
            for key, row in self._live.items():
                if row.get(field):
                    index[row[field]].append(key)
            self._indexes[field] = dict(index)
        return self._indexes[field]


def differs(before: Row, wanted: Row) -> bool:
    """Whether any wanted field is otherwise; null and absent are the same. Asked of each row of a list."""
    for field, value in wanted.items():  # noqa: SIM110 - any() with a generator takes twice the time
        if before.get(field) != value and not alike(before.get(field), value):
            return True
    return False


_NOTHING = (None, "")


def alike(one: object, other: object) -> bool:
    """Whether the two are one value. An empty text is like null: a server may keep either for the other."""
    return one == other or (one in _NOTHING and other in _NOTHING)


def _same_but_for_case(kind: Kind, new: Iterable[DesiredRow]) -> list[Problem]:
    """New rows whose ids differ only in the case of letters: one row, to a server that takes ids for UUIDs."""
    first: dict[str, DesiredRow] = {}
    problems = []
    for row in new:
        identifier = row.fields.get(kind.id_field)
        if identifier and first.setdefault(identifier.casefold(), row) is not row:
            problems.append(_contested(kind, row, first[identifier.casefold()]))
    return problems


def _ambiguous(kind: Kind, row: DesiredRow, keys: Iterable[str]) -> Problem:
    return _problem(
        row,
        f"this {kind.singular} without a {kind.id_field} fits several live rows: {', '.join(keys)}",
        hint=f"give it the {kind.id_field} of the one that is meant",
    )


def _contested(kind: Kind, row: DesiredRow, other: DesiredRow) -> Problem:
    return _problem(
        row,
        f"this {kind.singular} and the one at {other.origin or 'another place'} mean the same live row",
        hint="remove one of them",
    )


def _problem(row: DesiredRow, message: str, *, hint: str) -> Problem:
    file, _, line = (row.origin or "").rpartition(":")
    return Problem(message, file=file or None, line=int(line) if line else None, hint=hint)
