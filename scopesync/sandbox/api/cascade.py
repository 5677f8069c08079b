"""What goes with a school that leaves.

Belongs here: which courses a server removes by itself. Does not belong here: when it does (`scoping_calls`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.sandbox.api.row_fields import school_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.sandbox.api.row_fields import Row


def courses_left(courses: Sequence[Row], *, before: Sequence[Row], after: Sequence[Row]) -> tuple[Row, ...]:
    """The courses that stay when the list of schools was `before` and is `after`: those of schools that left, go."""
    left = _names(before) - _names(after)
    return tuple(course for course in courses if school_of(course) not in left)


def _names(schools: Sequence[Row]) -> set[str]:
    """Everything that a course may call these schools by."""
    ids = {school["school_id"].lower() for school in schools if isinstance(school.get("school_id"), str)}
    references = {school["school_ref_id"] for school in schools if isinstance(school.get("school_ref_id"), str)}
    return ids | references
