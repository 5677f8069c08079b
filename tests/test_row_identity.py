from __future__ import annotations

from typing import Any

import pytest

from scopesync.model import COURSES, SCHOOLS
from scopesync.row_identity import (
    RowIndex,
    alike,
    canonical_id,
    canonical_ids,
    canonical_key,
    fingerprint,
    key_of,
    keyed,
    listing,
)
from tests.support.builders import SPELLINGS, UUID, course, school


def test_a_row_is_called_by_its_id_else_its_reference_else_its_local_id_else_its_content() -> None:
    assert key_of(SCHOOLS, school("a", school_ref_id="R1")) == "a"
    assert key_of(SCHOOLS, school(None, school_ref_id="R1", local_id="7")) == "ref:R1"
    assert key_of(SCHOOLS, school(None, local_id="7")) == "local:7"
    assert key_of(SCHOOLS, {"name": "Nameless"}).startswith("row:")


def test_copies_of_a_key_are_told_apart_and_none_is_lost() -> None:
    rows = keyed(SCHOOLS, [school("a", name="Second"), school("a", name="First"), school("a#2")])
    assert [(key, row["name"]) for key, row in rows.items()] == [
        ("a", "First"),
        ("a#2#", "Second"),
        ("a#2", "School a#2"),
    ]


def _fingerprint(rows: list[dict[str, Any]]) -> str:
    return fingerprint(SCHOOLS, keyed(SCHOOLS, rows))


def test_a_fingerprint_sees_every_field_that_people_write_and_no_order() -> None:
    rows = [school("a"), school("b", keywords="blue")]
    assert _fingerprint(rows) == _fingerprint(rows[::-1])
    assert _fingerprint(rows) != _fingerprint([school("a"), school("b", keywords="green")])
    assert _fingerprint(rows) != _fingerprint([*rows, school("b", keywords="blue")])


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_an_id_has_one_spelling(spelled: str) -> None:
    """Fault 44."""
    assert canonical_id(spelled) == UUID
    assert canonical_ids([UUID, spelled]) == [UUID, UUID]
    assert key_of(SCHOOLS, school(spelled)) == UUID


@pytest.mark.parametrize("text", ["a", "A", "42", UUID[:-1], f"{UUID}\n", f"x{UUID}", ""])
def test_text_that_is_no_uuid_is_compared_exactly(text: str) -> None:
    assert canonical_id(text) == text
    assert canonical_ids([text, UUID]) == [text, UUID]


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("school_id", UUID, UUID.upper()),
        ("tenant_id", UUID, UUID.upper()),
        ("name", None, ""),
        ("name", "Caf\u00e9", "Cafe\u0301"),
        ("selected", None, True),
    ],
)
def test_values_that_say_the_same_are_alike(field: str, one: object, other: object) -> None:
    """Faults 42 to 44."""
    assert alike(field, one, other)
    assert alike(field, other, one)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("name", UUID, UUID.upper()),
        ("local_id", "0042", "42"),
        ("course_ref_id", "r", "R"),
        ("selected", None, False),
        ("selected", True, False),
        ("name", "", " "),
        ("unknown", 0, None),
        ("unknown", {"a": 1}, {"a": 2}),
    ],
)
def test_values_that_say_something_else_are_not_alike(field: str, one: object, other: object) -> None:
    assert not alike(field, one, other)
    assert not alike(field, other, one)


def test_a_course_at_several_schools_has_a_key_for_each() -> None:
    """Fault 54."""
    rows = keyed(COURSES, [course("c", "t"), course("d", "s"), course("c", "s"), course("c", "s", name="Copy")])
    assert list(rows) == ["c@s", "c@s#2", "c@t", "d"]


def test_a_key_that_an_earlier_version_wrote_is_read_in_the_one_spelling() -> None:
    assert canonical_key(f"{UUID.upper()}#2") == f"{UUID}#2"
    assert canonical_key("ref:R#1") == "ref:R#1"


def test_a_listing_knows_its_rows_by_key() -> None:
    made = listing(SCHOOLS, [school("b"), school("a")])
    assert [row["school_id"] for row in made.rows] == ["b", "a"]
    assert list(made.by_key) == ["a", "b"]


def test_an_index_finds_by_id_then_reference_then_local_id() -> None:
    index = RowIndex(SCHOOLS, {1: school(UUID, local_id="7"), 2: school("b", school_ref_id="R", local_id="7")})
    assert index.meant_by(school(UUID.upper(), school_ref_id="R")) == [1]
    assert index.meant_by(school(None, school_ref_id="R", local_id="1")) == [2]
    assert index.meant_by(school(None, local_id="7")) == [1, 2]
    assert list(index.meant_by(school(None))) == []


def test_fault_41_a_time_of_change_that_the_server_renews_does_not_swap_two_copies() -> None:
    one, other = school("a", name="One"), school("a", name="Other")
    for etags in (("1", "2"), ("2", "1")):
        rows = [{**row, "etag": etag} for row, etag in zip((one, other), etags, strict=True)]
        found = keyed(SCHOOLS, rows)
        assert [(key, row["name"]) for key, row in found.items()] == [("a", "One"), ("a#2", "Other")]
