"""An exhaustive search: no shorter sequence of calls keeps the invariants.

The search knows nothing of shapes or phases. It tries, from the live lists on, every call that the API offers and that
keeps invariants 1 to 4, breadth first, until both lists are as they shall be. What `route` sends with no
preference for item calls is never longer. What it sends by default is longer only where the preference says so: up to
ten item calls are taken in the place of a replace, because they touch only the rows that change.

The exceptions are references that change, or change hands, while courses know their school by them:

- a course that comes to be known by it waits until its new school bears it. Before that it would belong to the old
  bearer for a moment, and that would sometimes save a call;
- in a list too long to replace it would take calls in an order of their own, or updates one after the other. Updates
  run side by side, so such a plan takes a call more, or is refused;
- where no live course stays, some of them could go before the schools change and the others after the new ones have
  come. A plan takes them all at once, so it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scopesync.model import COURSES, KINDS, SCHOOLS
from scopesync.plan.call_sequence import ITEMS_PREFERRED, route
from scopesync.plan.changes import changes
from tests.support.builders import course, live, school, wanted
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scopesync.model import Kind, LiveTenant, Row
    from scopesync.plan.types import Change
    from scopesync.row_identity import KeyedRows

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


def _names(row: Row | None) -> set[tuple[str, str]]:
    """What the row calls a school: itself, or that of the course."""
    return {(field, row[field]) for field in ("school_id", "school_ref_id") if row and row.get(field)}


def _whole(state: State, schools: Task, courses: Task) -> bool:
    """No course names a school that is not here now, but for one that is here under another of its names."""
    here = {key: _names(schools.row(key, version)) for key, version in state[0]}
    ever = {key: _names(schools.before.get(key)) | _names(schools.after.get(key)) for key in _keys(schools)}
    known, present = (set[tuple[str, str]]().union(*names.values()) for names in (ever, here))
    at_start = set[tuple[str, str]]().union(*map(_names, schools.before.values()))
    for key, version in state[1]:
        named = _names(courses.row(key, version))
        lost = (named & known) - present - (_names(courses.before.get(key)) - at_start)
        if not all(any(name in ever[school] and here[school] & named for school in here) for name in lost):
            return False
    return True


def _handed_on(schools: Task) -> set[tuple[str, str]]:
    """The names that one school gives up and another takes over."""
    given, taken = set[tuple[str, str]](), set[tuple[str, str]]()
    for key in _keys(schools):
        before, after = _names(schools.before.get(key)), _names(schools.after.get(key))
        given |= before - after
        taken |= after - before
    return given & taken


def _is_exception(schools: Task, courses: Task) -> bool:
    handed_on = _handed_on(schools)
    waits = any(handed_on & _names(row) - _names(courses.before.get(key)) for key, row in courses.after.items())
    renamed = any(_names(schools.before[key]) != _names(schools.after[key]) for key in schools.kept)
    return (
        waits
        or (bool(handed_on) and len(schools.after) > schools.rows_per_call)
        or (renamed and bool(courses.before) and not courses.kept)
    )


def _keys(task: Task) -> set[str]:
    return task.before.keys() | task.after.keys()


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
REFERENCES = st.permutations([None, "r1", "r2"])


@st.composite
def _tiny(draw: st.DrawFn) -> tuple[LiveTenant, list[Row], list[Row], int]:
    ids = st.lists(st.sampled_from(IDS), unique=True, max_size=3)
    have_schools, want_schools = (
        [_school(key, reference, draw(NAMES)) for key, reference in zip(draw(ids), draw(REFERENCES), strict=False)]
        for _ in range(2)
    )
    have_courses, want_courses = draw(ids), draw(ids)
    assume(want_schools or not want_courses)
    nameless = draw(st.booleans())

    def course_of(key: str, schools: list[Row]) -> Row:
        at = draw(st.sampled_from([way for row in schools for way in _ways(row)])) if schools else {}
        return course(None if nameless and key == "c" else key, name=draw(NAMES), local_id=key, **at)

    have = live(have_schools, [course_of(key, have_schools) for key in have_courses])
    return (
        have,
        want_schools,
        [course_of(key, want_schools) for key in want_courses],
        draw(st.sampled_from([1, 2, 3, 9])),
    )


def _school(key: str, reference: str | None, name: str) -> Row:
    return school(key, name=name, **({"school_ref_id": reference} if reference else {}))


def _ways(at: Row) -> list[dict[str, str]]:
    """How a course can name that school."""
    by_id, both = {"school_id": at["school_id"]}, dict(_names(at))
    return [by_id, both, {"school_ref_id": at["school_ref_id"]}] if "school_ref_id" in at else [by_id]


def _task(kind: Kind, have: KeyedRows, made: Iterable[Change], rows_per_call: int) -> Task:
    after = dict(have)
    for change in made:
        if change.after is None:
            after.pop(change.key)
        else:
            after[change.key] = change.after
    return Task(
        kind, dict(have), after, frozenset(k for k, row in have.items() if row.get(kind.id_field)), rows_per_call
    )


@settings(examples(4), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(_tiny())
def test_no_shorter_sequence_of_calls_keeps_the_invariants(
    case: tuple[LiveTenant, list[Row], list[Row], int],
) -> None:
    have, want_schools, want_courses, rows_per_call = case
    rows = {kind.name: dict(have.listing(kind).by_key) for kind in KINDS}
    made = {
        kind.name: changes(wanted(kind, want), rows[kind.name])
        for kind, want in zip(KINDS, (want_schools, want_courses), strict=True)
    }
    fewest = route(rows, made, rows_per_call=rows_per_call, items_preferred=0)
    usual = route(rows, made, rows_per_call=rows_per_call)
    schools, courses = (_task(kind, rows[kind.name], made[kind.name], rows_per_call) for kind in (SCHOOLS, COURSES))
    assume(not fewest.orphans)
    if fewest.blocked:
        assert _fewest(schools, courses, most=4) is None or _is_exception(schools, courses)
        return
    length = len(fewest.writes)
    assert _fewest(schools, courses, most=length) == length or _is_exception(schools, courses)
    if len(usual.writes) > length:
        assert any(part.kind == "items" for part in usual.strategies.values())
        assert all(sum(w.kind is kind for w in usual.writes) <= ITEMS_PREFERRED for kind in KINDS)
