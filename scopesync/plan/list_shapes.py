"""Shapes: every way in which one list's changes can be carried out in two phases.

Belongs here: the candidates, each by itself. Does not belong here: which two of them go together and what comes first
(call_sequence).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.school_links import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scopesync.documents import StrategyKind
    from scopesync.plan.school_needs import SchoolNeeds
    from scopesync.plan.types import Change
    from scopesync.plan.writes import ListWrites, Write


@dataclass(frozen=True, slots=True)
class Shape:
    """What one list does in its first and its second phase; `settled`: the keys that the first phase is done with."""

    kind: StrategyKind
    first: tuple[Write, ...] = ()
    second: tuple[Write, ...] = ()
    settled: frozenset[str] = frozenset()

    @property
    def calls(self) -> int:
        """How many calls it takes."""
        return len(self.first) + len(self.second)

    @property
    def replaces(self) -> bool:
        """Whether it rewrites the whole list."""
        return any(write.op == "replace" for write in (*self.first, *self.second))


UNCHANGED = Shape("none")


def course_shapes(courses: ListWrites, ties: SchoolNeeds) -> list[Shape]:
    """Every way to carry out the courses' changes; the first phase lies before the schools arrive."""
    if not courses.changes:
        return [UNCHANGED]
    waits = ties.waiting
    waiting = [change for change in courses.changes if change.key in waits]
    ready = [change for change in courses.changes if change.key not in waits]
    late, everything = tuple(courses.arrivals(waiting)), _keys(courses.changes)
    whole, part = tuple(courses.replace(courses.changes)), tuple(courses.replace(ready))
    shapes = [] if courses.nameless(courses.changes) else _course_items(courses, ready, late)
    if courses.emptied:
        shapes.append(Shape("replace", (courses.clear(),), settled=everything))
    if whole:
        shapes += [Shape("replace", second=whole), Shape("replace", whole, settled=everything)]
    if part and not courses.nameless(waiting):
        shapes.append(Shape("replace", part, late, _keys(ready)))
    return shapes


def school_shapes(schools: ListWrites, ties: SchoolNeeds) -> list[Shape]:
    """Every way to carry out the schools' changes; their first phase lies between the courses' two."""
    if not schools.changes:
        return [UNCHANGED]
    arriving, everything = _keys((*schools.created, *schools.updated)), _keys(schools.changes)
    created, deletes = tuple(schools.arrivals(schools.created)), tuple(schools.deletes())
    whole, superset = (tuple(schools.replace(some)) for some in (schools.changes, (*schools.created, *schools.updated)))
    at_last = (schools.replace_at_last(),) if schools.final and schools.final_fits else ()
    shapes = []
    if not schools.nameless(schools.changes):
        shapes.append(Shape("items", tuple(schools.arrivals(schools.changes)), deletes, arriving))
        shapes += _late_renames(schools, ties, deletes)
    if schools.emptied:
        shapes.append(Shape("replace", second=(schools.clear(),)))
    if whole:
        shapes += [Shape("replace", whole, settled=everything), Shape("replace", second=whole)]
    if at_last:
        shapes.append(Shape("replace", created, at_last, _keys(schools.created)))
    if superset and not schools.nameless(schools.deleted):
        shapes.append(Shape("replace", superset, deletes, arriving))
    if superset and at_last and not schools.copies(schools.deleted):  # of copies, the key follows from what is in them
        shapes.append(Shape("replace", superset, at_last, arriving))
    return shapes


def _late_renames(schools: ListWrites, ties: SchoolNeeds, deletes: tuple[Write, ...]) -> list[Shape]:
    """Item calls in which a school keeps the name that courses are about to leave until they have left it."""
    if not ties.needs:
        return []
    needed, awaited = ties.needed(frozenset()), ties.awaited
    late = [
        change
        for change in schools.updated
        if needed & names_of(change.before) - names_of(change.after) and not awaited & names_of(change.after)
    ]
    soon = _keys((*schools.created, *schools.updated)) - _keys(late)
    first = schools.arrivals(change for change in schools.changes if change.key in soon)
    return [Shape("items", tuple(first), (*schools.arrivals(late), *deletes), soon)] if late else []


def _course_items(courses: ListWrites, ready: Sequence[Change], late: tuple[Write, ...]) -> list[Shape]:
    """Item calls: removals first and arrivals last, or everything first but what waits for a school."""
    deletes, arrivals, early = courses.deletes(), courses.arrivals(courses.changes), courses.arrivals(ready)
    if courses.removes_every_live_row:
        last = Shape("items", second=(*arrivals, *deletes))
        split = Shape("items", (*early, *deletes), late, _keys(ready))
    else:
        last = Shape("items", tuple(deletes), tuple(arrivals), _keys(courses.deleted))
        split = Shape("items", (*deletes, *early), late, _keys(ready))
    return [last, split] if early else [last]


def _keys(changes: Iterable[Change]) -> frozenset[str]:
    return frozenset(change.key for change in changes)
