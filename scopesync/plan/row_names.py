"""Names of rows in a sentence, for a person to recognise what is meant.

Belongs here: how many of them are named, and how the rest is said. Does not belong here: the sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scopesync.model import Row

EXAMPLES = 3
"""So many rows are named."""


def some(names: Sequence[str]) -> str:
    """The first of the names, and a sign that there are more."""
    more = ", …" if len(names) > EXAMPLES else ""
    return ", ".join(names[:EXAMPLES]) + more


def some_courses(keys: Sequence[str], rows: Mapping[str, Row]) -> str:
    """How many courses these are, and the names of some: `2 courses (Algebra I, Biology)`."""
    names = [str(rows[key].get("name") or key) for key in keys]
    return f"{len(keys)} {'course' if len(keys) == 1 else 'courses'} ({some(names)})"
