from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.desired.tenant_names import environment_part, file_stem, is_name


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Springfield Unified (West)", "springfield-unified-west"),
        ("Saint-Élie d'Orford", "saint-elie-dorford"),
        ("東京", "tenant"),
        ("../../etc", "etc"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_stem_is_made_of_the_name(name: str, stem: str) -> None:
    assert file_stem(name) == stem


def test_a_stem_that_is_taken_gets_a_number() -> None:
    """Fault 69."""
    assert file_stem("West Side", ["west_side", "WEST-SIDE-2"]) == "west-side-3"


@given(st.lists(st.text(), max_size=5))
def test_stems_are_names_that_cannot_be_mixed_up(names: list[str]) -> None:
    stems: list[str] = []
    for name in names:
        stems.append(file_stem(name, stems))
    assert all(map(is_name, stems))
    assert len(set(map(environment_part, stems))) == len(stems)
