"""Calls: the order of writes that is safe at every step.

Belongs here: choosing the writes of a tenant's two lists together. Does not belong here: what changes (changes),
whether it may (guards), running it (apply).

A tenant's writes run in four phases, so that a course never outlives its school nor precedes it:

    1 courses leave    2 schools arrive    3 courses arrive    4 schools leave

A *shape* says what one list does in its two phases. Every pair of shapes is a candidate; those that would break an
invariant are dropped, and the best of the rest is taken:

- *whole families*: schools that are dropped early, or created late, must not be needed by a course at that moment;
- *never empty in passing*: where every live row is removed, the new rows arrive first;
- *kept rows stay*: the rows that stay are replaced in one call, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.families import Families, families
from scopesync.plan.types import Strategy
from scopesync.plan.writes import ListWrites, Write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scopesync.model import ListName
    from scopesync.plan.keys import KeyedRows
    from scopesync.plan.types import Change, StrategyKind

ITEMS_PREFERRED = 10
"""Up to so many item calls are preferred to a replace: they touch only the rows that change (DESIGN, "Cost")."""


@dataclass(frozen=True, slots=True)
class Route:
    """A tenant's writes in their order, and how each list is changed.

    `orphans` are the keys of courses that would lose their school; `blocked` names the list for which no order of calls
    is safe, and says why.
    """

    writes: tuple[Write, ...]
    strategies: Mapping[ListName, Strategy]
    orphans: tuple[str, ...] = ()
    blocked: tuple[ListName, str] | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What one list does in its first and its second phase; `settled`: the keys that the first phase is done with."""

    kind: StrategyKind
    first: tuple[Write, ...] = ()
    second: tuple[Write, ...] = ()
    settled: frozenset[str] = frozenset()

    @property
    def calls(self) -> int:
        return len(self.first) + len(self.second)


_UNCHANGED = _Shape("none")


def route(
    live: Mapping[ListName, KeyedRows],
    changes: Mapping[ListName, Sequence[Change]],
    *,
    rows_per_call: int,
    items_preferred: int = ITEMS_PREFERRED,
) -> Route:
    """The best safe order of writes for both lists: the same for the same live rows and changes.

    With `items_preferred` 0 it is the one with the fewest calls.
    """
    schools, courses = (
        ListWrites(kind, live[kind.name], changes[kind.name], rows_per_call=rows_per_call)
        for kind in (SCHOOLS, COURSES)
    )
    ties = families(schools, courses)
    school_shapes, course_shapes = _school_shapes(schools), _course_shapes(courses, ties)
    safe = [
        pair for pair in product(school_shapes, course_shapes) if _keeps_families(*pair, schools=schools, ties=ties)
    ]
    if not safe:
        return _blocked(courses if school_shapes else schools)
    school, course = min(safe, key=lambda pair: _rank(pair, items_preferred))
    return Route(
        writes=course.first + school.first + course.second + school.second,
        strategies={
            "schools": _strategy(schools, school, school_shapes),
            "courses": _strategy(courses, course, course_shapes),
        },
        orphans=ties.orphans,
    )


def _rank(pair: tuple[_Shape, _Shape], items_preferred: int) -> tuple[int, int, int]:
    """Few item calls first, then few calls, then few replaces; the order of the shapes decides the rest."""
    return (
        sum(shape.kind != "items" or shape.calls > items_preferred for shape in pair),
        sum(shape.calls for shape in pair),
        sum(shape.kind == "replace" for shape in pair),
    )


def _course_shapes(courses: ListWrites, ties: Families) -> list[_Shape]:
    """Every way to carry out the courses' changes; the first phase lies before the schools arrive."""
    if not courses.changes:
        return [_UNCHANGED]
    waiting = [change for change in courses.changes if change.key in ties.waiting]
    ready = [change for change in courses.changes if change.key not in ties.waiting]
    late, everything = tuple(courses.arrivals(waiting)), _keys(courses.changes)
    whole, part = tuple(courses.replace(courses.changes)), tuple(courses.replace(ready))
    shapes = [] if courses.nameless(courses.changes) else _course_items(courses, ready, late)
    if courses.emptied:
        shapes.append(_Shape("replace", (courses.clear(),), settled=everything))
    if whole:
        shapes += [_Shape("replace", second=whole), _Shape("replace", whole, settled=everything)]
    if part and not courses.nameless(waiting):
        shapes.append(_Shape("replace", part, late, _keys(ready)))
    return shapes


