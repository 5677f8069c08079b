from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scopesync.desired.row_check import row_check, values_check
from scopesync.model import COURSES, KINDS, SCHOOLS, Kind
from scopesync.schemas import validator

FIELDS = sorted({*SCHOOLS.fields, *COURSES.fields, "protect", "account_id", "nmae"})
TEXT = st.text(max_size=6) | st.text(st.sampled_from("a0 ./%#?\\\n\t\r\0\x1b\x85\u202e\u2028\ufeff\ud800é"), max_size=4)
LONG = st.sampled_from([127, 128, 129, 256, 257, 4096, 4097]).map(lambda length: "x" * length)
VALUES = TEXT | LONG | st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.text(), max_size=1)
ROWS = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4)


def by_schema(kind: Kind, row: dict[str, Any]) -> bool:
    return validator("tenant").is_valid({"version": 1, "tenant": "t", kind.name: [row]})


@given(st.sampled_from(KINDS), ROWS)
@example(SCHOOLS, {"school_id": "a\n"})
@example(SCHOOLS, {"school_id": "."})
@example(SCHOOLS, {"school_id": ".."})
@example(SCHOOLS, {"school_id": "..."})
@example(SCHOOLS, {"local_id": ""})
@example(COURSES, {"school_id": None})
@example(COURSES, {"course_id": None})
@example(COURSES, {"selected": 1})
def test_the_quick_check_agrees_with_the_schema(kind: Kind, row: dict[str, Any]) -> None:
    assert row_check(kind)(row) is by_schema(kind, row)


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), st.lists(VALUES, max_size=3), max_size=3))
def test_columns_are_taken_when_each_of_their_values_is(kind: Kind, columns: dict[str, list[Any]]) -> None:
    each = [row_check(kind)({name: value}) for name, values in columns.items() for value in values]
    assert values_check(kind, columns) is all(each)


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        " a",
        "a ",
        "a/b",
        "a?b",
        "a#b",
        "%2e",
        "a\\b",
        "a\x00",
        "\x1b[2J",
        "a\nb",
        "a\n",
        "\u202ea",
        "a\u200b",
        "\ufeffa",
        "\u2003a",
        "x" * 129,
        "x" * 10000,
    ],
)
def test_an_id_that_could_change_a_url_or_hide_is_refused(value: str) -> None:
    assert not row_check(SCHOOLS)({"school_id": value})
    assert not by_schema(SCHOOLS, {"school_id": value})


@pytest.mark.parametrize("value", ["a", "...", "a b", "5f0e8c1a-1111-4111-8111-000000000001", "é", "x" * 128, "a.b~c"])
def test_an_ordinary_id_is_taken(value: str) -> None:
    assert row_check(SCHOOLS)({"school_id": value})


@pytest.mark.parametrize("value", ["Zoë's\nSchool", "=HYPERLINK(1)", "", "\u202eabc", "x | y ``` <details>", None])
def test_a_name_may_be_nearly_anything(value: str | None) -> None:
    assert row_check(SCHOOLS)({"name": value})
