"""How many examples a property is tried on, beside the others.

Belongs here: shares of the profile's number, which `tests/conftest.py` sets. Does not belong here: that number, and
anything about a clock.
"""

from __future__ import annotations

from hypothesis import settings


def examples(times: float) -> settings:
    """Settings with so many times the usual number of examples; all else is as the profile says."""
    usual = settings().max_examples
    return settings(max_examples=round(usual * times))
