"""One HTTP exchange at a time: the only place that touches httpx.

Belongs here: how the client is built (nothing from the environment, no redirects, no cookies, TLS verified), the
deadline, the size limits, the log line, and the exception of a failed exchange. Does not belong here: credentials,
retries, the meaning of a status.
"""

from __future__ import annotations

import logging
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlencode

import httpcore
import httpx

from scopesync.errors import AnswerError, ScopesyncError, UnreachableError
from scopesync.live.http.body import read_body
from scopesync.live.http.deadline import DeadlineBackend, within
from scopesync.live.http.network import DIRECT
from scopesync.live.http.retry import TOO_MANY, UNAVAILABLE, advised_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scopesync.live.http.deadline import Deadline
    from scopesync.live.http.hosts import Origin
    from scopesync.live.http.limiter import Limiter
    from scopesync.live.http.network import Proxy, Route
    from scopesync.secrets import Secret

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path, not a secret
INTEROP = "/v2/interop"

LOG = logging.getLogger("scopesync.live")

_WHOLE_ITEM = re.compile(rf"{INTEROP}/tenant/scoping/(?:schools|courses)/[^/?#]+")
_IDLE_S = 5.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. `path` is percent-encoded. Without `clears`, a DELETE of a whole list is refused."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content_type: str = "application/json"
    clears: bool = False

    def __str__(self) -> str:
        """Method and path, for messages and logs; never the query, which may hold a page token."""
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether it changes something on the server, as all but GET do (tokens are requested without a `Caller`)."""
        return self.method != "GET"

    @property
    def target(self) -> bytes:
        """Path and query, exactly as the request line must hold them."""
        target = self.path
        if self.query:
            target = f"{self.path}?{urlencode(self.query)}"
        return target.encode("ascii")


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete response of any status; the body is unpacked.

    `doubt`: an earlier attempt of the same call failed, and the server may have carried it out.
    """

    status: int
    body: bytes
    retry_after: str | None = None
    doubt: bool = False


class NoResponseError(UnreachableError):
    """No complete response arrived. `sent` is False when the request was certainly not sent."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class HttpClient:
    """Exchanges with one origin, shared by all its tenants; thread-safe. It keeps no state but open sockets."""

    def __init__(
        self,
        client: httpx.Client,
        origin: Origin,
        limiter: Limiter,
        *,
        clock: Callable[[], float],
        today: Callable[[], float],
        timeout_s: float,
    ) -> None:
        self._client = client
        self._origin = origin
        self._limiter = limiter
        self._clock = clock
        self._today = today
        self._timeout_s = timeout_s

    def exchange(self, call: HttpRequest, authorization: Secret | None) -> HttpResponse:
        """Send once and read the response within the time-out. Raises NoResponseError; AnswerError if too large."""
        request = self._request(call, authorization)
        with self._limiter.turn():
            begun = self._clock()
            try:
                answer = self._send(request, call)
            except NoResponseError as error:
                LOG.info("%s: %s, %.3f s", call, type(error.__cause__).__name__, self._clock() - begun)
                raise
            LOG.info("%s: %d, %.3f s", call, answer.status, self._clock() - begun)
        self._adapt(answer, begun)
        return answer

    def _adapt(self, answer: HttpResponse, begun: float) -> None:
        """Slow down every call of the connection after a 429, and pause them for as long as `Retry-After` asks."""
        if answer.status not in (TOO_MANY, UNAVAILABLE):
            return
        if answer.status == TOO_MANY:
            self._limiter.slow_down(begun)
        self._limiter.pause(advised_wait(answer.retry_after, self._today()) or 0.0)

    def _request(self, call: HttpRequest, authorization: Secret | None) -> httpx.Request:
        """The request. Raises ScopesyncError if httpx would not send exactly `call.target`: it resolves `..`."""
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        if not call.writes:
            headers["Cache-Control"] = "no-cache"  # a cache in between may serve the list as it was before a write
        if call.body is not None:
            headers["Content-Type"] = call.content_type
        if authorization is not None:
            headers["Authorization"] = authorization.reveal()
        url = f"{self._origin}{call.target.decode()}"
        request = self._client.build_request(call.method, url, headers=headers, content=call.body)
        if request.url.raw_path != call.target:
            raise ScopesyncError(f"{call}: the path would be sent as another one; nothing was sent")
        if call.method == "DELETE" and not call.clears and not _WHOLE_ITEM.fullmatch(call.path):
            raise ScopesyncError(f"{call}: this would clear a whole list; nothing was sent")
        return request

    def _send(self, request: httpx.Request, call: HttpRequest) -> HttpResponse:
        with within(self._timeout_s, self._clock) as deadline, _translated(call):
            response = self._client.send(request, stream=True)
            try:
                body = read_body(_chunks(response, deadline), response.headers.get("Content-Encoding", "").lower())
            finally:
                response.close()
        return HttpResponse(response.status_code, body, response.headers.get("Retry-After"))


def _chunks(response: httpx.Response, deadline: Deadline) -> Iterator[bytes]:
    """The body as it arrives, packed. The deadline is checked here too: a transport in a test has no sockets."""
    assert isinstance(response.stream, httpx.SyncByteStream)
    for chunk in response.stream:
        if deadline.passed:
            raise httpx.ReadTimeout("the deadline of the call has passed")
        yield chunk


@contextmanager
def _translated(call: HttpRequest) -> Iterator[None]:
    """Translate the exceptions of httpx into ours, and name the call."""
    try:
        yield
    except AnswerError as error:
        raise AnswerError(f"{call}: {error}") from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise NoResponseError(f"{call}: no connection could be made; {_why_not(error)}", sent=False) from error
    except httpx.InvalidURL as error:
        raise NoResponseError(f"{call}: the request cannot be written as a URL", sent=False) from error
    except httpx.TimeoutException as error:
        raise NoResponseError(f"{call}: no whole answer in time", sent=True) from error
    except httpx.TransportError as error:
        raise NoResponseError(f"{call}: the connection broke ({type(error).__name__})", sent=True) from error


def _why_not(error: BaseException | None) -> str:
    """Why a connection could not be made, as far as it is known: the certificate, if that was rejected."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the server's certificate is refused ({error.verify_message}); --ca-file names the CA to trust"
        error = error.__cause__ or error.__context__
    return "is base_url right, and the server there?"


