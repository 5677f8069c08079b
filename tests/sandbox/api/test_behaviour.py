from __future__ import annotations

import math
from typing import Any

import pytest

from scopesync.sandbox.api.behaviour import Behaviour


@pytest.mark.parametrize(
    ("name", "sound", "unsound"),
    [
        ("max_page_size", 1, 0),
        ("first_page", 1, 2),
        ("first_page", 0, -1),
        ("requests_per_second", 1, 0),
        ("read_lag_s", 0.5, -1),
        ("write_delay_s", 0, math.inf),
        ("unavailable_s", 0, math.nan),
        ("cuts_text_at", None, -1),
        ("page_overlap", 0, -1),
    ],
)
def test_a_number_that_means_nothing_is_refused_by_its_name(name: str, sound: Any, unsound: Any) -> None:
    assert getattr(Behaviour(**{name: sound}), name) == sound
    with pytest.raises(ValueError, match=f"^{name} must be"):
        Behaviour(**{name: unsound})
