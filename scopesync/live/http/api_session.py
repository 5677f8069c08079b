"""Calls with one credential: authorised, retried where that is safe, within a time budget.

Belongs here: the retry loop around one call, one renewal of a refused token, and two types, one that only reads and
one that writes. Does not belong here: what a response means for a list, or whether a write has landed.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from scopesync.errors import CredentialError, LiveError
from scopesync.live.http.client import HttpRequest, HttpResponse, NoResponseError
from scopesync.live.http.retry import (
    FIRST_SERVER_ERROR,
    REQUEST_TIMEOUT,
    TOO_MANY,
    FailedAttempt,
    counts,
    may_have_landed,
    wait_before_retry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scopesync.live.http.retry import Failure, Repeat
    from scopesync.live.http.tokens import TokenProvider
    from scopesync.live.next_page import Query
    from scopesync.secrets import Secret

LOG = logging.getLogger("scopesync.live")

REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time and chance, passed in: monotonic seconds, Unix time, a sleep, a random number from 0 to 1."""

    monotonic: Callable[[], float]
    today: Callable[[], float]
    sleep: Callable[[float], object]
    jitter: Callable[[], float]


class TimeBudget:
    """The seconds that all failed attempts and waits of one tenant may take together; thread-safe."""

    def __init__(self, budget_s: float) -> None:
        self._left = budget_s
        self._lock = Lock()

    @property
    def left_s(self) -> float:
        """What remains of the budget."""
        return self._left

    def spend(self, seconds: float) -> None:
        """Take seconds off the budget."""
        with self._lock:
            self._left -= seconds


class Outage:
    """Whether the server was busy (429, 503) for the whole budget of some call, and no call has succeeded since.

    All tenants of a connection share it: while it is on, a busy server counts as a failed attempt, so that the other
    calls give up sooner than the first did.
    """

    def __init__(self) -> None:
        self.is_on = False

    def learn(self, failure: Failure | None, *, gave_up: bool) -> None:
        """Record an outcome: a success ends the outage; giving up on a busy server begins one."""
        if failure is None:
            self.is_on = False
        elif gave_up and not counts(failure):
            self.is_on = True


class Exchange(Protocol):
    """Sends one request once; `HttpClient.exchange` is one."""

    def __call__(self, call: HttpRequest, authorization: Secret | None, /) -> HttpResponse:
        """The response, of any status. Raises NoResponseError."""


class Repeater:
    """Sends a call again where `retry` allows it. `call_budget_s` bounds one call with all its retries."""

    def __init__(
        self, exchange: Exchange, clocks: Clocks, budget: TimeBudget, outage: Outage, *, call_budget_s: float
    ) -> None:
        self._exchange = exchange
        self._clocks = clocks
        self._budget = budget
        self._outage = outage
        self._call_budget_s = call_budget_s

    def send(
        self, call: HttpRequest, authorization: Secret | None, repeat: Repeat, *, doubt: bool = False
    ) -> HttpResponse:
        """The first response that is not worth a retry, else the last failure: an HttpResponse, or NoResponseError.

        Both carry whether an earlier attempt may have landed: a refused second attempt does not undo the first.
        `doubt` is that of attempts made before this call of `send`.
        """
        ends_at = self._clocks.monotonic() + self._call_budget_s
        attempt, counted = 0, 0
        while True:
            attempt += 1
            outcome = self._attempt(call, authorization)
            failure = _failure(outcome)
            if failure is None:
                self._outage.learn(None, gave_up=False)
                return _concluded(outcome, doubt=doubt)
            counted += counts(failure) or self._outage.is_on
            wait = self._wait(outcome, failure, repeat, (attempt, counted), ends_at)
            self._outage.learn(failure, gave_up=wait is None)
            if wait is None:
                return _concluded(outcome, doubt=doubt)
            doubt = doubt or may_have_landed(failure)
            LOG.debug("%s: attempt %d failed (%s), again in %.3f s", call, attempt, failure, wait)
            self._clocks.sleep(wait)

    def _attempt(self, call: HttpRequest, authorization: Secret | None) -> HttpResponse | NoResponseError:
        """One exchange. When it fails, its duration is charged to the tenant's budget."""
        begun = self._clocks.monotonic()
        outcome: HttpResponse | NoResponseError
        try:
            outcome = self._exchange(call, authorization)
        except NoResponseError as error:
            outcome = error
        if _failure(outcome) is not None:
            self._budget.spend(self._clocks.monotonic() - begun)
        return outcome

    def _wait(
        self,
        outcome: HttpResponse | NoResponseError,
        failure: Failure,
        repeat: Repeat,
        attempts: tuple[int, int],
        ends_at: float,
    ) -> float | None:
        """Seconds to wait before the next attempt, charged to the budget; None to give up.

        `attempts`: how many this call has made so far, and how many of them count (`retry.counts`).
        """
        attempt, counted = attempts
        attempt_failed = FailedAttempt(
            failure=failure,
            attempt=attempt,
            counted=counted,
            time_left_s=min(ends_at - self._clocks.monotonic(), self._budget.left_s),
            jitter=self._clocks.jitter(),
            today=self._clocks.today(),
            retry_after=outcome.retry_after if isinstance(outcome, HttpResponse) else None,
        )
        wait = wait_before_retry(attempt_failed, repeat)
        self._budget.spend(wait or 0.0)
        return wait


