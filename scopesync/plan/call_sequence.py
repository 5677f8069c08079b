"""The call sequence: the order of writes that is safe at every step.

Belongs here: choosing the writes of a tenant's two lists together. Does not belong here: what changes (`changes`),
whether it may (`guards`), sending it (`apply`).

A tenant's writes run in four phases, so that a course never outlives its school nor precedes it:

    1 courses leave    2 schools arrive    3 courses arrive    4 schools leave

A *shape* says what one list does in its two phases (`list_shapes`). Every pair of a school shape and a course shape is
a candidate. Candidates that would break an invariant are dropped, and the best of the rest is taken:

- *whole families*: no course may need a school's id or reference at a moment when no school has it;
- *never empty in passing*: where every live row is removed, the new rows arrive first;
- *kept rows stay*: rows that stay are replaced in one call, or not at all.

An example. Live are the schools Ash, Elm and Oak, and the courses Art (at Ash), Biology (at Elm), Chemistry (at Oak)
and Drama (at Oak). Wanted are the schools Ash, Elm and Yew; Oak goes. Art stays, Biology gets a new name, Chemistry
moves to Yew, and Drama goes.

    phase               item calls                          what would go wrong elsewhere
    1 courses leave     DELETE Drama                        after phase 4: Drama would point at Oak, which is gone
    2 schools arrive    POST Yew (replace=false)            after phase 3: Chemistry would point at Yew, not yet there
    3 courses arrive    PUT Biology, PUT Chemistry          PUT Chemistry before phase 2, or after phase 4: as above
    4 schools leave     DELETE Oak                          before phase 3: Chemistry would still point at Oak

The candidates for the schools are item calls (Yew first, Oak last), one replace in phase 2, one replace in phase 4, and
Yew first with a replace in phase 4. A replace in phase 2 falls, for it takes Oak away while Chemistry needs it. A
replace in phase 4 falls, for Yew comes too late. Two are left, item calls and the last one; schools are not replaced
while courses are live, so item calls are taken. For the courses, a replace in phase 1 falls because Chemistry would
name Yew before it is there; a replace in phase 3 is safe, but item calls come first up to the limit `item_calls`.

The writes are cut into *legs*. Start a new leg before a write that is unsafe unless the earlier writes really took
effect: a server may answer 200 and do nothing (fault 28). `apply` looks at the lists between two legs. Here PUT
Chemistry starts one (is Yew there?), and DELETE Oak starts one (has Chemistry moved, has Drama gone?).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING

from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.changes import resulting
from scopesync.plan.list_shapes import course_shapes, school_shapes
from scopesync.plan.row_names import some_courses
from scopesync.plan.school_needs import names_given_up, names_kept, school_needs
from scopesync.plan.types import Strategy
from scopesync.plan.writes import ListWrites, Write
from scopesync.school_links import names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scopesync.model import ListName
    from scopesync.plan.list_shapes import Shape
    from scopesync.plan.school_needs import SchoolNeeds
    from scopesync.plan.types import Change
    from scopesync.row_identity import KeyedRows
    from scopesync.school_links import Names

ITEM_CALLS = 200
"""Up to so many item calls are preferred to a replace, unless the project says otherwise: they touch only the rows that
change, where a replace rewrites everybody's."""


SMALL_FOOTPRINT = "touching only the rows that change"


@dataclass(frozen=True, slots=True)
class CallSequence:
    """A tenant's writes in their order, leg by leg, and how each list is changed.

    `orphans` are the keys of courses that would lose their school; `blocked` names the list for which no order of calls
    is safe, and says why.
    """

    legs: tuple[tuple[Write, ...], ...]
    strategies: Mapping[ListName, Strategy]
    orphans: tuple[str, ...] = ()
    blocked: tuple[ListName, str] | None = None

    @property
    def writes(self) -> tuple[Write, ...]:
        """Every write, in order."""
        return tuple(chain.from_iterable(self.legs))


