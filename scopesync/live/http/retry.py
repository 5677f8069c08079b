"""Whether and when a failed call is retried: a pure decision.

Belongs here: what may be retried, how long to wait, when to give up, parsing `Retry-After`. Does not belong here:
sleeping, clocks, random numbers, sending; they are passed in or done by `api_session`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

Repeat = Literal["safe", "refused", "never"]
"""`safe`: idempotent (reads, PUT and DELETE of an item). `refused`: retried only when the server certainly did nothing
(429, 503). `never`: an append; retried only after a 429, which means "not done"."""

Failure = int | Literal["unsent", "unanswered"]
"""A status; `unsent`: no connection was made; `unanswered`: the request was sent, and no complete response arrived."""

ATTEMPTS = 5
"""Give up after this many failures that count (see `counts`)."""
FIRST_WAIT_S = 0.5
LONGEST_BACKOFF_S = 20.0
NONSENSE_S = 3600.0
"""A `Retry-After` beyond an hour is ignored; the backoff is used instead."""

TOO_MANY = 429
UNAVAILABLE = 503
REQUEST_TIMEOUT = 408
FIRST_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One failed attempt, as far as the decision needs it. `attempt` counts from 1; `today` is in Unix seconds.

    `counted` is how many of the attempts count, this one included. `time_left_s` is what remains for this call, waits
    included; `jitter` is a number from 0 to 1.
    """

    failure: Failure
    attempt: int
    counted: int
    time_left_s: float
    jitter: float
    today: float
    retry_after: str | None = None


def wait_before_retry(attempt_failed: FailedAttempt, repeat: Repeat) -> float | None:
    """Seconds to wait before the same call is sent again, or None to give up.

    A usable `Retry-After` goes before the backoff. A wait that would exceed the time left is not begun. A zero in
    `Retry-After` is followed once: a server that always sends it would be asked as often as the network allows.
    """
    if attempt_failed.counted >= ATTEMPTS or not may_repeat(attempt_failed.failure, repeat):
        return None
    advised = advised_wait(attempt_failed.retry_after, attempt_failed.today)
    least = FIRST_WAIT_S if attempt_failed.attempt > 1 else 0.0
    wait = backoff(attempt_failed.attempt, attempt_failed.jitter) if advised is None else max(advised, least)
    return wait if wait < attempt_failed.time_left_s else None


def counts(failure: Failure) -> bool:
    """Whether the failure uses up one of the call's ATTEMPTS.

    A busy server (429, 503) asks to come later: that uses up time of the budget, but no attempt.
    """
    return failure not in (TOO_MANY, UNAVAILABLE)


def may_repeat(failure: Failure, repeat: Repeat) -> bool:
    """Whether it is safe to send the call again after this failure."""
    if failure in ("unsent", TOO_MANY):
        return True
    if repeat == "refused":
        return failure == UNAVAILABLE
    return repeat == "safe" and may_have_landed(failure)


def may_have_landed(failure: Failure | None) -> bool:
    """Whether the server may have carried out a call that failed: no complete response, 408, any 5xx."""
    if failure in ("unanswered", REQUEST_TIMEOUT):
        return True
    return isinstance(failure, int) and failure >= FIRST_SERVER_ERROR


def backoff(attempt: int, jitter: float) -> float:
    """The wait in seconds without advice: doubling from half a second; `jitter` takes off up to a half."""
    whole = min(LONGEST_BACKOFF_S, FIRST_WAIT_S * 2.0 ** (attempt - 1))
    return whole * (0.5 + jitter / 2)


def advised_wait(retry_after: str | None, today: float) -> float | None:
    """The seconds that `Retry-After` asks for, given as seconds or as a date; None where it is absent or nonsense."""
    if retry_after is None:
        return None
    seconds = _seconds(retry_after.strip(), today)
    if seconds is None or not 0 <= seconds <= NONSENSE_S:
        return None
    return seconds


def _seconds(text: str, today: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return _seconds_until(text, today)
    return number if math.isfinite(number) else None


def _seconds_until(text: str, today: float) -> float | None:
    """Seconds from now to an HTTP date; 0 when it is past."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.fromtimestamp(today, UTC)).total_seconds())
