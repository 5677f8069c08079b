"""The value of the `Authorization` header: an OAuth2 token that is fetched once and kept, or HTTP Basic.

Belongs here: when a token is fetched and how the response is read. Does not belong here: sending (a function is passed
in), and retries (`api_session`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from scopesync.errors import AnswerError, CredentialError
from scopesync.live.answer_shape import json_object
from scopesync.live.http.client import TOKEN_PATH, HttpRequest, HttpResponse
from scopesync.live.http.status_text import OK, body_of
from scopesync.secrets import Secret, mask

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.live.credentials import Pair

LONGEST_LEEWAY_S = 60.0
REFUSALS = (400, 401, 403)

_SENDABLE = re.compile(r"[\x21-\x7e]+")


class TokenProvider(Protocol):
    """Provides the value of the `Authorization` header."""

    def header(self) -> Secret:
        """The value to send now."""

    def renew(self, refused: Secret) -> Secret | None:
        """Another value, after the server refused `refused`; None when there is no other."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """HTTP Basic: the value never changes, so a refusal is final."""

    value: Secret

    def header(self) -> Secret:
        """The value to send."""
        return self.value

    def renew(self, refused: Secret) -> Secret | None:  # noqa: ARG002 - there is nothing to renew
        """None: there is no other."""
        return None


@dataclass(frozen=True, slots=True)
class _Token:
    value: Secret
    good_until: float


class TokenSource:
    """OAuth2 client credentials of one tenant; thread-safe: threads that need a token at once share one request.

    A thread that waited while another one fetched a token uses it even if it has expired meanwhile: otherwise a token
    that lives shorter than its request would make every thread fetch its own.
    """

    def __init__(self, pair: Pair, fetch: Callable[[HttpRequest], HttpResponse], clock: Callable[[], float]) -> None:
        self._pair = pair
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._token: _Token | None = None

    def header(self) -> Secret:
        """The current token while it is valid, a new one otherwise. Raises CredentialError when there is none."""
        seen = self._token
        if seen is not None and self._clock() < seen.good_until:
            return seen.value
        return self._replace(seen)

    def renew(self, refused: Secret) -> Secret | None:
        """A token other than the refused one; fetched unless another thread has done so already."""
        seen = self._token
        if seen is not None and seen.value is not refused:
            return seen.value
        return self._replace(seen)

    def _replace(self, seen: _Token | None) -> Secret:
        """Fetch a token in place of `seen`, unless another thread did so while this one waited for the lock."""
        with self._lock:
            if self._token is None or self._token is seen:
                self._token = self._fetched()
            return self._token.value

    def _fetched(self) -> _Token:
        """A new token. A 200 that cannot be parsed is requested once more, as in `reader.read_twice`."""
        call = token_call(self._pair)
        asked_at = self._clock()
        answer = self._fetch(call)
        try:
            token, life = read_token(answer)
        except AnswerError:
            if answer.status != OK:
                raise
            asked_at = self._clock()
            token, life = read_token(self._fetch(call))
        return _Token(token, asked_at + life)


def token_call(pair: Pair) -> HttpRequest:
    """The request for a token, with the pair in its form body."""
    form = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": pair.client_id,
            "client_secret": pair.client_secret.reveal(),
        }
    )
    return HttpRequest("POST", TOKEN_PATH, body=form.encode("ascii"), content_type="application/x-www-form-urlencoded")


def read_token(answer: HttpResponse) -> tuple[Secret, float]:
    """The header value, and for how many seconds it may be used. Raises CredentialError and AnswerError."""
    if answer.status in REFUSALS:
        raise CredentialError(
            f"POST {TOKEN_PATH} answered {answer.status}: the client id and secret are refused{_reason(answer)}",
            hint="check the tenant's client id and client secret",
        )
    content = json_object(body_of(answer, f"POST {TOKEN_PATH}"), f"POST {TOKEN_PATH}")
    token, kind = content.get("access_token"), content.get("token_type")
    if not isinstance(token, str) or not _SENDABLE.fullmatch(token):
        raise AnswerError(f"POST {TOKEN_PATH} answered without a usable access_token")
    if kind is not None and str(kind).lower() != "bearer":
        raise AnswerError(f"POST {TOKEN_PATH} answered with another kind of token than bearer")
    Secret(token)  # masked by itself too: it may appear somewhere without "Bearer" before it
    return Secret(f"Bearer {token}"), usable_s(content.get("expires_in"))


def usable_s(expires_in: Any) -> float:
    """For how many seconds a token is used before another is fetched: its life less a tenth, at most a minute.

    A life that is missing, not a number or not positive is ignored: such a token is used until it is refused.
    """
    try:
        life = float(expires_in)
    except (TypeError, ValueError, OverflowError):
        return math.inf
    is_a_life = life > 0 and not isinstance(expires_in, bool)  # false for NaN too
    if not is_a_life:
        return math.inf
    leeway = min(LONGEST_LEEWAY_S, life / 10)
    return life - leeway


def _reason(answer: HttpResponse) -> str:
    """The error code of RFC 6749, section 5.2, in brackets; empty where there is none. Nothing else is quoted."""
    try:
        code = json_object(answer.body, "").get("error")
    except AnswerError:
        return ""
    if not isinstance(code, str) or not code.isidentifier():
        return ""
    return f" ({mask(code[:40])})"
