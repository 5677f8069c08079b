from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.given_data import Given
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable


def test_values_are_read_with_their_places() -> None:
    given = Given({"a": [1, "x"], "b": True}, "").fields(("a", "b"))
    number, text = given["a"].items()
    assert (number.whole(), number.where) == (1, "a[0]")
    assert (text.text(), text.where) == ("x", "a[1]")
    assert given["b"].flag() is True


def test_one_value_is_as_good_as_a_list_of_it() -> None:
    assert [given.value for given in Given("x", "w").one_or_more()] == ["x"]
    assert [given.value for given in Given(["x", "y"], "w").one_or_more()] == ["x", "y"]


def test_texts_of_a_mapping_may_be_numbers_and_flags() -> None:
    assert Given({"Retry-After": 2, "a": True, "b": "c"}, "w").texts() == {"Retry-After": "2", "a": "true", "b": "c"}


@pytest.mark.parametrize(
    ("value", "read", "message"),
    [
        ([], lambda given: given.fields(("a",)), "w: a mapping is wanted here, not []"),
        ({"hed": 1}, lambda given: given.fields(("head", "tail")), "w: 'hed' is not known; did you mean 'head'?"),
        ({"x": 1}, lambda given: given.fields(("head", "tail")), "w: 'x' is not known; known are head, tail"),
        ({1: 1}, lambda given: given.fields(("head",)), "w: 1 is not known; known are head"),
        ({}, Given.items, "w: a list is wanted here, not {}"),
        ([], Given.texts, "w: a mapping is wanted here, not []"),
        ({"a": None}, Given.texts, "w.a: text is wanted here, not None"),
        ({None: "a"}, Given.texts, "w: text is wanted here, not None"),
        (1, Given.text, "w: text is wanted here, not 1"),
        ("c", lambda given: given.choice(("a", "b")), "w: one of a, b is wanted here, not 'c'"),
        ([], lambda given: given.choice(("a",)), "w: one of a is wanted here, not []"),
        (1, Given.flag, "w: true or false is wanted here, not 1"),
        (True, Given.whole, "w: a whole number is wanted here, not True"),
        (1.0, Given.whole, "w: a whole number is wanted here, not 1.0"),
        (0, lambda given: given.whole(least=1), "w: 1 or more is wanted here, not 0"),
        (9, lambda given: given.whole(most=8), "w: 8 or less is wanted here, not 9"),
        (9, lambda given: given.whole(least=1, most=8), "w: a whole number from 1 to 8 is wanted here, not 9"),
        ("1", Given.number, "w: a number is wanted here, not '1'"),
        (-1, Given.number, "w: a number from 0 up is wanted here, not -1"),
        (float("nan"), Given.number, "w: a number from 0 up is wanted here, not nan"),
        (float("inf"), Given.number, "w: a number from 0 up is wanted here, not inf"),
        (1.5, lambda given: given.number(most=1), "w: a number from 0 to 1 is wanted here, not 1.5"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(value: object, read: Callable[[Given], Any], message: str) -> None:
    with pytest.raises(SandboxError) as caught:
        read(Given(value, "w"))
    assert str(caught.value) == message


def test_a_long_value_is_not_printed_whole() -> None:
    with pytest.raises(SandboxError) as caught:
        Given("x" * 10_000, "w").flag()
    assert len(str(caught.value)) < 120


def test_the_top_of_a_document_has_a_name_too() -> None:
    with pytest.raises(SandboxError, match=r"^at the top: a mapping is wanted"):
        Given(None, "").fields(())