class ReadOnlyTransport(httpx.BaseTransport):
    """A transport that cannot write: it passes GET, and POST to exactly the token path."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on a request that reads. Raises ScopesyncError on any other, before anything is sent."""
        is_token = request.method == "POST" and request.url.raw_path == TOKEN_PATH.encode()
        if request.method != "GET" and not is_token:
            raise ScopesyncError(f"{request.method} {request.url.path}: this connection only reads; nothing was sent")
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Close the transport beneath."""
        self._transport.close()


class SocketTransport(httpx.HTTPTransport):
    """httpx's own transport on sockets that obey the deadline; nothing is taken from the environment.

    httpx has no parameter for the network backend, so its pool is replaced by an equal one on our sockets. Through a
    proxy it opens a tunnel (CONNECT): the proxy sees the host name and an encrypted stream, never a credential.
    """

    def __init__(self, *, connections: int, scheme: str = "https", route: Route = DIRECT) -> None:
        context = route.context()
        super().__init__(verify=context, trust_env=False)
        network: _Network = {
            "ssl_context": context,
            "max_connections": connections,
            "max_keepalive_connections": connections,
            "keepalive_expiry": _IDLE_S,
            "network_backend": DeadlineBackend(),
        }
        if route.proxy is None or scheme != "https":
            self._pool = httpcore.ConnectionPool(**network)
        else:
            proxy_context = route.context() if route.proxy.scheme == "https" else None
            self._pool = _tunnel(route.proxy, proxy_context, network)


class _Network(TypedDict):
    """The arguments that both kinds of connection pool share."""

    ssl_context: ssl.SSLContext
    max_connections: int
    max_keepalive_connections: int
    keepalive_expiry: float
    network_backend: httpcore.NetworkBackend


def _tunnel(proxy: Proxy, context: ssl.SSLContext | None, network: _Network) -> httpcore.HTTPProxy:
    headers = []
    if proxy.authorization is not None:
        headers.append((b"Proxy-Authorization", proxy.authorization.reveal().encode()))
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(scheme=proxy.scheme.encode(), host=proxy.host.encode(), port=proxy.port, target=b"/"),
        proxy_headers=headers,
        proxy_ssl_context=context,
        **network,
    )


def open_client(transport: httpx.BaseTransport, *, timeout_s: float) -> httpx.Client:
    """A client that takes nothing from the environment, follows no redirect and keeps no cookie.

    A cookie set for one tenant would otherwise be sent with the next one's calls. The loggers of httpx and httpcore
    write whole URLs and headers at INFO and DEBUG; they are pinned to WARNING.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(
        transport=transport,
        timeout=timeout_s,
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": "scopesync"},
    )
