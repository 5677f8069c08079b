from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from scopesync.sandbox.api.behaviour import PLAIN, Behaviour
from scopesync.sandbox.behaviour_file import behaviour_of, load_behaviour
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_behaviour_is_written_in_yaml_or_json() -> None:
    meant = Behaviour(read_lag_s=2.5, stamps="night", cuts_text_at=None, post_answer="504", expires_in="soon")
    text = b"{read_lag_s: 2.5, stamps: night, cuts_text_at: null, post_answer: '504', expires_in: soon}"
    assert behaviour_of(text) == meant
    assert behaviour_of(json.dumps(asdict(meant)).encode()) == meant
    assert behaviour_of(b"{post_answer: 504, page_past_end: 416}") == Behaviour(post_answer="504", page_past_end="416")
    assert behaviour_of(b"{}") == PLAIN


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("read_lag: 5", "at the top: 'read_lag' is not known; did you mean 'read_lag_s'?"),
        ("zzz: 5", "at the top: 'zzz' is not known; known are paging_next, "),
        ("stamps: daily", "stamps: one of none, write, read, night is wanted here, not 'daily'"),
        ("post_answer: 500", "post_answer: one of 200, 202, 504, dropped is wanted here, not 500"),
        ("read_lag_s: '5'", "read_lag_s: a number is wanted here, not '5'"),
        ("first_page: 2", "at the top: first_page must be 0 or 1"),
        ("first_page: true", "first_page: a whole number is wanted here, not True"),
        ("write_delay_s: .inf", "at the top: write_delay_s must be 0 or more"),
        ("1: 2", "at the top: 1 is not known; known are"),
        ("[]", "at the top: a mapping is wanted here, not []"),
        ("", "at the top: a mapping is wanted here, not None"),
        ("a: [", "this is no YAML: the parser stops at line 1"),
    ],
)
def test_what_is_no_behaviour_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "behaviour.yaml"
    file.write_text(text)
    with pytest.raises(SandboxError) as caught:
        load_behaviour(file)
    assert str(caught.value).startswith(f"{file}: {message}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"none\.yaml: cannot be read: No such file"):
        load_behaviour(tmp_path / "none.yaml")
