"""Certificates and proxies that are asked for by name, over real sockets."""

from __future__ import annotations

import logging
import ssl
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from select import select
from socket import create_connection, socket
from typing import TYPE_CHECKING

import pytest

from scopesync.errors import UsageError
from scopesync.live.http.client import HttpClient, HttpRequest, NoResponseError, SocketTransport, open_client
from scopesync.live.http.hosts import Origin
from scopesync.live.http.limiter import Limiter
from scopesync.live.http.network import DIRECT, Route, proxy_of, route_of
from scopesync.secrets import Secret, mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GET = HttpRequest("GET", "/v2/interop/tenants", (("page", "0"),))
TOKEN = Secret("Bearer canary-token")


class Api(BaseHTTPRequestHandler):
    """Answers 200 and remembers what it was sent."""

    protocol_version = "HTTP/1.1"
    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(f"{self.path} {self.headers['Authorization']}")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Tunnel(BaseHTTPRequestHandler):
    """A proxy that knows CONNECT and nothing else; `seen` is every byte that it could read, `wants` its password."""

    protocol_version = "HTTP/1.1"
    seen: list[bytes]
    wants: str | None = None

    def do_CONNECT(self) -> None:
        self.seen.append(f"{self.requestline} {self.headers['Proxy-Authorization']}".encode())
        if self.headers["Proxy-Authorization"] != self.wants:
            self.send_error(407)
            return
        host, _, port = self.path.partition(":")
        with create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            self._relay(there)
        self.close_connection = True

    def _relay(self, there: socket) -> None:
        ways = {self.connection: there, there: self.connection}
        while ready := select(list(ways), [], [], 10)[0]:
            for side in ready:
                data = side.recv(65536)
                if not data:
                    return
                self.seen.append(data)
                ways[side].sendall(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for this machine, `server.pem`, signed by an authority of our own, `ca.pem`."""
    folder = tmp_path_factory.mktemp("authority")
    openssl = partial(subprocess.run, check=True, cwd=folder, capture_output=True)
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    signs = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]  # Python 3.13 and later insist on it
    openssl([*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", *signs])
    usage = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    usage += ["-addext", "subjectKeyIdentifier=hash", "-addext", "authorityKeyIdentifier=keyid"]
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key"]
    openssl([*new, *signed, "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=127.0.0.1", *usage])
    return folder


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that refuses us is the test
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def api() -> type[Api]:
    """A handler with a memory of its own."""
    return type("MyApi", (Api,), {"seen": []})


@pytest.fixture
def tunnel() -> type[Tunnel]:
    return type("MyTunnel", (Tunnel,), {"seen": []})


@pytest.fixture
def https(authority: Path, api: type[Api]) -> Iterator[int]:
    """The port of an API that speaks TLS with a certificate of our authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem", authority / "server.key")
    with _serving(api, context) as port:
        yield port


@contextmanager
def _client(port: int, route: Route, *, scheme: str = "https") -> Iterator[HttpClient]:
    limiter = Limiter(concurrency=4, requests_per_second=1e6, clock=lambda: 0.0, sleep=lambda _: None)
    transport = SocketTransport(connections=1, scheme=scheme, route=route)
    with open_client(transport, timeout_s=10) as client:
        yield HttpClient(
            client, Origin(scheme, "127.0.0.1", port), limiter, clock=lambda: 0.0, today=lambda: 0.0, timeout_s=10
        )


def test_a_certificate_of_an_authority_that_was_named_is_believed(https: int, authority: Path, api: type[Api]) -> None:
    with _client(https, route_of(ca_file=authority / "ca.pem", proxy=None)) as wire:
        assert wire.exchange(GET, TOKEN).status == 200
    assert api.seen == ["/v2/interop/tenants?page=0 Bearer canary-token"]


def test_fault_24_no_other_certificate_is_whatever_the_environment_says(
    https: int, authority: Path, api: type[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(authority))
    with _client(https, DIRECT) as wire, pytest.raises(NoResponseError) as caught:
        wire.exchange(GET, TOKEN)
    assert not caught.value.sent
    assert api.seen == []


def test_the_named_authority_takes_the_place_of_the_usual_ones(authority: Path) -> None:
    context = route_of(ca_file=authority / "ca.pem", proxy=None).context()
    assert len(context.get_ca_certs()) == 1
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_proxy_that_was_named_sees_a_tunnel_and_no_credential(
    https: int, authority: Path, api: type[Api], tunnel: type[Tunnel], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tunnel.wants = "Basic c29tZW9uZTpjYW5hcnktcGFzc3dvcmQ="
    with _serving(tunnel) as port:
        proxy = f"http://someone:canary-password@127.0.0.1:{port}"
        with _client(https, route_of(ca_file=authority / "ca.pem", proxy=proxy)) as wire:
            assert wire.exchange(GET, TOKEN).status == 200
    assert api.seen == ["/v2/interop/tenants?page=0 Bearer canary-token"]
    assert tunnel.seen[0] == f"CONNECT 127.0.0.1:{https} HTTP/1.1 {tunnel.wants}".encode()
    through = b"".join(tunnel.seen[1:])
    assert len(through) > 1000
    assert not [told for told in (b"canary", b"interop") if told in through]
    assert "canary" not in caplog.text
    assert "c29tZW9uZT" not in caplog.text
    assert mask("canary-password") == mask("c29tZW9uZTpjYW5hcnktcGFzc3dvcmQ=") == "***"


def test_a_proxy_that_refuses_is_no_answer_and_nothing_was_sent(
    https: int, authority: Path, api: type[Api], tunnel: type[Tunnel]
) -> None:
    tunnel.wants = "Basic another"
    with _serving(tunnel) as port:
        route = route_of(ca_file=authority / "ca.pem", proxy=f"http://someone:canary-password@127.0.0.1:{port}")
        with _client(https, route) as wire, pytest.raises(NoResponseError, match="no connection") as caught:
            wire.exchange(GET, TOKEN)
    assert not caught.value.sent
    assert "canary" not in str(caught.value)
    assert api.seen == []


def test_a_certificate_that_nobody_vouches_for_is_refused_in_these_words(https: int, api: type[Api]) -> None:
    with _client(https, route_of(ca_file=None, proxy=None)) as wire, pytest.raises(NoResponseError) as caught:
        wire.exchange(GET, TOKEN)
    assert "the server's certificate is refused" in str(caught.value)
    assert "--ca-file names the CA to trust" in str(caught.value)
    assert not caught.value.sent
    assert api.seen == []


def test_what_is_plain_http_goes_past_the_proxy(api: type[Api], tunnel: type[Tunnel]) -> None:
    with _serving(tunnel) as port, _serving(api) as plain:
        route = route_of(ca_file=None, proxy=f"http://127.0.0.1:{port}")
        with _client(plain, route, scheme="http") as wire:
            assert wire.exchange(GET, TOKEN).status == 200
    assert tunnel.seen == []
    assert len(api.seen) == 1


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("http://proxy.example:3128", ("http", "proxy.example", 3128, None)),
        ("https://proxy.example/", ("https", "proxy.example", 443, None)),
        ("http://[::1]:80", ("http", "::1", 80, None)),
        ("http://me:p%40ssword@proxy.example", ("http", "proxy.example", 80, "Basic bWU6cEBzc3dvcmQ=")),
    ],
)
def test_the_urls_of_proxies(url: str, known: tuple[str, str, int, str | None]) -> None:
    proxy = proxy_of(url)
    authorization = proxy.authorization.reveal() if proxy.authorization else None
    assert (proxy.scheme, proxy.host, proxy.port, authorization) == known


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy.example:3128",
        "socks5://me:canary-word@proxy.example",
        "http://me:canary-word@:80",
        "http://me:canary-word@proxy.example:99999",
        "http://me:canary-word@proxy.example:x",
        "http://me:canary-word@proxy.example/path",
        "http://me:canary-word@proxy.example?q",
        "http://me:canary\n-word@proxy.example",
        "http://me:canary-word@[::1",
    ],
)
def test_what_is_no_proxy_is_refused_without_being_shown(url: str) -> None:
    """Fault 59."""
    with pytest.raises(UsageError) as caught:
        proxy_of(url)
    assert "canary" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.__cause__ is None


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("canary")
    for name, said in (("empty.pem", "no PEM certificates"), ("missing.pem", "No such file"), (".", "Is a directory")):
        with pytest.raises(UsageError, match=said):
            route_of(ca_file=tmp_path / name, proxy=None)