def _course_items(courses: ListWrites, ready: Sequence[Change], late: tuple[Write, ...]) -> list[_Shape]:
    """Item calls: removals first and arrivals last, or everything first but what waits for a school."""
    deletes, arrivals, early = courses.deletes(), courses.arrivals(courses.changes), courses.arrivals(ready)
    if courses.removes_every_live_row:
        last = _Shape("items", second=(*arrivals, *deletes))
        split = _Shape("items", (*early, *deletes), late, _keys(ready))
    else:
        last = _Shape("items", tuple(deletes), tuple(arrivals), _keys(courses.deleted))
        split = _Shape("items", (*deletes, *early), late, _keys(ready))
    return [last, split] if early else [last]


def _school_shapes(schools: ListWrites) -> list[_Shape]:
    """Every way to carry out the schools' changes; their first phase lies between the courses' two."""
    if not schools.changes:
        return [_UNCHANGED]
    arriving, everything = _keys((*schools.created, *schools.updated)), _keys(schools.changes)
    created, deletes = tuple(schools.arrivals(schools.created)), tuple(schools.deletes())
    whole, superset = (tuple(schools.replace(some)) for some in (schools.changes, (*schools.created, *schools.updated)))
    at_last = (schools.replace_at_last(),) if schools.final and schools.final_fits else ()
    shapes = []
    if not schools.nameless(schools.changes):
        shapes.append(_Shape("items", tuple(schools.arrivals(schools.changes)), deletes, arriving))
    if schools.emptied:
        shapes.append(_Shape("replace", second=(schools.clear(),)))
    if whole:
        shapes += [_Shape("replace", whole, settled=everything), _Shape("replace", second=whole)]
    if at_last:
        shapes.append(_Shape("replace", created, at_last, _keys(schools.created)))
    if superset and not schools.nameless(schools.deleted):
        shapes.append(_Shape("replace", superset, deletes, arriving))
    if superset and at_last:
        shapes.append(_Shape("replace", superset, at_last, arriving))
    return shapes


def _keeps_families(school: _Shape, course: _Shape, *, schools: ListWrites, ties: Families) -> bool:
    """Whether no course ever points at a school that has left or has not arrived, in that pair of shapes."""
    if ties.waiting and (course.settled & ties.waiting or not _keys(schools.created) <= school.settled):
        return False
    return not (school.settled & _keys(schools.deleted)) or ties.hanging <= course.settled


def _keys(changes: Iterable[Change]) -> frozenset[str]:
    return frozenset(change.key for change in changes)


def _strategy(part: ListWrites, shape: _Shape, shapes: Sequence[_Shape]) -> Strategy:
    """The shape in one plain sentence, with the reason that decided."""
    items = next((other for other in shapes if other.kind == "items"), None)
    if shape.kind == "none":
        return Strategy("none", "nothing to change")
    if shape.kind == "items":
        return Strategy("items", f"{_calls(shape.calls)} {_why_items(part, shape, shapes)}")
    at_stake = "an edit made by somebody else in the same moment would be overwritten"
    if items is None:
        return Strategy("replace", f"{_why_nameless(part)} can only be changed with the whole list; {at_stake}")
    return Strategy("replace", f"{_calls(shape.calls)} for the whole list instead of {items.calls}; {at_stake}")


def _why_items(part: ListWrites, shape: _Shape, shapes: Sequence[_Shape]) -> str:
    if shape.calls <= ITEMS_PREFERRED:
        return "touching only the rows that change"
    if all(other.kind == "items" for other in shapes):
        return f"because the list of {len(part.final)} rows is more than one call may replace"
    return "because a replace would be no cheaper, or would part courses from their schools"


def _why_nameless(part: ListWrites) -> str:
    count = part.nameless(part.changes)
    return f"{count} {'row that has no id, or shares one,' if count == 1 else 'rows that have no id, or share one,'}"


def _blocked(stuck: ListWrites) -> Route:
    """No writes at all, and why: only rows that no call can name, in a list too long to replace, lead here."""
    why = (
        f"{_why_nameless(stuck)} can only be changed with the whole list, "
        f"and {len(stuck.final)} {stuck.kind.name} are more than one call may carry"
    )
    none = Strategy("none", f"no safe order of calls: {why}")
    return Route((), {"schools": none, "courses": none}, blocked=(stuck.kind.name, why))


def _calls(count: int) -> str:
    return f"{count} {'call' if count == 1 else 'calls'}"
