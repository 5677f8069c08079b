"""How fast one connection may be worked: requests a second, and calls in flight, over all its tenants.

Belongs here: waiting one's turn. Does not belong here: deciding whether a failed call is sent again (`retry`).
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLOWEST = 16.0
RECOVERY = 0.9


class Limiter:
    """At most `concurrency` calls at once, and at most `requests_per_second` begun in any second; thread-safe.

    A 429 halves the rate, down to a sixteenth; each good answer brings a tenth of it back.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        requests_per_second: float,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        burst = max(1, int(requests_per_second))
        self._window = burst / requests_per_second
        self._begun: deque[float] = deque(maxlen=burst)
        self._slowness = 1.0
        self._in_flight = BoundedSemaphore(concurrency)
        self._lock = Lock()
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a place among the calls in flight, from the moment at which the rate allows to begin."""
        with self._in_flight:
            wait = self._reserve()
            if wait > 0:
                self._sleep(wait)
            yield

    def slow_down(self) -> None:
        """The server said 429: from now on half as fast."""
        with self._lock:
            self._slowness = min(SLOWEST, self._slowness * 2)

    def recover(self) -> None:
        """The server answered well: a little faster, up to the configured rate."""
        with self._lock:
            self._slowness = max(1.0, self._slowness * RECOVERY)

    def _reserve(self) -> float:
        """Seconds until a call may begin; its beginning is booked, so that nobody has to ask twice."""
        with self._lock:
            now = self._clock()
            full = len(self._begun) == self._begun.maxlen
            begin = max(now, self._begun[0] + self._window * self._slowness) if full else now
            self._begun.append(begin)
            return begin - now
