"""The engine behind a real socket, on the loopback interface only.

Belongs here: HTTP in and out, starting and stopping; the only module that needs the extra `sandbox`.
Does not belong here: any rule of the API.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from scopesync.sandbox.api.messages import Request
from scopesync.sandbox.setup_error import SandboxError
from scopesync.sandbox.transmission import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from scopesync.sandbox.api.messages import Answering, Response

_LOOPBACK = "127.0.0.1"
_GRACE_S = 5
_BACKLOG = 2048
_LAST_PORT = 65535
_LISTEN_EVERY_S = 1.0
"""On Windows a signal is handled between two waits, never during one."""


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that listens. `base_url` has no slash at its end: `http://127.0.0.1:8123`."""

    base_url: str


def app(engine: Answering) -> ASGIApp:
    """The engine as an ASGI application: every method and every path goes to it as it was sent."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpRequest(scope, receive)
        path = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        request = Request(http.method, path, query, dict(http.headers), await http.body())
        response = await run_in_threadpool(engine.handle, request)
        if response.sending == WHOLE:
            await HttpResponse(response.body, response.status, response.headers)(scope, receive, send)
        elif response.sending.drops:
            await _end(scope["state"]["transport"], receive)
        else:
            await _send_in_pieces(response, scope, receive, send)

    return answer


class _Connection(H11Protocol):
    """A connection that the application may end as it likes: ASGI has no word for that, so its state carries it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


async def _send_in_pieces(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """The answer as its `sending` says, for as long as the client listens."""
    transport = scope["state"]["transport"]
    await send({"type": "http.response.start", "status": response.status, "headers": _headers(response)})
    try:
        for piece in response.pieces():
            await asyncio.sleep(response.sending.pause_s)  # also without a pause: other connections need their turn
            if transport.is_closing():
                return await _end(transport, receive)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except ConnectionResetError:
        await _end(transport, receive)
    else:
        await send({"type": "http.response.body"})


def _headers(response: Response) -> list[tuple[bytes, bytes]]:
    length = response.sending.length(response.body) if response.has_body else None
    headers = {**response.headers, **({} if length is None else {"Content-Length": str(length)})}
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _end(transport: asyncio.Transport, receive: Receive) -> None:
    """Close the connection behind what was sent so far, and wait until it is closed: uvicorn then asks for no more."""
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


@contextmanager
def running(engine: Answering, *, port: int = 0) -> Iterator[RunningSandbox]:
    """A sandbox on 127.0.0.1 for as long as the block lasts; port 0 takes a free one.

    The socket listens before the block starts: an early connection waits in its queue, none is refused.
    Raises SandboxError when the port is taken or is none.
    """
    with closing(_listening(port)) as listener:
        server = uvicorn.Server(_config(engine))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
        thread.start()
        try:
            yield RunningSandbox(f"http://{_LOOPBACK}:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join()


def serve(engine: Answering, *, port: int, on_ready: Callable[[str], None]) -> None:
    """Run a sandbox until SIGINT or SIGTERM, then end in good order; `on_ready` gets the base URL once it listens.

    For the main thread only, for only that one may handle signals. Raises SandboxError when the port is taken.
    """
    with _ended_by_signal() as ended, running(engine, port=port) as sandbox:
        on_ready(sandbox.base_url)
        while not ended.wait(_LISTEN_EVERY_S):
            pass


def _config(engine: Answering) -> uvicorn.Config:
    return uvicorn.Config(
        app(engine),
        http=_Connection,
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )


def _listening(port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise SandboxError(f"{port} is no port: choose one from 1 to {_LAST_PORT}, or 0 for a free one")
    # the protocol must be named: asyncio sets TCP_NODELAY only then, and without it every answer takes 40 ms more
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows the option would let another program listen on the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise SandboxError(f"cannot listen on {_LOOPBACK}:{port}: {error}; choose another port") from error
    return listener


@contextmanager
def _ended_by_signal() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; their former handlers are back afterwards."""
    ended = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    former = {number: signal.signal(number, lambda *_: ended.set()) for number in signals}
    try:
        yield ended
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
