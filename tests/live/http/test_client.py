"""The transport, over real sockets where only a socket can show it."""

from __future__ import annotations

import gzip
import logging
import socket
import socketserver
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from scopesync.errors import AnswerError, LiveError, ScopesyncError
from scopesync.live.http.client import (
    HttpClient,
    HttpRequest,
    NoResponseError,
    ReadOnlyTransport,
    SocketTransport,
    open_client,
)
from scopesync.live.http.hosts import Origin
from scopesync.live.http.limiter import Limiter
from scopesync.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.live.conftest import Clock

GET = HttpRequest("GET", "/v2/interop/tenants", (("page", "0"),))


class Listener(socketserver.ThreadingTCPServer):
    """A server on a free port that hands each connection to a function; `stop` is set when the test is over."""

    daemon_threads = True
    block_on_close = True

    def __init__(self, serve: Callable[[socket.socket, threading.Event], None]) -> None:
        self.stop = threading.Event()
        self.received: list[bytes] = []
        listener = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    listener.received.append(self.request.recv(65536))
                    serve(self.request, listener.stop)
                except OSError:
                    return  # the client hung up, as it should

        super().__init__(("127.0.0.1", 0), Handler)


class Recorder:
    """Says 200 to everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200)


@contextmanager
def _listening(serve: Callable[[socket.socket, threading.Event], None]) -> Iterator[Listener]:
    with Listener(serve) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield listener
        finally:
            listener.stop.set()
            listener.shutdown()
            thread.join()


@contextmanager
def _client(transport: httpx.BaseTransport, port: int = 80, **changes: Any) -> Iterator[HttpClient]:
    clock = changes.get("clock", time.monotonic)
    timeout_s = changes.get("timeout_s", 10.0)
    limiter = Limiter(concurrency=4, requests_per_second=1e6, clock=clock, sleep=lambda _: None)
    with open_client(transport, timeout_s=timeout_s) as client:
        yield HttpClient(
            client, Origin("http", "127.0.0.1", port), limiter, clock=clock, today=lambda: 0.0, timeout_s=timeout_s
        )


@contextmanager
def _to(serve: Callable[[socket.socket, threading.Event], None], **changes: Any) -> Iterator[HttpClient]:
    with ExitStack() as stack:
        port = stack.enter_context(_listening(serve)).server_address[1]
        yield stack.enter_context(_client(SocketTransport(connections=4), port, **changes))


def _sends(*chunks: bytes, for_ever: bytes = b"") -> Callable[[socket.socket, threading.Event], None]:
    """Send the chunks, and then `for_ever` again and again, until the client or the test has had enough."""

    def serve(connection: socket.socket, stop: threading.Event) -> None:
        for chunk in chunks:
            connection.sendall(chunk)
        while for_ever and not stop.is_set():
            connection.sendall(for_ever)

    return serve


def test_an_answer_is_read_whole_and_unpacked() -> None:
    body = gzip.compress(b'{"data": []}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nRetry-After: 3\r\nContent-Length: %d\r\n\r\n" % len(body)
    with _to(_sends(head, body)) as wire:
        answer = wire.exchange(GET, None)
    assert (answer.status, answer.body, answer.retry_after, answer.doubt) == (200, b'{"data": []}', "3", False)


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_fault_19_dripping_bytes_end_at_the_deadline(head: bytes, drip: bytes, clock: Clock) -> None:
    """Every byte takes a second of the test's clock: however slow the machine is, the call is sent and then ended."""

    def drips(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(head)
        while not stop.is_set():
            clock.now += 1
            connection.sendall(drip)

    with _to(drips, clock=clock, timeout_s=30) as wire, pytest.raises(NoResponseError) as caught:
        wire.exchange(GET, None)
    assert caught.value.sent


def test_fault_19_endless_headers_are_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    with _to(_sends(head, for_ever=b"X-Filler: " + b"x" * 1000 + b"\r\n")) as wire, pytest.raises(NoResponseError):
        wire.exchange(GET, None)


def test_fault_19_a_gzip_bomb_is_refused() -> None:
    bomb = gzip.compress(bytes(80 * 1024 * 1024), compresslevel=1)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with _to(_sends(head, bomb)) as wire, pytest.raises(AnswerError, match=r"GET /v2/interop/tenants: .*unpacked"):
        wire.exchange(GET, None)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"no HTTP at all\r\n\r\n",
    ],
)
def test_fault_13_a_dropped_connection_is_no_answer(answer: bytes) -> None:
    with _to(_sends(answer)) as wire, pytest.raises(NoResponseError) as caught:
        wire.exchange(GET, None)
    assert caught.value.sent
    assert "page=0" not in str(caught.value)


