"""Families: which courses hang on schools that leave or arrive.

Belongs here: the pointers between the two lists. Does not belong here: the order of calls that follows (calls).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.model import Row
    from scopesync.plan.writes import ListWrites

School = tuple[str, str]
"""A school as a course may name it: (field, value in small letters, for ids are UUIDs)."""

_FIELDS = ("school_id", "school_ref_id")


@dataclass(frozen=True, slots=True)
class Families:
    """Keys of courses.

    `hanging` point at a leaving school now, `orphans` still would in the end, `waiting` will point at an arriving one.
    """

    hanging: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    orphans: tuple[str, ...] = ()


def families(schools: ListWrites, courses: ListWrites) -> Families:
    """What the courses need of the schools that leave or arrive; empty where no school does."""
    before, after = _names(schools.live.values()), _names(schools.final.values())
    leaving, arriving = before - after, after - before
    if not leaving and not arriving:
        return Families()
    hanging = {key for key, row in courses.live.items() if _school(row) in leaving}
    orphans = {key for key, row in courses.final.items() if _school(row) in leaving}
    waiting = {
        key
        for key, row in courses.final.items()
        if _school(row) in arriving and _school(courses.live.get(key, {})) != _school(row)
    }
    return Families(frozenset(hanging), frozenset(waiting), tuple(sorted(orphans)))


def _names(schools: Iterable[Row]) -> set[School]:
    return {(field, row[field].casefold()) for row in schools for field in _FIELDS if row.get(field)}


def _school(course: Row) -> School | None:
    """How the course names its school: by id, else by reference."""
    for field in _FIELDS:
        if course.get(field):
            return (field, course[field].casefold())
    return None