def _concluded(outcome: HttpResponse | NoResponseError, *, doubt: bool) -> HttpResponse:
    """Return or raise the last outcome, marked with the doubt of earlier attempts."""
    if isinstance(outcome, HttpResponse):
        return replace(outcome, doubt=doubt)
    outcome.sent = outcome.sent or doubt
    raise outcome


def _failure(outcome: HttpResponse | NoResponseError) -> Failure | None:
    """The failure, if the outcome is one that a retry may mend; None otherwise."""
    if isinstance(outcome, NoResponseError):
        return "unanswered" if outcome.sent else "unsent"
    failed = outcome.status in (TOO_MANY, REQUEST_TIMEOUT) or outcome.status >= FIRST_SERVER_ERROR
    return outcome.status if failed else None


class Caller:
    """One credential's calls. After a 401 or 403 the server has done nothing, so the token may be renewed once.

    A read is sent again with the new token. A write is not: nothing has shown yet which tenant the new token opens, so
    the caller has to read first (NoResponseError). If the next write is refused too, that is final.
    """

    def __init__(self, repeater: Repeater, authority: TokenProvider) -> None:
        self._repeater = repeater
        self._authority = authority
        self._renewed_for_a_write = False

    def send(self, call: HttpRequest, repeat: Repeat) -> HttpResponse:
        """The response, of any status but 401 and 403. Raises NoResponseError; CredentialError when refused again."""
        with _without_token(call, doubt=False):
            authorization = self._authority.header()
        answer = self._repeater.send(call, authorization, repeat)
        if answer.status in REFUSED and not (call.writes and self._renewed_for_a_write):
            with _without_token(call, doubt=answer.doubt):
                renewed = self._authority.renew(authorization)
            if renewed is not None and call.writes:
                self._renewed_for_a_write = True
                raise NoResponseError(f"{call} answered {answer.status}: there is a new token, unseen yet", sent=True)
            if renewed is not None:
                answer = self._repeater.send(call, renewed, repeat, doubt=answer.doubt)
        if answer.status in REFUSED:
            raise CredentialError(
                f"{call} answered {answer.status}: the credential is refused",
                hint="check the key, or the client id and secret, that it was sent with",
            )
        self._renewed_for_a_write = self._renewed_for_a_write and not call.writes
        return answer

    def try_once(self, call: HttpRequest) -> HttpResponse:
        """The response, of any status, 401 and 403 too: the token is not renewed, and only a 429 is retried."""
        with _without_token(call, doubt=False):
            authorization = self._authority.header()
        return self._repeater.send(call, authorization, "never")


@contextmanager
def _without_token(call: HttpRequest, *, doubt: bool) -> Iterator[None]:
    """Raise NoResponseError when no token can be had: the call itself was not sent."""
    try:
        yield
    except CredentialError:
        raise
    except LiveError as error:
        raise NoResponseError(f"{call}: no token: {error}", sent=doubt) from error


class ReadSession:
    """Reads with one credential; it can do nothing else."""

    def __init__(self, caller: Caller, origin: str) -> None:
        self._caller = caller
        self.origin = origin

    def get(self, path: str, query: Query = ()) -> HttpResponse:
        """The answer to GET, of any status but 401 and 403. Raises NoResponseError and CredentialError."""
        return self._caller.send(HttpRequest("GET", path, query), "safe")

    def try_get(self, path: str) -> HttpResponse:
        """The answer to GET, of any status, for a path that this credential may not read. Raises NoResponseError."""
        return self._caller.try_once(HttpRequest("GET", path))


class WriteSession:
    """Writes with one credential. It retries what is safe; the writer judges the responses."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def post(self, path: str, body: bytes, *, replace: bool) -> HttpResponse:
        """POST, with `replace` always in the query. An append is never sent again once it may have landed."""
        query = (("replace", "true" if replace else "false"),)
        return self._caller.send(HttpRequest("POST", path, query, body), "refused" if replace else "never")

    def put(self, path: str, body: bytes) -> HttpResponse:
        """PUT of one item."""
        return self._caller.send(HttpRequest("PUT", path, body=body), "safe")

    def delete(self, path: str) -> HttpResponse:
        """DELETE of one item; the client refuses any path that does not end in one whole id."""
        return self._caller.send(HttpRequest("DELETE", path), "safe")

    def clear(self, path: str) -> HttpResponse:
        """DELETE of a whole list."""
        return self._caller.send(HttpRequest("DELETE", path, clears=True), "refused")
