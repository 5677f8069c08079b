from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from scopesync.desired.sources import yaml_reader
from scopesync.desired.sources.text_file import SourceText
from scopesync.desired.sources.yaml_scalars import quoted, scalar


def by_us(text: str) -> Any:
    document = yaml_reader.load(SourceText("a.yaml", f"- {text}\n"))
    assert not document.problems
    return document.value[0]


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("1e3")
@example("0o17")
@example("12:30")
@example("y")
@example("a\u2028b\x85")
def test_text_is_the_same_text_in_yaml_1_1_and_1_2(text: str) -> None:
    for written in (scalar(text), quoted(text)):
        assert by_us(written) == text
        assert yaml.safe_load(f"- {written}\n") == [text]


@pytest.mark.parametrize("value", [None, True, False, 7, 0.5])
def test_other_values_are_the_same_values(value: Any) -> None:
    assert by_us(scalar(value)) == value


@pytest.mark.parametrize("text", ["1e3", "-.5e3", "0o17"])
def test_pyyaml_writes_some_text_that_yaml_1_2_takes_for_numbers(text: str) -> None:
    """The reason for our own quoting, kept true."""
    written = yaml.safe_dump([text]).removeprefix("- ").strip()
    document = yaml_reader.load(SourceText("a.yaml", f"- {written}\n"))
    assert document.problems or document.value != [text]
