from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.live.http.retry import (
    ATTEMPTS,
    LONGEST_BACKOFF_S,
    FailedAttempt,
    Failure,
    Repeat,
    advised_wait,
    backoff,
    may_repeat,
    wait_before_retry,
)

NOW = 1_750_000_000.0


def _setback(failure: Failure = 503, *, attempt: int = 1, left: float = 90, after: str | None = None) -> FailedAttempt:
    return FailedAttempt(failure, attempt, attempt, time_left_s=left, jitter=1.0, today=NOW, retry_after=after)


@pytest.mark.parametrize(
    ("repeat", "again"),
    [
        ("safe", {"unsent", "unanswered", 408, 429, 500, 502, 503, 504}),
        ("refused", {"unsent", 429, 503}),
        ("never", {"unsent", 429}),
    ],
)
def test_what_is_sent_again(repeat: Repeat, again: set[Failure]) -> None:
    failures: list[Failure] = ["unsent", "unanswered", 400, 404, 408, 409, 412, 413, 429, 500, 502, 503, 504]
    assert {failure for failure in failures if may_repeat(failure, repeat)} == again


def test_fault_26_retry_after_in_every_form() -> None:
    assert advised_wait("7", NOW) == 7
    assert advised_wait(" 1.5 ", NOW) == 1.5
    assert advised_wait(formatdate(NOW + 30, usegmt=True), NOW) == 30
    assert advised_wait(formatdate(NOW - 30, usegmt=True), NOW) == 0
    assert advised_wait("0", NOW) == 0
    for nonsense in ("-5", "315360000", formatdate(NOW + 315_360_000, usegmt=True), "soon", "", "nan", "inf", "1e400"):
        assert advised_wait(nonsense, NOW) is None
    assert advised_wait(None, NOW) is None


@given(st.text(), st.floats(0, 4e9))
def test_any_retry_after_is_a_sane_wait_or_none(text: str, today: float) -> None:
    wait = advised_wait(text, today)
    assert wait is None or 0 <= wait <= 3600


def test_advice_is_taken_within_the_time_left() -> None:
    assert wait_before_retry(_setback(429, after="7"), "never") == 7
    assert wait_before_retry(_setback(429, after="7", left=7), "never") is None
    assert wait_before_retry(_setback(429, after="-7"), "never") == 0.5


def test_fault_26_an_advice_to_come_at_once_is_followed_once() -> None:
    waits = [wait_before_retry(_setback(429, attempt=attempt, after="0"), "safe") for attempt in (1, 2, 3)]
    assert waits == [0, 0.5, 0.5]


def test_it_ends() -> None:
    assert wait_before_retry(_setback(attempt=ATTEMPTS - 1), "safe") is not None
    assert wait_before_retry(_setback(attempt=ATTEMPTS), "safe") is None
    assert wait_before_retry(_setback(left=0, after="0"), "safe") is None


@given(st.integers(1, 50), st.floats(0, 1))
def test_backoff_grows_to_its_bound(attempt: int, jitter: float) -> None:
    assert 0.25 <= backoff(attempt, jitter) <= LONGEST_BACKOFF_S
    assert backoff(attempt, jitter) <= backoff(attempt + 1, jitter)
