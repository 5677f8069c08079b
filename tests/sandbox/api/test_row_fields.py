from __future__ import annotations

from typing import Any

import pytest

from scopesync.sandbox.api.row_fields import row_key, school_of, spelled_id, taken_id

A, B = "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"


def test_a_rows_key_is_its_id_else_its_school_or_course_id_in_lower_case() -> None:
    assert row_key("schools", {"school_id": A.upper()}) == A
    assert row_key("courses", {"course_id": B, "school_id": A}) == B
    assert row_key("courses", {"course_id": B, "id": "Own"}) == "own"
    assert row_key("courses", {"school_id": A}) is None
    assert row_key("schools", {"school_id": None, "id": 7}) is None


def test_a_course_calls_its_school_by_its_id_failing_that_by_its_reference() -> None:
    assert school_of({"school_id": A.upper(), "school_ref_id": "R"}) == A
    assert school_of({"school_id": None, "school_ref_id": "R"}) == "R"
    assert school_of({"name": "Algebra"}) is None


@pytest.mark.parametrize("spelling", ["upper", "braces", "no-dashes"])
def test_every_spelling_of_an_id_is_taken_as_the_same_one(spelling: Any) -> None:
    spelled = spelled_id(A, spelling)
    assert spelled != A
    assert spelled_id(spelled, spelling) == spelled
    assert taken_id(spelled, spelling) == A
    assert taken_id(spelled, "stored") == spelled_id(spelled, "stored") == spelled


@pytest.mark.parametrize("text", ["0042", "", f"{A}0", f"urn:uuid:{A}"])
def test_what_is_no_id_stays_as_it_is(text: str) -> None:
    assert taken_id(text, "upper") == spelled_id(text, "upper") == text
