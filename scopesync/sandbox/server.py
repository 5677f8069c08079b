"""The engine behind a real socket, on the loopback interface only.

Belongs here: HTTP in and out, starting and stopping; the only module that needs the extra `sandbox`.
Does not belong here: any rule of the API.
"""

from __future__ import annotations

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

from scopesync.sandbox.errors import SandboxError
from scopesync.sandbox.wire import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from scopesync.sandbox.wire import Answering

_LOOPBACK = "127.0.0.1"
_GRACE_S = 5
_BACKLOG = 2048
_LAST_PORT = 65535


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
        await HttpResponse(response.body, response.status, response.headers)(scope, receive, send)

    return answer


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
        ended.wait()


def _config(engine: Answering) -> uvicorn.Config:
    return uvicorn.Config(
        app(engine),
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
