"""Rows in a refusal, the weightiest first: what a reviewer has to look at.

Belongs here: how many rows, and which of them are named. Does not belong here: the sentence around them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scopesync.model import SCHOOLS
from scopesync.plan.row_names import EXAMPLES, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.plan.guards.case import ListCase
    from scopesync.plan.types import Change


def weighed(case: ListCase, concerned: Sequence[Change]) -> str:
    """The number of rows and the weightiest: schools by their live courses, courses by their school.

    `4 schools (Springfield with 5 live courses, Shelbyville)`; `8 courses (5 at Springfield, 3 at no school)`.
    """
    kind = case.part.kind
    noun = kind.singular if len(concerned) == 1 else kind.name
    named = _schools(case, concerned) if kind is SCHOOLS else _courses(case, concerned)
    return f"{len(concerned)} {noun} ({some(named)})"


def _schools(case: ListCase, concerned: Sequence[Change]) -> list[str]:
    live_courses = case.tenant.live["courses"].values()
    courses_at = Counter(course.get(SCHOOLS.id_field) for course in live_courses)
    weights = [(courses_at[change.key], change.name or change.key) for change in concerned]
    weights.sort(key=lambda weight: (-weight[0], weight[1]))
    return [_school(name, courses) for courses, name in weights]


def _school(name: str, courses: int) -> str:
    if not courses:
        return name
    return f"{name} with {courses} live {'course' if courses == 1 else 'courses'}"


def _courses(case: ListCase, concerned: Sequence[Change]) -> list[str]:
    """Their names where they are few, else the schools that are hit most."""
    if len(concerned) <= EXAMPLES:
        return [change.name or change.key for change in concerned]
    hit = Counter((change.before or change.after or {}).get(SCHOOLS.id_field) for change in concerned)
    most_first = sorted(hit.items(), key=lambda item: (-item[1], str(item[0])))
    schools = case.tenant.live["schools"]
    names = {key: row.get("name") or key for key, row in schools.items()}
    return [f"{count} at {names.get(school, school) if school else 'no school'}" for school, count in most_first]
