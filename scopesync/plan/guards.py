"""Guards: when a plan may not be applied, whatever it says.

Belongs here: each guard as one function of numbers, and the exceptions that people have reviewed. Does not belong
here: showing a refusal, or acting on it.

A guard looks at what would happen, and answers with refusals; an `allow` block covers the guard and the list that it
names, up to its count. The names, bounds and defaults are DESIGN's table, with three that follow from the invariants:
`orphaned-course` and `two-schools` (whole families), and `no-safe-order` (families, and kept rows stay).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.model import SCHOOLS
from scopesync.plan.changes import resulting
from scopesync.plan.row_names import EXAMPLES, some, some_courses
from scopesync.plan.school_needs import courses_of_two_schools, courses_without_school
from scopesync.plan.types import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scopesync.model import Allow, ChangeLimit, Guards, Identity, ListName
    from scopesync.plan.call_sequence import Route
    from scopesync.plan.types import Action, Change, ListPlan
    from scopesync.row_identity import KeyedRows

SMALL_LIST = 10
"""Lists shorter than this may change all of their rows."""


@dataclass(frozen=True, slots=True)
class Case:
    """What the guards judge: a tenant's changes and calls, the live rows by key, whose they are.

    `protected` and `last_rows` are what was remembered: keys that a file protects, and how many rows a list had.
    """

    lists: tuple[ListPlan, ...]
    live: Mapping[ListName, KeyedRows]
    route: Route
    identity: Identity
    protected: Mapping[ListName, frozenset[str]]
    last_rows: Mapping[ListName, int]


def judge(case: Case, *, guards: Guards, allow: Iterable[Allow]) -> tuple[Refusal, ...]:
    """Every refusal of one tenant that no `allow` covers, list by list; () when the plan may be applied."""
    allowed = tuple(allow)
    refusals = [refusal for part in case.lists for refusal in _judge_list(part, case, guards)]
    refusals += _judge_families(case)
    refusals += _judge_route(case.route)
    return tuple(refusal for refusal in refusals if not any(_covers(exception, refusal) for exception in allowed))


def _judge_list(part: ListPlan, case: Case, guards: Guards) -> Iterator[Refusal]:
    """The guards of one list, in the order of DESIGN's table.

    A row whose `selected` turns false is out of sight like one that is removed, and one that it turns true for is seen
    like one that is added: what the server makes of it is not written down, so the guards take the worse for granted.
    """
    name, live = part.kind.name, part.live_rows
    removed, created, updated = (_of(part, action) for action in ("delete", "create", "update"))
    hidden, shown = ([change for change in updated if _turns(change, selected=to)] for to in (False, True))
    lost, gone = [*removed, *hidden], "removed or deselected" if hidden else "removed"
    seen, come = [*created, *shown], "added or selected" if shown else "added"
    if len(lost) > 1 and _exceeds(len(lost), live, guards.max_removals):
        yield _over("max-removals", part, case, lost, done=gone, limit=guards.max_removals)
    if _exceeds(len(seen), live, guards.max_additions):
        yield _over("max-additions", part, case, seen, done=come, limit=guards.max_additions)
    if live >= SMALL_LIST and _exceeds(len(updated), live, guards.max_updates):
        yield _over("max-updates", part, case, updated, done="changed", limit=guards.max_updates)
    if lost and not created and len(lost) == live:
        yield _refusal("empty-list", part, len(lost), f"{_rows(part, case, lost)} would be {gone}, the whole list")
    protected = [change for change in lost if change.key in case.protected[name]]
    if protected:
        yield _refusal(
            "protected-row", part, len(protected), f"{_rows(part, case, protected)} marked protect would be {gone}"
        )
    if case.identity.state == "foreign" and part.manage != "unmanaged":
        yield Refusal("identity", name, f"another tenant's data: {case.identity.evidence}", None)
    if case.identity.state == "unverified" and lost:
        message = f"{case.identity.evidence}, and {_rows(part, case, lost)} would be {gone}"
        yield _refusal("identity", part, len(lost), message)
    if part.manage != "unmanaged" and not live and case.last_rows.get(name):
        had = case.last_rows[name]
        message = f"the list reads empty now, and had {had} {'row' if had == 1 else 'rows'} when it was last seen"
        yield _refusal("collapsed-read", part, had, message)


def _judge_families(case: Case) -> Iterator[Refusal]:
    """Courses that would lose their school, never have one, or have two: nothing allows them."""
    schools, courses = case.lists
    after = {change.key: change.after for change in courses.changes if change.after is not None}
    if orphans := case.route.orphans:
        yield _family_refusal(
            "orphaned-course",
            f"{some_courses(orphans, {**case.live['courses'], **after})} would point at a school that is removed, "
            "or renamed; keep it as it is, or say in the files which school they belong to",
        )
    if not after:
        return
    final = resulting(case.live["schools"], schools.changes).values()
    if schools.manage != "unmanaged" and (strays := courses_without_school(courses.changes, final)):
        message = f"{some_courses(strays, after)} would have no school in scope; add the school, or name another one"
        yield _family_refusal("orphaned-course", message)
    if torn := courses_of_two_schools(courses.changes, final):
        message = (
            f"{some_courses(torn, after)} would name one school by school_id and another by school_ref_id; say both"
        )
        yield _family_refusal("two-schools", message)


def _family_refusal(guard: str, message: str) -> Refusal:
    return Refusal(guard, "courses", message, None)


def _judge_route(route: Route) -> Iterator[Refusal]:
    if route.blocked:
        stuck, why = route.blocked
        yield Refusal("no-safe-order", stuck, f"no order of calls is safe: {why}", None)


def _exceeds(count: int, live: int, limit: ChangeLimit) -> bool:
    """Whether so many rows are more than the limit allows of a live list; of an empty one the count alone decides."""
    if limit.count is not None and count > limit.count:
        return True
    return limit.percent is not None and live > 0 and count * 100 > limit.percent * live


def _over(
    guard: str, part: ListPlan, case: Case, concerned: Sequence[Change], *, done: str, limit: ChangeLimit
) -> Refusal:
    share = f" ({len(concerned) / part.live_rows:.0%})" if part.live_rows else ""
    bounds = [f"{limit.percent:g} %"] if limit.percent is not None else []
    bounds += [str(limit.count)] if limit.count is not None else []
    message = (
        f"{_rows(part, case, concerned)} of {part.live_rows}{share} would be {done}; the limit is {' or '.join(bounds)}"
    )
    return _refusal(guard, part, len(concerned), message)


def _refusal(guard: str, part: ListPlan, count: int, message: str) -> Refusal:
    """A refusal with the block that would allow it.

    A person has to fill in why and until when: the date is refused as it stands, so no block is pasted without thought.
    """
    block: dict[str, str | int] = {"guard": guard, "list": part.kind.name, "count": count}
    return Refusal(guard, part.kind.name, message, {**block, "reason": "WHY", "expires": "YYYY-MM-DD"})


def _covers(allow: Allow, refusal: Refusal) -> bool:
    """Whether the exception names that guard and list, and at least that many rows."""
    if refusal.allow is None or (allow.guard, allow.list) != (refusal.guard, refusal.list):
        return False
    return allow.count >= int(refusal.allow["count"])


def _of(part: ListPlan, action: Action) -> list[Change]:
    return [change for change in part.changes if change.action == action]


def _turns(change: Change, *, selected: bool) -> bool:
    """Whether an update may turn `selected` that way: it says so now, or says no longer that it is the other way."""
    before, after = ((row or {}).get("selected") for row in (change.before, change.after))
    return before is not after and (after is selected or before is (not selected))


def _rows(part: ListPlan, case: Case, concerned: Sequence[Change]) -> str:
    """The number of rows, and what weighs most among them: schools by their live courses, courses by their school."""
    noun = part.kind.singular if len(concerned) == 1 else part.kind.name
    heaviest = _schools(case, concerned) if part.kind is SCHOOLS else _courses(case, concerned)
    return f"{len(concerned)} {noun} ({some(heaviest)})"


def _schools(case: Case, concerned: Sequence[Change]) -> list[str]:
    courses = Counter(row.get(SCHOOLS.id_field) for row in case.live["courses"].values())
    weights = [(courses[change.key], change.name or change.key) for change in concerned]
    ordered = sorted(weights, key=lambda weight: (-weight[0], weight[1]))
    return [
        f"{name} with {count} live {'course' if count == 1 else 'courses'}" if count else name
        for count, name in ordered
    ]


def _courses(case: Case, concerned: Sequence[Change]) -> list[str]:
    """Names where they are few, else the schools that are hit most."""
    if len(concerned) <= EXAMPLES:
        return [change.name or change.key for change in concerned]
    names = {key: row.get("name") or key for key, row in case.live["schools"].items()}
    hit = Counter((change.before or change.after or {}).get(SCHOOLS.id_field) for change in concerned)
    ordered = sorted(hit.items(), key=lambda item: (-item[1], str(item[0])))
    return [f"{count} at {names.get(school, school) if school else 'no school'}" for school, count in ordered]
