"""How a course names its school, and which courses a set of schools leaves without one.

Belongs here: every rule on the names by which a course points at a school. Does not belong here: what a row itself is
called (`row_identity`), when the calls of a plan may take a name away (`plan.school_needs`), whether they may at all
(`plan.guards`).

A school has up to two names, its id and its reference. A course points at it by one or both. Ids are compared as
UUIDs, references exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scopesync.model import SCHOOLS
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scopesync.model import Row

SCHOOL_FIELDS = (SCHOOLS.id_field, SCHOOLS.ref_field)
"""The fields that name a school, in a school's own row and in a course's; the first one decides."""

Key = TypeVar("Key")

Name = tuple[str, str]
"""A school as a course may name it: (field, value), the value of an id in its one spelling."""

Names = frozenset[Name]

NamePair = tuple[Name | None, Name | None]
"""The names of one row: by id, by reference."""


def name_pair(row: Row) -> NamePair:
    """How the row, a school's or a course's, names a school: by id, by reference; None for what it does not say."""
    by_id, by_reference = row.get(SCHOOLS.id_field), row.get(SCHOOLS.ref_field)
    return (
        (SCHOOLS.id_field, canonical_id(by_id)) if by_id else None,
        (SCHOOLS.ref_field, by_reference) if by_reference else None,
    )


def names_of(row: Row | None) -> Names:
    """The names of a school that the row has; none where there is no row."""
    if row is None:
        return frozenset()
    return frozenset(name for name in name_pair(row) if name)


def names(rows: Iterable[Row]) -> Names:
    """Every name by which a course can point at one of these schools."""
    return frozenset(name for row in rows for name in name_pair(row) if name)


def is_without_school(course: Row, known: Names) -> bool:
    """Whether the course names a school, but none that bears a `known` name. A course may leave its school unsaid."""
    said = names_of(course)
    return bool(said) and said.isdisjoint(known)


def fields_that_name_a_school(course: Row) -> tuple[str, ...]:
    """Those of the fields that the course mentions, the one that decides first."""
    return tuple(field for field in SCHOOL_FIELDS if course.get(field))


def school_word(course: Row) -> str:
    """What the course says of its school, as it says it: the id, else the reference; "" where it says nothing."""
    return next((course[field] for field in SCHOOL_FIELDS if course.get(field)), "")


class SchoolDirectory:
    """The schools of one tenant, by every name that a course may use.

    Where two schools bear one name, the first given wins; which of them a course means cannot be known.
    """

    def __init__(self, schools: Iterable[Row]) -> None:
        self._schools: dict[Name, Row] = {}
        for school in schools:
            for name in names_of(school):
                self._schools.setdefault(name, school)

    def school_of(self, course: Row) -> Row | None:
        """The school that the course names, by its id before its reference; None where it is not among these."""
        found = (self._schools.get(name) for name in name_pair(course) if name)
        return next((school for school in found if school is not None), None)

    def label(self, course: Row) -> str | None:
        """The name of the course's school for people: else what the course says of it; None where it says nothing."""
        school = self.school_of(course)
        if school is not None and school.get("name"):
            return str(school["name"])
        return school_word(course) or None

    def at_its_school(self, course: Row, keys: Sequence[Key], rows: Mapping[Key, Row]) -> Sequence[Key]:
        """Of the keys of rows with the course's id, those of its school; a row that names no school may be of any."""
        if not names_of(course):
            return keys
        return [key for key in keys if not names_of(rows[key]) or self.same_school(rows[key], course)]

    def same_school(self, one: Row, other: Row) -> bool:
        """Whether the two courses name one school, by whatever kind of name each uses."""
        if not names_of(one).isdisjoint(names_of(other)):
            return True
        school = self.school_of(one)
        return school is not None and school is self.school_of(other)
