from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.errors import AnswerError, CredentialError
from scopesync.live.http.api_session import Caller, Clocks, Outage, ReadSession, Repeater, TimeBudget, WriteSession
from scopesync.live.http.client import HttpRequest, HttpResponse, NoResponseError
from scopesync.live.http.tokens import Fixed
from scopesync.secrets import Secret

if TYPE_CHECKING:
    from scopesync.live.http.retry import Repeat
    from tests.live.conftest import Clock

CALL = HttpRequest("GET", "/list")
UNSENT, UNANSWERED = "unsent", "unanswered"


class Script:
    """An exchange that gives these outcomes in order: a status, a status with `Retry-After`, or no answer."""

    def __init__(self, clock: Clock, *outcomes: int | tuple[int, str] | str, takes: float = 0) -> None:
        self.clock = clock
        self.outcomes = list(outcomes)
        self.takes = takes
        self.sent: list[str | None] = []

    def __call__(self, call: HttpRequest, authorization: Secret | None) -> HttpResponse:
        self.sent.append(authorization.reveal() if authorization else None)
        self.clock.now += self.takes
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, str):
            raise NoResponseError(f"{call}: broke", sent=outcome == UNANSWERED)
        status, retry_after = outcome if isinstance(outcome, tuple) else (outcome, None)
        return HttpResponse(status, b"", retry_after)


class Renewable:
    """Gives `first`, and after a refusal `second`."""

    def header(self) -> Secret:
        return Secret("Bearer first")

    def renew(self, refused: Secret) -> Secret | None:
        assert refused.reveal() == "Bearer first"
        return Secret("Bearer second")


def _repeater(
    script: Script, clock: Clock, *, tenant_budget: float = 300, budget: float = 90, outage: Outage | None = None
) -> Repeater:
    clocks = Clocks(clock, lambda: 0.0, clock.sleep, lambda: 1.0)
    return Repeater(script, clocks, TimeBudget(tenant_budget), outage or Outage(), call_budget_s=budget)


def _caller(script: Script, clock: Clock) -> Caller:
    return Caller(_repeater(script, clock), Renewable())


def test_fault_13_a_read_is_repeated_until_it_is_answered(clock: Clock) -> None:
    script = Script(clock, 500, 502, UNANSWERED, UNSENT, 200)
    assert _repeater(script, clock).send(CALL, None, "safe").status == 200
    assert clock.slept == [0.5, 1, 2, 4]


def test_fault_13_and_not_for_ever(clock: Clock) -> None:
    script = Script(clock, *[502] * 100)
    assert _repeater(script, clock).send(CALL, None, "safe").status == 502
    assert len(script.sent) == 5


@pytest.mark.parametrize("busy", [429, 503])
def test_fault_52_a_server_that_is_busy_for_a_minute_costs_time_and_no_attempt(busy: int, clock: Clock) -> None:
    def answer(_call: HttpRequest, _authorization: Secret | None) -> HttpResponse:
        return HttpResponse(busy if clock() < 1060 else 200, b"", None)

    clocks = Clocks(clock, lambda: 0.0, clock.sleep, lambda: 1.0)
    repeater = Repeater(answer, clocks, TimeBudget(300), Outage(), call_budget_s=90)
    assert repeater.send(CALL, None, "safe").status == 200
    assert len(clock.slept) > 5
    assert 1060 <= clock() < 1090


@pytest.mark.parametrize("busy", [429, 503])
def test_fault_52_a_server_that_stays_busy_is_given_up_within_the_budget(busy: int, clock: Clock) -> None:
    assert _repeater(Script(clock, *[busy] * 100), clock).send(CALL, None, "safe").status == busy
    assert 1060 < clock() <= 1090


def test_fault_52_other_failures_between_are_counted(clock: Clock) -> None:
    script = Script(clock, 429, 500, 429, 500, 503, 502, 429, 504, UNANSWERED, 200)
    with pytest.raises(NoResponseError):
        _repeater(script, clock).send(CALL, None, "safe")
    assert script.outcomes == [200]


def test_an_outage_that_outlasted_one_call_is_not_waited_for_by_all(clock: Clock) -> None:
    outage = Outage()
    first = _repeater(Script(clock, *[503] * 100), clock, outage=outage)
    first.send(CALL, None, "safe")
    assert outage.is_on
    later = Script(clock, *[503] * 5, 200, *[503] * 6, 200)
    second = _repeater(later, clock, outage=outage)
    assert second.send(CALL, None, "safe").status == 503
    assert len(later.sent) == 5
    assert second.send(CALL, None, "safe").status == 200
    assert second.send(CALL, None, "safe").status == 200  # it is over: six failures are waited out again


@pytest.mark.parametrize("failure", [UNANSWERED, 408, 500, 502, 503, 504])
def test_fault_25_an_append_that_may_have_landed_is_never_repeated(failure: int | str, clock: Clock) -> None:
    script = Script(clock, failure, 200)
    session = WriteSession(Caller(_repeater(script, clock), Fixed(Secret("Basic abcdefgh"))))
    if failure == UNANSWERED:
        with pytest.raises(NoResponseError):
            session.post("/list", b"{}", replace=False)
    else:
        assert session.post("/list", b"{}", replace=False).status == failure
    assert len(script.sent) == 1


