"""Families: which courses need which schools, while names of schools come, go or change hands.

Belongs here: the names by which courses point at schools. Does not belong here: the order of calls that follows
(calls), whether a plan may leave a course without a school (guards).

A school has up to two names, its id and its reference; a course points by one or both. Where both name the same school,
before or after the plan, the id alone is what holds the course: a reference may then change freely. Where they name
different schools, the course needs both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scopesync.model import Row
    from scopesync.plan.types import Change
    from scopesync.plan.writes import ListWrites
    from scopesync.row_identity import KeyedRows

Name = tuple[str, str]
"""A school as a course may name it: (field, value in small letters, for ids are UUIDs)."""

Names = frozenset[Name]

_NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Families:
    """What courses need of the names of schools that do not stay where they are.

    `needs` are a course's names before and after its change, by its key; only such names, and only those that a school
    bears then. `orphans` are the keys of courses that would need one which no school bears in the end.
    """

    needs: Mapping[str, tuple[Names, Names]] = field(default_factory=dict)
    orphans: tuple[str, ...] = ()

    @property
    def waiting(self) -> frozenset[str]:
        """The keys of courses that come to need a name: they wait until its school has come, or has taken it over."""
        return frozenset(key for key, (before, after) in self.needs.items() if not after <= before)

    @property
    def awaited(self) -> Names:
        """The names that they wait for."""
        return _NONE.union(*(after - before for before, after in self.needs.values()))

    def needed(self, settled: frozenset[str]) -> Names:
        """What courses need while the changes of the `settled` ones are made, and no others."""
        return _NONE.union(*(after if key in settled else before for key, (before, after) in self.needs.items()))

    @property
    def needed_at_last(self) -> Names:
        """What courses need when all is done."""
        return _NONE.union(*(after for _, after in self.needs.values()))


def families(schools: ListWrites, courses: ListWrites) -> Families:
    """What the courses need of the schools' names that come, go or change hands; empty where none does."""
    moving = _moving(schools)
    if not moving:
        return Families()
    before, after = names(schools.live.values()), names(schools.final.values())
    same = {_pair(row) for rows in (schools.live, schools.final) for row in rows.values()}
    needs: dict[str, tuple[Names, Names]] = {}
    orphans = []
    for key, old, new in _courses(courses):
        had, has = _named(old, same, before) & moving, _named(new, same, after) & moving
        if not had and not has:
            continue
        lost = has - after
        if lost:
            orphans.append(key)
        needs[key] = (had & before, has - lost)
        if names_of(new) <= names_of(old):  # what held it goes on to hold it; a name that nobody bore held nothing
            needs[key] = (had & before, (has | had & after) - lost - (had - before))
    return Families(needs, tuple(sorted(orphans)))


def names(schools: Iterable[Row]) -> Names:
    """Every name by which a course can point at one of the schools."""
    return frozenset(name for row in schools for name in _pair(row) if name)


def held(before: KeyedRows, after: KeyedRows) -> Names:
    """The names that one and the same school bears before and after."""
    return frozenset(
        name
        for key, row in before.items()
        if key in after
        for name in _pair(row)
        if name and (after[key] is row or name in _pair(after[key]))
    )


def given_up(before: KeyedRows, after: KeyedRows) -> Names:
    """The names that some school bears before and not after, whoever bears them then."""
    return frozenset(name for key, row in before.items() for name in names_of(row) - names_of(after.get(key)))


def without_school(courses: Iterable[Change], schools: Iterable[Row]) -> tuple[str, ...]:
    """The keys of created or updated courses that name a school, but none of these."""
    here = names(schools)
    pointing = ((change.key, names_of(change.after)) for change in courses if change.after is not None)
    return tuple(sorted(key for key, named in pointing if named and named.isdisjoint(here)))


def of_two_schools(courses: Iterable[Change], schools: Iterable[Row]) -> tuple[str, ...]:
    """The keys of courses that a change makes point at one of these schools by id, and at another by reference."""
    pairs = [_pair(row) for row in schools]
    same, known = set(pairs), {name for pair in pairs for name in pair}
    return tuple(
        sorted(
            change.key
            for change in courses
            if change.after is not None and names_of(change.after) != names_of(change.before)
            if (pair := _pair(change.after)) not in same and known.issuperset(pair) and None not in pair
        )
    )


def _moving(schools: ListWrites) -> Names:
    """The names that a school gains or loses, but for those that another bears all the time."""
    moving = _NONE.union(*(names_of(change.before) ^ names_of(change.after) for change in schools.changes))
    return moving - held(schools.live, schools.final) if moving else moving


def names_of(row: Row | None) -> Names:
    """The names of a school that one row has: a school's own, or a course's. None where there is no row."""
    return names(() if row is None else (row,))


def _courses(courses: ListWrites) -> Iterator[tuple[str, Row, Row]]:
    """Each course that is live before or after: key, and row before and after ({} where it is not)."""
    for key, row in courses.live.items():
        yield key, row, courses.final.get(key, {})
    for change in courses.created:
        yield change.key, {}, change.after or {}


def _named(course: Row, same: set[tuple[Name | None, Name | None]], borne: Names) -> Names:
    """The names that hold the course: its id alone, where a school bears it and the reference says the same school."""
    by_id, by_reference = pair = _pair(course)
    if by_id in borne and by_reference and pair in same:
        return frozenset((by_id,))
    return frozenset(name for name in pair if name)


def _pair(row: Row) -> tuple[Name | None, Name | None]:
    """The row's names of a school: by id, by reference."""
    by_id, by_reference = row.get("school_id"), row.get("school_ref_id")
    return (
        ("school_id", by_id.casefold()) if by_id else None,
        ("school_ref_id", by_reference.casefold()) if by_reference else None,
    )
