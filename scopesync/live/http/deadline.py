"""A total deadline for one exchange, enforced at the socket: httpx only bounds each single read.

Belongs here: the deadline of the running call, and sockets that obey it. Does not belong here: deciding how long a
call may take, sending it, or reading its body.

The system's name lookup is not bounded: Python cannot interrupt it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on `clock`, in its seconds."""

    ends_at: float
    clock: Callable[[], float]

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.clock() >= self.ends_at

    def bound(self, timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
        """The shorter of `timeout` and the time left; raises `error` when none is left."""
        left = self.ends_at - self.clock()
        if left <= 0:
            raise error("the deadline of the call has passed")
        return left if timeout is None else min(timeout, left)


_RUNNING: ContextVar[Deadline | None] = ContextVar("deadline of the running call", default=None)


@contextmanager
def within(seconds: float, clock: Callable[[], float]) -> Iterator[Deadline]:
    """Bound everything that this thread sends and receives inside the block."""
    deadline = Deadline(clock() + seconds, clock)
    token = _RUNNING.set(deadline)
    try:
        yield deadline
    finally:
        _RUNNING.reset(token)


def _bounded(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    running = _RUNNING.get()
    return timeout if running is None else running.bound(timeout, error)


class DeadlineBackend(httpcore.NetworkBackend):
    """Sockets on which no operation outlasts the deadline of the running call."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection that obeys the deadline; raises httpcore.ConnectTimeout."""
        bounded = _bounded(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._backend.connect_tcp(host, port, bounded, local_address, socket_options))


class DeadlineStream(httpcore.NetworkStream):
    """One connection. It outlives the call that opened it, so each operation uses the deadline of the running call."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream itself, within the deadline."""
        return self._stream.read(max_bytes, _bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream itself, within the deadline."""
        self._stream.write(buffer, _bounded(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As the stream itself, within the deadline."""
        bounded = _bounded(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, bounded))

    def get_extra_info(self, info: str) -> Any:
        """As the stream itself."""
        return self._stream.get_extra_info(info)
