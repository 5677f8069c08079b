"""Shapes: every way to carry out one list's changes in two phases.

Belongs here: the candidates, each by itself. Does not belong here: which shape of the schools goes with which shape of
the courses, and how their phases are ordered (call_sequence).
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
    """The writes of one list's first and second phase. `settled`: the keys whose changes the first phase completes."""

    kind: StrategyKind
    first: tuple[Write, ...] = ()
    second: tuple[Write, ...] = ()
    settled: frozenset[str] = frozenset()

    @property
    def calls(self) -> int:
        """How many calls both phases take."""
        return len(self.first) + len(self.second)

    @property
    def replaces(self) -> bool:
        """Whether one of its calls replaces the whole list."""
        return any(write.op == "replace" for write in (*self.first, *self.second))


UNCHANGED = Shape("none")


def course_shapes(courses: ListWrites, ties: SchoolNeeds) -> list[Shape]:
    """Every way to carry out the courses' changes. The first phase runs before the schools arrive."""
    if not courses.changes:
        return [UNCHANGED]
    waiting_keys = ties.waiting
    waiting = [change for change in courses.changes if change.key in waiting_keys]
    ready = [change for change in courses.changes if change.key not in waiting_keys]
    late = tuple(courses.arrivals(waiting))
    everything = _keys(courses.changes)
    replace_all = tuple(courses.replace(courses.changes))
    replace_ready = tuple(courses.replace(ready))
    shapes = []
    if not courses.nameless(courses.changes):
        shapes += _course_items(courses, ready, late)
    if courses.emptied:
        shapes.append(Shape("replace", (courses.clear(),), settled=everything))
    if replace_all:
        shapes.append(Shape("replace", second=replace_all))
        shapes.append(Shape("replace", replace_all, settled=everything))
    if replace_ready and not courses.nameless(waiting):
        shapes.append(Shape("replace", replace_ready, late, _keys(ready)))
    return shapes


def school_shapes(schools: ListWrites, ties: SchoolNeeds) -> list[Shape]:
    """Every way to carry out the schools' changes. Their first phase runs between the courses' two phases.

    `superset` is a replace that adds and updates but removes nothing yet: until the courses have left, the list holds
    both the new schools and those that will go.
    """
    if not schools.changes:
        return [UNCHANGED]
    arriving = (*schools.created, *schools.updated)
    arriving_keys = _keys(arriving)
    everything = _keys(schools.changes)
    creates = tuple(schools.arrivals(schools.created))
    deletes = tuple(schools.deletes())
    replace_all = tuple(schools.replace(schools.changes))
    superset = tuple(schools.replace(arriving))
    replace_at_last = _replace_at_last(schools)
    shapes = []
    if not schools.nameless(schools.changes):
        shapes.append(Shape("items", tuple(schools.arrivals(schools.changes)), deletes, arriving_keys))
        shapes += _late_renames(schools, ties, deletes)
    if schools.emptied:
        shapes.append(Shape("replace", second=(schools.clear(),)))
    if replace_all:
        shapes.append(Shape("replace", replace_all, settled=everything))
        shapes.append(Shape("replace", second=replace_all))
    if replace_at_last:
        shapes.append(Shape("replace", creates, replace_at_last, _keys(schools.created)))
    if superset and not schools.nameless(schools.deleted):
        shapes.append(Shape("replace", superset, deletes, arriving_keys))
    # Rows that share an id are numbered in the order of their content: in a later phase, the plan's keys may be wrong.
    if superset and replace_at_last and not schools.copies(schools.deleted):
        shapes.append(Shape("replace", superset, replace_at_last, arriving_keys))
    return shapes


def _replace_at_last(schools: ListWrites) -> tuple[Write, ...]:
    """The one call that ends with the final list; none where that list is empty or too long for one call."""
    if not schools.final or not schools.final_fits:
        return ()
    return (schools.replace_at_last(),)


def _late_renames(schools: ListWrites, ties: SchoolNeeds, deletes: tuple[Write, ...]) -> list[Shape]:
    """Item calls that rename a school only in the second phase, when the courses that use its old name have left it."""
    if not ties.needs:
        return []
    needed = ties.needed(frozenset())
    awaited = ties.awaited
    late = []
    for change in schools.updated:
        lost_names = names_of(change.before) - names_of(change.after)
        is_still_needed = bool(needed & lost_names)
        is_awaited = bool(awaited & names_of(change.after))  # courses wait for the new name: it cannot come late
        if is_still_needed and not is_awaited:
            late.append(change)
    if not late:
        return []
    soon = _keys((*schools.created, *schools.updated)) - _keys(late)
    first = schools.arrivals(change for change in schools.changes if change.key in soon)
    return [Shape("items", tuple(first), (*schools.arrivals(late), *deletes), soon)]


def _course_items(courses: ListWrites, ready: Sequence[Change], late: tuple[Write, ...]) -> list[Shape]:
    """Item calls: all arrivals in the second phase, or only those that wait for a school.

    Removals come before arrivals, unless that would empty the list for a moment.
    """
    deletes = courses.deletes()
    arrivals = courses.arrivals(courses.changes)
    early = courses.arrivals(ready)
    if courses.removes_every_live_row:
        all_late = Shape("items", second=(*arrivals, *deletes))
        split = Shape("items", (*early, *deletes), late, _keys(ready))
    else:
        all_late = Shape("items", tuple(deletes), tuple(arrivals), _keys(courses.deleted))
        split = Shape("items", (*deletes, *early), late, _keys(ready))
    return [all_late, split] if early else [all_late]


def _keys(changes: Iterable[Change]) -> frozenset[str]:
    return frozenset(change.key for change in changes)
