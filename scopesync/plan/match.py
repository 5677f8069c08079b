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

    from scopesync.model import DesiredList, DesiredRow, Kind
    from scopesync.plan.keys import KeyedRows


@dataclass(frozen=True, slots=True)
class Match:
    """Every desired and every live row exactly once. `pairs` and `extra` hold live keys, in the live list's order."""

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
    for row in desired.rows:
        keys = finder.candidates(row)
        if not keys:
            new.append(row)
        elif len(keys) > 1:
            problems.append(_ambiguous(kind, row, keys))
        elif keys[0] in found:
            problems.append(_contested(kind, row, found[keys[0]]))
        else:
            found[keys[0]] = row
    if problems:
        raise ConfigurationError(problems)
    return Match(
        pairs=tuple((key, found[key]) for key in live if key in found),
        new=tuple(new),
        extra=tuple(key for key in live if key not in found),
    )


class _Finder:
    """Looks live rows up by id, and by the fields that may stand in for one."""

    def __init__(self, kind: Kind, live: KeyedRows) -> None:
        self._id_field = kind.id_field
        self._ref_field = kind.ref_field
        self._live = live
        self._indexes: dict[str, Mapping[str, list[str]]] = {}

    def candidates(self, row: DesiredRow) -> Sequence[str]:
        """The keys of the live rows that the row can mean. A row with an id means the live row with that id or none."""
        identifier = row.fields.get(self._id_field)
        if not identifier:
            return self._by_other_fields(row)
        named = self._live.get(identifier)
        # a key alone is no proof: `ref:x` is the key of a row without an id
        return (identifier,) if named is not None and named.get(self._id_field) == identifier else ()

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
