"""The habits of real servers from which a world's behaviour can be drawn (fault 40 to 55).

Belongs here: for each field of `Behaviour`, the values worth meeting, and drawing a few of them. Does not belong here:
the faults that strike single requests (`menu`, `apply_menu`), what a client must do about a habit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from random import Random

Habits = dict[str, Any]

HARMLESS: Mapping[str, Sequence[Any]] = {
    "page_past_end": ["404", "400", "416", "last-page"],
    "empty_error": ["nulls", "blanks", "zeros", "success"],
    "honoured_filters": ["accounts", "none"],
    "tenant_finds_itself": ["answered", "forbidden"],
    "owner_until_written": ["null", "absent"],
    "owner_reads_late": [1, 3],
    "id_spelling": ["upper", "braces", "no-dashes"],
    "omits_true_selected": [True],
    "null_texts_as_empty": [True],
    "stamps": ["write", "read", "night"],
    "added_field": ["always", "after-write"],
    "decomposes_text": [True],
    "names_from_roster": ["missing"],
    "read_lag_s": [1, 5],
    "read_lag_reads": [1, 4],
    "lagging_reads": ["every-second"],
    "cached_s": [3, 60],
    "write_delay_s": [1, 5],
    "post_delay_s": [1, 5],
    "post_answer": ["202", "504", "dropped"],
    "requests_per_second": [10, 50],
    "retry_after_s": [1],
    "unavailable_s": [10, 60],
}
"""An apply on such a server ends with 0, within `settle_s`."""

STUBBORN: Mapping[str, Sequence[Any]] = {
    "paging_url": ["other-scheme", "inner-host"],
    "first_page": [1],
    "page_overlap": [1, 3],
    "trims_text": [True],
    "normalises_names": [True],
    "cuts_text_at": [4, 20],
    "escapes_html": [True],
    "lower_cases_text": [True],
    "sorts_keywords": [True],
    "names_from_roster": ["always"],
    "courses_per_school": [True],
    "refused_rows": ["207", "200"],
    "cascade": ["replace", "always"],
    "refill_delay_s": [1, 5],
}
"""An apply on such a server may have to refuse or to end with 5, and must do no harm."""

TOGETHER: Sequence[Habits] = (
    {"lagging_reads": "every-second", "read_lag_s": 5},
    {"lagging_reads": "every-second", "read_lag_reads": 4},
    {"post_answer": "202", "post_delay_s": 5},
    {"post_answer": "504", "post_delay_s": 5},
    {"post_answer": "dropped", "post_delay_s": 5},
    {"post_answer": "504", "read_lag_s": 5},
    {"write_delay_s": 5, "read_lag_reads": 4},
    {"cached_s": 60, "read_lag_s": 5},
    {"requests_per_second": 10, "retry_after_s": 1},
    {"owner_until_written": "absent", "owner_reads_late": 3},
    {"id_spelling": "upper", "write_delay_s": 5},
    {"null_texts_as_empty": True, "nulls": "fill", "put": "merge"},
)
"""Harmless habits that show only together, or that make each other worse."""


def drawn_habits(chance: Random, *, stubborn: bool = False, without: Collection[str] = ()) -> Habits:
    """Up to three habits, as fields of `Behaviour` or of a script's `behaviour`; none of the fields in `without`.

    The same `chance` draws the same habits. Those that let an apply end otherwise than well come only if `stubborn`.
    """
    menu = [(name, value) for name, values in HARMLESS.items() for value in values]
    if stubborn:
        menu += [(name, value) for name, values in STUBBORN.items() for value in values]
    open_to_us = [(name, value) for name, value in menu if name not in without]
    return dict(chance.sample(open_to_us, min(chance.choice([0, 1, 1, 2, 3]), len(open_to_us))))
