"""An exhaustive search: no shorter sequence of calls keeps the invariants.

The search knows nothing of shapes or phases. It tries, from the live lists on, every call that the API offers and that
keeps DESIGN's invariants 1 to 4, breadth first, until both lists are as they shall be. What `route` sends with no
preference for item calls is never longer. What it sends by default is longer only where the preference says so: up to
ten item calls are taken in the place of a replace, because they touch only the rows that change.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scopesync.model import COURSES, KINDS, SCHOOLS
from scopesync.plan.calls import ITEMS_PREFERRED, route
from scopesync.plan.changes import changes
from scopesync.plan.keys import keyed
from tests.support.builders import course, live, school, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scopesync.model import Kind, LiveTenant, Row
    from scopesync.plan.types import Change

Rows = dict[str, "Row"]
State = tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]]
"""Both lists as (key, version): version 0 is the row as it was, 1 as it shall be."""


@dataclass(frozen=True)
class Task:
    """One list: its rows before and after by key, which of them a call can name, and how many fit a call."""

    kind: Kind
    before: Rows
    after: Rows
    named: frozenset[str]
    rows_per_call: int

    @property
    def start(self) -> frozenset[tuple[str, int]]:
        return frozenset((key, int(self.after.get(key) == row)) for key, row in self.before.items())

    @property
    def goal(self) -> frozenset[tuple[str, int]]:
        return frozenset((key, 1) for key in self.after)

    @property
    def kept(self) -> set[str]:
        return self.before.keys() & self.after.keys()

    def row(self, key: str, version: int) -> Row:
        return self.after[key] if version else self.before[key]

    def versions(self, key: str) -> list[int]:
        return [v for v, rows in ((0, self.before), (1, self.after)) if key in rows]

    def next(self, now: frozenset[tuple[str, int]]) -> Iterator[frozenset[tuple[str, int]]]:
        """What one call can make of the list."""
        here = {key for key, _ in now}
        for rows in _subsets([(key, 1) for key in self.after.keys() - self.before.keys() - here], self.rows_per_call):
            yield now | rows
        for key, version in now:
            if key in self.named and key not in self.after:
                yield now - {(key, version)}
            if key in self.named and version == 0 and key in self.after:
                yield now - {(key, 0)} | {(key, 1)}
        if not self.after:
            yield frozenset()
        every = sorted(self.before.keys() | self.after.keys())
        for choice in product(*([None, *self.versions(key)] for key in every)):
            body = frozenset((key, version) for key, version in zip(every, choice, strict=True) if version is not None)
            if 0 < len(body) <= self.rows_per_call:
                yield body

    def allowed(self, now: frozenset[tuple[str, int]]) -> bool:
        """Kept rows are there, and nothing passes through empty."""
        return self.kept <= {key for key, _ in now} and (bool(now) or not self.before or not self.after)


def _subsets(items: list[tuple[str, int]], most: int) -> Iterator[frozenset[tuple[str, int]]]:
    sizes = range(1, min(len(items), most) + 1)
    return (frozenset(rows) for rows in chain.from_iterable(combinations(items, size) for size in sizes))


def _whole(state: State, schools: Task, courses: Task) -> bool:
    """No course points at a school that has left or has not arrived."""
    touched = schools.before.keys() ^ schools.after.keys()
    here = {key for key, _ in state[0]}
    for key, version in state[1]:
        at = courses.row(key, version).get("school_id")
        if (
            at in touched
            and at not in here
            and not (at not in schools.before and courses.before.get(key, {}).get("school_id") == at)
        ):
            return False
    return True


def _fewest(schools: Task, courses: Task, most: int) -> int | None:
    """The length of the shortest safe sequence, None when it is longer than `most`."""
    goal = (schools.goal, courses.goal)
    seen: set[State] = {(schools.start, courses.start)}
    edge = list(seen)
    for length in range(most + 1):
        if goal in seen:
            return length
        found: set[State] = set()
        for now in edge:
            options: Iterable[State] = chain(
                ((rows, now[1]) for rows in schools.next(now[0]) if schools.allowed(rows)),
                ((now[0], rows) for rows in courses.next(now[1]) if courses.allowed(rows)),
            )
            found.update(option for option in options if option not in seen and _whole(option, schools, courses))
        seen |= found
        edge = list(found)
    return None


IDS = ["a", "b", "c"]
NAMES = st.sampled_from(["Old", "New"])


@st.composite
def _tiny(draw: st.DrawFn) -> tuple[LiveTenant, list[Row], list[Row], int]:
    ids = st.lists(st.sampled_from(IDS), unique=True, max_size=3)
    have_schools, want_schools, have_courses, want_courses = (draw(ids) for _ in range(4))
    assume(want_schools or not want_courses)
    nameless = draw(st.booleans())

    def course_of(key: str, schools: list[str]) -> Row:
        at = draw(st.sampled_from(schools)) if schools else None
        return course(None if nameless and key == "c" else key, at, name=draw(NAMES), local_id=key)

    have = live([school(k, name=draw(NAMES)) for k in have_schools], [course_of(k, have_schools) for k in have_courses])
    want: tuple[list[Row], list[Row]] = (
        [school(k, name=draw(NAMES)) for k in want_schools],
        [course_of(k, want_schools) for k in want_courses],
    )
    return have, *want, draw(st.sampled_from([1, 2, 3, 9]))


def _task(kind: Kind, have: Rows, made: Iterable[Change], rows_per_call: int) -> Task:
    after = dict(have)
    for change in made:
        if change.after is None:
            after.pop(change.key)
        else:
            after[change.key] = change.after
    return Task(kind, have, after, frozenset(k for k, row in have.items() if row.get(kind.id_field)), rows_per_call)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(_tiny())
def test_no_shorter_sequence_of_calls_keeps_the_invariants(
    case: tuple[LiveTenant, list[Row], list[Row], int],
) -> None:
    have, want_schools, want_courses, rows_per_call = case
    rows = {kind.name: keyed(kind, have.listing(kind).rows) for kind in KINDS}
    made = {
        kind.name: changes(wanted(kind, want), rows[kind.name])
        for kind, want in zip(KINDS, (want_schools, want_courses), strict=True)
    }
    fewest = route(rows, made, rows_per_call=rows_per_call, items_preferred=0)
    usual = route(rows, made, rows_per_call=rows_per_call)
    schools, courses = (_task(kind, rows[kind.name], made[kind.name], rows_per_call) for kind in (SCHOOLS, COURSES))
    if fewest.blocked:
        assert _fewest(schools, courses, most=4) is None
        return
    length = len(fewest.writes)
    assert _fewest(schools, courses, most=length) == length
    if len(usual.writes) > length:
        assert any(part.kind == "items" for part in usual.strategies.values())
        assert all(sum(w.kind is kind for w in usual.writes) <= ITEMS_PREFERRED for kind in KINDS)
