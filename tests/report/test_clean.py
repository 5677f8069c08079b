from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.report.clean import markdown, one_line

NASTY = "x | y ``` <details> @org/admins \x1b[2J =HYPERLINK(1) </script> \u202e\n\ud800"


def test_what_acts_on_a_terminal_becomes_an_escape() -> None:
    """Fault 37."""
    assert one_line(NASTY) == ("x | y ``` <details> @org/admins \\x1b[2J =HYPERLINK(1) </script> \\u202e\\n\\ud800")


@pytest.mark.parametrize("text", ["##[add-mask]a", "x ###[error]", "####[group]", "::error::a", "x ::add-mask::a"])
def test_nothing_is_a_command_to_a_runner_of_ci(text: str) -> None:
    """Fault 37."""
    assert "##[" not in one_line(text)
    assert " ::" not in f" {one_line(text)}"
    assert one_line(text).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("name", ["Großschönau", "Peña Blanca", "Te Matau-a-Māui", "日本語学校", "مدرسة", "क्‍ष"])
def test_names_of_real_schools_stay_as_they_are(name: str) -> None:
    assert one_line(name) == name


@given(st.text())
def test_one_line_is_one_line_that_can_be_printed(text: str) -> None:
    """Fault 37."""
    shown = one_line(text)
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    shown.encode("utf-8")


@given(st.text(min_size=1))
def test_markdown_holds_no_character_that_markdown_or_html_reads(text: str) -> None:
    """Fault 37."""
    inner = markdown(text).removeprefix("<code>").removesuffix("</code>")
    assert not re.search(r"[<>|`*_@\\\[\]()!~$\"=#]", re.sub(r"&#\d+;", "", inner))