def call_sequence(
    live: Mapping[ListName, KeyedRows],
    changes: Mapping[ListName, Sequence[Change]],
    *,
    rows_per_call: int,
    item_calls: int | None = ITEM_CALLS,
    items_only: Collection[ListName] = (),
) -> CallSequence:
    """The best safe order of writes for both lists: the same for the same live rows and changes.

    Up to `item_calls` calls for single rows are preferred to a replace; 0: the fewest calls; None: a list is replaced
    only where nothing else can change it. Schools are not replaced while courses are live unless nothing else can
    change them, for some servers then drop the courses. The lists of `items_only` are not replaced at all.
    """
    schools, courses = (
        ListWrites(kind, live[kind.name], changes[kind.name], rows_per_call=rows_per_call)
        for kind in (SCHOOLS, COURSES)
    )
    ties = school_needs(schools, courses)
    school_ways, course_ways = (
        [way for way in ways if way.kind != "replace" or part.kind.name not in items_only]
        for part, ways in ((schools, school_shapes(schools, ties)), (courses, course_shapes(courses, ties)))
    )
    safe = _safe_pairs(school_ways, course_ways, schools, ties)
    if not safe:
        return _blocked(schools, courses, ties)
    preferred = math.inf if item_calls is None else item_calls
    with_courses = bool(courses.live)
    school, course = min(safe, key=lambda pair: _rank(pair, preferred, with_courses=with_courses))
    return CallSequence(
        legs=_legs(school, course, schools, courses, ties),
        strategies={
            "schools": _strategy(schools, school, school_ways, preferred, with_courses=with_courses),
            "courses": _strategy(courses, course, course_ways, preferred),
        },
        orphans=ties.orphans,
    )


def _rank(pair: tuple[Shape, Shape], preferred: float, *, with_courses: bool) -> tuple[int, int, int, int]:
    """Schools spared first, then few item calls, then few calls, then few replaces; the order of the shapes decides."""
    schools, _ = pair
    return (
        int(with_courses and schools.replaces),
        sum(shape.kind != "items" or shape.calls > preferred for shape in pair),
        sum(shape.calls for shape in pair),
        sum(shape.kind == "replace" for shape in pair),
    )


def _safe_pairs(
    school_ways: Sequence[Shape], course_ways: Sequence[Shape], schools: ListWrites, ties: SchoolNeeds
) -> list[tuple[Shape, Shape]]:
    """The pairs in which no course ever needs a name that no school has at that moment."""
    if not ties.needs:
        return list(product(school_ways, course_ways))
    # Courses that wait for a name to come must not arrive in the courses' first phase, which is before the schools'.
    patient_ways = [course for course in course_ways if ties.waiting.isdisjoint(course.settled)]
    safe = []
    for school in school_ways:
        held = _names_held(school, schools)
        safe += [(school, course) for course in patient_ways if _is_safe(held, course, ties)]
    return safe


def _is_safe(held: tuple[Names, Names, Names], course: Shape, ties: SchoolNeeds) -> bool:
    """Whether schools hold every name that courses need, while that course shape goes through its phases."""
    while_schools_arrive, while_courses_arrive, while_schools_leave = held
    before_courses_arrive = ties.needed(course.settled)
    at_last = ties.needed_at_last
    return (
        before_courses_arrive <= while_schools_arrive
        and before_courses_arrive | at_last <= while_courses_arrive
        and at_last <= while_schools_leave
    )


def _names_held(school: Shape, schools: ListWrites) -> tuple[Names, Names, Names]:
    """The names that schools hold throughout the shape's first phase, between its two phases, and in its second."""
    between = _between(school, schools)
    first = _throughout(schools.live, between, school.first)
    return first, names(between.values()), _throughout(between, schools.final, school.second)


def _between(school: Shape, schools: ListWrites) -> KeyedRows:
    """The schools between that shape's two phases."""
    return resulting(schools.live, [change for change in schools.changes if change.key in school.settled])


def _throughout(before: KeyedRows, after: KeyedRows, writes: Sequence[Write]) -> Names:
    """Ids and references that some school holds at every moment of these writes.

    Within one call they may pass from one school to another; over several calls they may not. A replace is the first of
    its calls, and only new rows follow it.
    """
    if writes and writes[0].op == "replace":
        return names(before.values()) & names(writes[0].rows)
    return names_kept(before, after) if len(writes) > 1 else names(before.values()) & names(after.values())