def test_a_connection_that_was_never_made_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        with (
            _client(SocketTransport(connections=1), taken.getsockname()[1]) as wire,
            pytest.raises(NoResponseError) as caught,
        ):
            wire.exchange(GET, None)
    assert not caught.value.sent


def test_fault_21_a_redirect_is_not_followed() -> None:
    with _listening(_sends(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as elsewhere:
        location = f"http://127.0.0.1:{elsewhere.server_address[1]}/".encode()
        redirect = b"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
        with _to(_sends(redirect)) as wire:
            assert wire.exchange(GET, Secret("Bearer canary-token")).status == 307
        assert elsewhere.received == []


def test_fault_24_proxies_certificates_and_netrc_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    with _listening(_sends(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as proxy:
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, address)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "no-such-file"))
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password canary\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with _listening(_sends(b"HTTP/1.1 204 OK\r\n\r\n")) as server:
            with _client(SocketTransport(connections=1), server.server_address[1]) as wire:
                assert wire.exchange(GET, None).status == 204
            assert b"authorization" not in server.received[0].lower()
        assert proxy.received == []


def test_a_deadline_holds_also_where_no_socket_keeps_it(clock: Clock) -> None:
    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                clock.now += 1
                yield b" "

    with _client(httpx.MockTransport(lambda _: httpx.Response(200, stream=Slow())), clock=clock) as wire:
        with pytest.raises(NoResponseError, match="in time"):
            wire.exchange(GET, None)
        assert clock.now == 1010


def test_no_cookie_is_kept() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "tenant=first; Path=/"})

    with _client(httpx.MockTransport(answer)) as wire:
        wire.exchange(GET, None)
        wire.exchange(GET, None)
    assert seen == [None, None]


@pytest.mark.parametrize(
    "path",
    [
        "/v2/interop/tenant/scoping/schools",
        "/v2/interop/tenant/scoping/schools/",
        "/v2/interop/tenant/scoping/courses//",
        "/v2/interop/tenant/scoping",
        "/v2/interop/tenant/scoping/schools/a/b",
        "/v2/interop/tenant/scoping/schools/.",
        "/v2/interop/tenant/scoping/schools/a/..",
        "/v2/interop/tenant/scoping/schools/../schools/a",
    ],
)
def test_a_delete_that_does_not_name_one_item_is_not_sent(path: str) -> None:
    server = Recorder()
    with _client(httpx.MockTransport(server)) as wire, pytest.raises(ScopesyncError, match="nothing was sent"):
        wire.exchange(HttpRequest("DELETE", path), None)
    assert server.requests == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v2/interop/tenant/scoping/schools"),
        ("DELETE", "/v2/interop/tenant/scoping/schools/a"),
        ("PUT", "/v2/interop/tenant/scoping/schools/a"),
        ("PATCH", "/v2/interop/tenant/scoping/schools/a"),
        ("POST", "/v2/interop/tenant/scoping/schools"),
        ("POST", "/oauth/token/"),
        ("POST", "/oauth/token/../../v2/interop/tenant/scoping/schools"),
        ("POST", "/oauth/token?x=1"),
        ("OPTIONS", "/v2/interop/tenants"),
    ],
)
def test_the_reading_transport_refuses_to_write(method: str, path: str) -> None:
    server = Recorder()
    transport = ReadOnlyTransport(httpx.MockTransport(server))
    with open_client(transport, timeout_s=1) as client, pytest.raises(ScopesyncError, match="only reads"):
        client.request(method, f"http://127.0.0.1{path}")
    assert server.requests == []


def test_the_log_shows_method_path_status_and_time_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    call = HttpRequest("POST", "/oauth/token", (("page", "canary-query"),), b"client_secret=canary-body")
    head = b"HTTP/1.1 200 OK\r\nX-Header: canary-answer\r\nContent-Length: 2\r\n\r\n{}"
    with _to(_sends(head)) as wire:
        wire.exchange(call, Secret("Bearer canary-token"))
    with _to(_sends(b"")) as wire, pytest.raises(LiveError):
        wire.exchange(call, Secret("Bearer canary-token"))
    assert "canary" not in caplog.text
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert lines[0].startswith("POST /oauth/token: 200, ")
    assert lines[1].startswith("POST /oauth/token: RemoteProtocolError, ")


def test_a_429_slows_the_connection_down(clock: Clock) -> None:
    limiter = Limiter(concurrency=1, requests_per_second=1, clock=clock, sleep=clock.sleep)
    answers = iter([429, 200])
    with open_client(httpx.MockTransport(lambda _: httpx.Response(next(answers))), timeout_s=1) as client:
        wire = HttpClient(client, Origin("http", "127.0.0.1", 80), limiter, clock=clock, today=lambda: 0.0, timeout_s=1)
        wire.exchange(GET, None)
        wire.exchange(GET, None)
    assert clock.slept == [2]
