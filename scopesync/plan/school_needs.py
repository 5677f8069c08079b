"""Which courses need which names of schools, while these names come, go or change hands.

Belongs here: what the courses of a plan need at each of its stages. Does not belong here: how a course names a school
(`school_links`), the order of calls that follows (`call_sequence`), whether a plan may leave a course without a school
(`guards`).

Where a course's id and reference name the same school, before or after the plan, it needs the id alone: the reference
may then change freely. Where they name different schools, the course needs both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scopesync.school_links import is_without_school, name_pair, names, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scopesync.model import Row
    from scopesync.plan.types import Change
    from scopesync.plan.writes import ListWrites
    from scopesync.row_identity import KeyedRows
    from scopesync.school_links import NamePair, Names

_NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class SchoolNeeds:
    """What courses need of those names of schools that come, go or change hands.

    `needs`: by the key of a course, the names that it needs before and after its own change; only names that a school
    bears at that moment. `orphans`: keys of courses that would need a name which no school bears in the end.
    """

    needs: Mapping[str, tuple[Names, Names]] = field(default_factory=dict)
    orphans: tuple[str, ...] = ()

    @property
    def waiting(self) -> frozenset[str]:
        """The keys of courses that come to need a name: they wait until a school bears it."""
        return frozenset(key for key, (before, after) in self.needs.items() if not after <= before)

    @property
    def awaited(self) -> Names:
        """The names that these courses wait for."""
        return _NONE.union(*(after - before for before, after in self.needs.values()))

    def needed(self, settled: frozenset[str]) -> Names:
        """The names that courses need once the changes of the `settled` courses are made, and no others."""
        return _NONE.union(*(after if key in settled else before for key, (before, after) in self.needs.items()))

    @property
    def needed_at_last(self) -> Names:
        """The names that courses need when everything is done."""
        return _NONE.union(*(after for _, after in self.needs.values()))


def school_needs(schools: ListWrites, courses: ListWrites) -> SchoolNeeds:
    """What the courses need of the schools' names that come, go or change hands; empty where none does."""
    moving = _moving_names(schools)
    if not moving:
        return SchoolNeeds()
    before, after = names(schools.live.values()), names(schools.final.values())
    pairs = {name_pair(row) for rows in (schools.live, schools.final) for row in rows.values()}
    needs: dict[str, tuple[Names, Names]] = {}
    orphans = []
    for key, old, new in _courses(courses):
        had = _needed_names(old, pairs, before) & moving
        has = _needed_names(new, pairs, after) & moving
        if not had and not has:
            continue
        lost = has - after
        if lost:
            orphans.append(key)
        if names_of(new) <= names_of(old):
            # The course names no other school than before. It keeps needing what resolved before, as long as it still
            # resolves; a reference that never resolved is not needed.
            still_resolved = had & after
            never_resolved = had - before
            has = (has | still_resolved) - never_resolved
        needs[key] = (had & before, has - lost)
    return SchoolNeeds(needs, tuple(sorted(orphans)))


def names_kept(before: KeyedRows, after: KeyedRows) -> Names:
    """The names that one and the same school bears before and after."""
    kept: set[tuple[str, str]] = set()
    for key, row in before.items():
        if key in after:
            is_unchanged = after[key] is row
            kept.update(names_of(row) if is_unchanged else names_of(row) & names_of(after[key]))
    return frozenset(kept)


def names_given_up(before: KeyedRows, after: KeyedRows) -> Names:
    """The names that some school bears before and not after, whichever school bears them then."""
    return frozenset(name for key, row in before.items() for name in names_of(row) - names_of(after.get(key)))


def courses_without_school(courses: Iterable[Change], schools: Iterable[Row]) -> tuple[str, ...]:
    """The keys of created or updated courses that name a school, but none of these."""
    known = names(schools)
    return tuple(
        sorted(change.key for change in courses if change.after is not None and is_without_school(change.after, known))
    )


def courses_of_two_schools(courses: Iterable[Change], schools: Iterable[Row]) -> tuple[str, ...]:
    """The keys of courses that a change makes point at one of these schools by id, and at another by reference."""
    pairs = {name_pair(row) for row in schools}
    known = {name for pair in pairs for name in pair if name is not None}
    torn = []
    for change in courses:
        if change.after is None or names_of(change.after) == names_of(change.before):
            continue
        pair = name_pair(change.after)
        names_two_schools = pair not in pairs and known.issuperset(pair)
        if names_two_schools:
            torn.append(change.key)
    return tuple(sorted(torn))


def _moving_names(schools: ListWrites) -> Names:
    """The names that a school gains or loses, but for those that another bears all the time."""
    moving = _NONE.union(*(names_of(change.before) ^ names_of(change.after) for change in schools.changes))
    return moving - names_kept(schools.live, schools.final) if moving else moving


def _courses(courses: ListWrites) -> Iterator[tuple[str, Row, Row]]:
    """Each course that is live before or after: key, and row before and after ({} where it is not live)."""
    for key, row in courses.live.items():
        yield key, row, courses.final.get(key, {})
    for change in courses.created:
        yield change.key, {}, change.after or {}


def _needed_names(course: Row, pairs: set[NamePair], borne: Names) -> Names:
    """The names that the course needs: its id alone, where a school bears it and the reference says the same school."""
    pair = name_pair(course)
    by_id, by_reference = pair
    if by_id in borne and by_reference and pair in pairs:
        return frozenset((by_id,))
    return names_of(course)
