from __future__ import annotations

import json
import math
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from scopesync.errors import AnswerError, CredentialError, UnreachableError
from scopesync.live.credentials import Pair
from scopesync.live.http.client import HttpRequest, HttpResponse
from scopesync.live.http.tokens import Fixed, TokenSource, read_token, token_call, usable_s
from scopesync.secrets import Secret, mask

if TYPE_CHECKING:
    from tests.live.conftest import Clock

PAIR = Pair("client & co", Secret("canary+secret/&="))


class Issuer:
    """Answers the token call, with a life of one's choosing; each answer takes `takes` seconds."""

    def __init__(self, clock: Clock, *, takes: float = 0, **content: Any) -> None:
        self.clock = clock
        self.takes = takes
        self.content = content
        self.asked = 0

    def __call__(self, call: HttpRequest) -> HttpResponse:
        assert str(call) == "POST /oauth/token"
        self.asked += 1
        self.clock.now += self.takes
        return HttpResponse(200, json.dumps({"access_token": f"token-{self.asked}", **self.content}).encode())


def test_the_call_carries_the_pair_in_its_form() -> None:
    call = token_call(PAIR)
    assert (call.method, call.path, call.query) == ("POST", "/oauth/token", ())
    assert call.body is not None
    assert parse_qs(call.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client & co"],
        "client_secret": ["canary+secret/&="],
    }


def test_one_token_serves_until_shortly_before_its_end(clock: Clock) -> None:
    issuer = Issuer(clock, expires_in=3600)
    source = TokenSource(PAIR, issuer, clock)
    assert [source.header().reveal() for _ in range(5)] == ["Bearer token-1"] * 5
    clock.now += 3539
    assert source.header().reveal() == "Bearer token-1"
    clock.now += 2
    assert source.header().reveal() == "Bearer token-2"


@pytest.mark.parametrize("expires_in", [3600, 0, None, "soon"])
def test_fault_23_twenty_threads_one_request(clock: Clock, expires_in: Any) -> None:
    issuer = Issuer(clock, takes=5, expires_in=expires_in)
    source = TokenSource(PAIR, issuer, clock)
    start = Barrier(20)
    tokens: list[str] = []

    def need() -> None:
        start.wait()
        tokens.append(source.header().reveal())

    threads = [Thread(target=need) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tokens == ["Bearer token-1"] * 20
    assert issuer.asked == 1


def test_fault_23_who_waited_takes_the_token_however_short_its_life(clock: Clock) -> None:
    issuer = Issuer(clock, takes=5, expires_in=1)
    source = TokenSource(PAIR, issuer, clock)
    source.header()
    seen = source._token
    assert source._replace(None).reveal() == "Bearer token-1"  # what a thread does that saw none and had to wait
    assert source._token is seen
    assert issuer.asked == 1


@pytest.mark.parametrize("expires_in", [1, 0, -5, None, "text", "1", True, [], 1e308])
def test_fault_23_any_life_costs_at_most_one_request_a_need(clock: Clock, expires_in: Any) -> None:
    issuer = Issuer(clock, takes=5, expires_in=expires_in)
    source = TokenSource(PAIR, issuer, clock)
    for need in range(1, 6):
        source.header()
        assert issuer.asked <= need


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(3600, 3540), ("3600", 3540), (100, 90), (1, 0.9), (0, math.inf), (-1, math.inf), (None, math.inf)],
)
def test_for_how_long_a_token_is_used(expires_in: Any, seconds: float) -> None:
    assert usable_s(expires_in) == seconds


@pytest.mark.parametrize("expires_in", ["soon", "nan", True, [], {}, 10**400])
def test_a_life_that_is_no_number_says_nothing(expires_in: Any) -> None:
    assert usable_s(expires_in) == math.inf


def test_a_refused_token_is_renewed_once_for_all(clock: Clock) -> None:
    issuer = Issuer(clock)
    source = TokenSource(PAIR, issuer, clock)
    refused = source.header()
    renewed = [source.renew(refused), source.renew(refused)]
    assert [token.reveal() for token in renewed if token] == ["Bearer token-2", "Bearer token-2"]
    assert issuer.asked == 2


def test_basic_has_nothing_to_renew() -> None:
    basic = Fixed(Secret("Basic abcdefgh"))
    assert basic.renew(basic.header()) is None


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_pair_is_a_credential_error(status: int) -> None:
    body = json.dumps({"error": "invalid_client", "error_description": "canary+secret/&= is wrong"}).encode()
    with pytest.raises(CredentialError, match="invalid_client") as caught:
        read_token(HttpResponse(status, body))
    assert "canary" not in caught.value.message


@pytest.mark.parametrize(
    "content",
    [{}, {"access_token": None}, {"access_token": ""}, {"access_token": "a\r\nX: y"}, {"access_token": "ü"}, []],
)
def test_an_answer_without_a_usable_token(content: Any) -> None:
    with pytest.raises(AnswerError):
        read_token(HttpResponse(200, json.dumps(content).encode()))


def test_another_kind_of_token_is_not_sent() -> None:
    with pytest.raises(AnswerError, match="bearer"):
        read_token(HttpResponse(200, b'{"access_token": "abcdefgh", "token_type": "mac"}'))


def test_a_server_error_is_no_refusal() -> None:
    with pytest.raises(UnreachableError):
        read_token(HttpResponse(503, b"<html>"))


def test_tokens_are_masked() -> None:
    read_token(HttpResponse(200, b'{"access_token": "canary-of-a-token"}'))
    assert "canary-of-a-token" not in mask("Authorization: Bearer canary-of-a-token")