def _legs(
    school: Shape, course: Shape, schools: ListWrites, courses: ListWrites, ties: SchoolNeeds
) -> tuple[tuple[Write, ...], ...]:
    """The writes of the four phases, cut into legs.

    Start a new leg before a write that is unsafe unless the earlier writes really took effect.
    """
    between = _between(school, schools)
    at_last = ties.needed_at_last
    needed_so_far = ties.needed(frozenset())
    # The look before the courses' second phase has shown that the first one took effect.
    needed_after_courses = ties.needed(course.settled if ties.waiting else frozenset())
    arrivals_trust = _gives_up_a_need(schools.live, between, needed_so_far | at_last)
    leaving_trusts = _gives_up_a_need(between, schools.final, needed_after_courses | at_last)
    phases = (
        (courses, course.first, False),
        (schools, school.first, arrivals_trust),
        (courses, course.second, bool(ties.waiting)),
        (schools, school.second, leaving_trusts),
    )
    legs: list[list[Write]] = [[]]
    for part, writes, trusts_earlier in phases:
        at = _first_that_trusts_its_own_list(part, writes)
        for piece, starts_a_leg in ((writes[:at], trusts_earlier), (writes[at:], True)):
            if piece and starts_a_leg and legs[-1]:
                legs.append([])
            legs[-1] += piece
    return tuple(tuple(leg) for leg in legs if leg)


def _gives_up_a_need(before: KeyedRows, after: KeyedRows, needed: Names) -> bool:
    """Whether a school gives up a name that courses would still need if no earlier write had taken effect."""
    return bool(needed) and not needed.isdisjoint(names_given_up(before, after))


def _first_that_trusts_its_own_list(part: ListWrites, writes: Sequence[Write]) -> int:
    """The index of the first write that is unsafe unless earlier writes of the same list took effect; else the end.

    Removals of every row that was there at the start need the new rows. New rows behind a replace need it where only a
    replace can change the list: without it they could make the list too long for one call.
    """
    if part.removes_every_live_row and part.final:
        return next((at for at, write in enumerate(writes) if write.op == "delete"), len(writes))
    if writes and writes[0].op == "replace" and part.nameless(part.changes):
        return 1
    return len(writes)


def _strategy(
    part: ListWrites, shape: Shape, shapes: Sequence[Shape], preferred: float, *, with_courses: bool = False
) -> Strategy:
    """The shape in one plain sentence, with the reason that decided."""
    items = next((other for other in shapes if other.kind == "items"), None)
    if shape.kind == "none":
        return Strategy("none", "nothing to change")
    if shape.kind == "items":
        is_spared = with_courses and part.kind is SCHOOLS
        why = SMALL_FOOTPRINT if shape.calls <= preferred or is_spared else _why_items(part, shapes)
        return Strategy("items", f"{_calls(shape.calls)} {why}")
    at_stake = "an edit made by another client in the same moment would be overwritten"
    if with_courses and shape.replaces:
        at_stake = f"courses are live meanwhile, and a server may drop them with their schools; {at_stake}"
    if items is None:
        return Strategy("replace", f"{_why_nameless(part)} can only be changed with the whole list; {at_stake}")
    return Strategy("replace", f"{_calls(shape.calls)} for the whole list instead of {items.calls}; {at_stake}")


def _why_items(part: ListWrites, shapes: Sequence[Shape]) -> str:
    if all(other.kind == "items" for other in shapes):
        return f"because the list of {len(part.final)} rows is more than one call may replace"
    return "because a replace would be no cheaper, or would part courses from their schools"


def _why_nameless(part: ListWrites) -> str:
    count = part.nameless(part.changes)
    return f"{count} {'row that has no id, or shares one,' if count == 1 else 'rows that have no id, or share one,'}"


def _blocked(schools: ListWrites, courses: ListWrites, ties: SchoolNeeds) -> CallSequence:
    """No writes, and why: rows that no call can name in a list too long to replace, or names that change hands."""
    stuck = next((part for part in (courses, schools) if part.nameless(part.changes) and not part.final_fits), None)
    if stuck is not None:
        why = (
            f"{_why_nameless(stuck)} can only be changed with the whole list, "
            f"and {len(stuck.final)} {stuck.kind.name} are more than one call may carry"
        )
    else:
        stuck = courses
        bound = some_courses(sorted(ties.needs), {**courses.live, **courses.final})
        why = (
            f"{bound} would be without a school for a moment, because the name by which "
            "they know it comes, goes or changes hands in the same plan; give them a school_id first"
        )
    none = Strategy("none", "no order of calls is safe")
    return CallSequence((), {"schools": none, "courses": none}, blocked=(stuck.kind.name, why))


def _calls(count: int) -> str:
    return f"{count} {'call' if count == 1 else 'calls'}"