@pytest.mark.parametrize("failure", [UNSENT, 429])
def test_an_append_that_surely_was_not_done_may_be_sent_again(failure: int | str, clock: Clock) -> None:
    session = WriteSession(_caller(Script(clock, failure, 200), clock))
    assert session.post("/list", b"{}", replace=False).status == 200


@pytest.mark.parametrize(("failure", "sent"), [(UNANSWERED, 1), (500, 1), (429, 2), (503, 2)])
def test_a_replace_and_a_clear_are_repeated_only_after_a_clean_refusal(
    failure: int | str, sent: int, clock: Clock
) -> None:
    for write in ("post", "clear"):
        script = Script(clock, failure, 200)
        session = WriteSession(_caller(script, clock))
        try:
            session.clear("/list") if write == "clear" else session.post("/list", b"{}", replace=True)
        except NoResponseError:
            assert failure == UNANSWERED
        assert len(script.sent) == sent


def test_an_item_is_put_and_deleted_again(clock: Clock) -> None:
    session = WriteSession(_caller(Script(clock, UNANSWERED, 500, 200, UNANSWERED, 404), clock))
    assert session.put("/list/a", b"{}").status == 200
    assert session.delete("/list/a").status == 404


def test_fault_26_retry_after_is_honoured_within_the_deadline(clock: Clock) -> None:
    script = Script(clock, (429, "7"), (429, "-1"), (429, "315360000"), (429, "junk"), 200)
    assert _repeater(script, clock).send(CALL, None, "never").status == 200
    assert clock.slept == [7, 1, 2, 4]


def test_fault_26_a_wait_beyond_the_deadline_is_not_begun(clock: Clock) -> None:
    script = Script(clock, (429, "120"), 200)
    assert _repeater(script, clock).send(CALL, None, "safe").status == 429
    assert clock.slept == []


def test_failed_attempts_use_up_the_call(clock: Clock) -> None:
    script = Script(clock, *[UNANSWERED] * 10, takes=30)
    with pytest.raises(NoResponseError):
        _repeater(script, clock, budget=90).send(CALL, None, "safe")
    assert len(script.sent) == 3


def test_the_patience_of_a_tenant_is_shared_by_its_calls(clock: Clock) -> None:
    script = Script(clock, *[500] * 100, takes=3)
    repeater = _repeater(script, clock, tenant_budget=20)
    for _ in range(10):
        repeater.send(CALL, None, "safe")
    assert len(script.sent) < 20


@pytest.mark.parametrize("doubtful", [500, UNANSWERED])
def test_a_no_to_the_second_attempt_does_not_take_back_the_first(doubtful: int | str, clock: Clock) -> None:
    assert _repeater(Script(clock, doubtful, 400), clock).send(CALL, None, "safe").doubt
    with pytest.raises(NoResponseError) as caught:
        _repeater(Script(clock, doubtful, *[UNSENT] * 9), clock).send(CALL, None, "safe")
    assert caught.value.sent
    assert _caller(Script(clock, doubtful, 401, 400), clock).send(CALL, "safe").doubt


def test_a_clean_no_leaves_no_doubt(clock: Clock) -> None:
    assert not _caller(Script(clock, 429, UNSENT, 401, 400), clock).send(CALL, "safe").doubt


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("repeat", ["safe", "refused", "never"])
def test_fault_20_a_refused_token_is_renewed_once(status: int, repeat: Repeat, clock: Clock) -> None:
    script = Script(clock, status, 200)
    assert _caller(script, clock).send(CALL, repeat).status == 200
    assert script.sent == ["Bearer first", "Bearer second"]


def test_fault_20_refused_again_is_a_credential_error(clock: Clock) -> None:
    script = Script(clock, 401, 403, 200)
    with pytest.raises(CredentialError, match="403"):
        _caller(script, clock).send(CALL, "safe")
    assert len(script.sent) == 2


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_what_may_well_be_refused_is_tried_once_and_renews_no_token(status: int, clock: Clock) -> None:
    script = Script(clock, status, 200)
    assert ReadSession(_caller(script, clock), "https://h").try_get("/list").status == status
    assert script.sent == ["Bearer first"]


def test_basic_is_refused_at_once(clock: Clock) -> None:
    script = Script(clock, 401, 200)
    with pytest.raises(CredentialError):
        Caller(_repeater(script, clock), Fixed(Secret("Basic abcdefgh"))).send(CALL, "safe")
    assert len(script.sent) == 1


def test_a_call_without_a_token_was_not_sent(clock: Clock) -> None:
    class Broken(Renewable):
        def header(self) -> Secret:
            raise AnswerError("the token is garbage")

    script = Script(clock, 200)
    with pytest.raises(NoResponseError, match="garbage") as caught:
        Caller(_repeater(script, clock), Broken()).send(CALL, "never")
    assert not caught.value.sent
    assert script.sent == []


def test_reading_and_writing_are_separate_types() -> None:
    def verbs(session: type) -> set[str]:
        return {name for name in dir(session) if not name.startswith("_")}

    assert verbs(ReadSession) == {"get", "try_get"}
    assert verbs(WriteSession) == {"post", "put", "delete", "clear"}
