"""The rate limit of one connection: requests per second and calls in flight, over all its tenants.

Belongs here: waiting for a turn, and how a 429 slows down all threads. Does not belong here: deciding whether a failed
call is sent again (`retry`).
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLOWEST = 16.0
HALF_WAY_BACK_S = 15.0
"""Without another 429 the rate doubles in this time: from a sixteenth it is back after a minute."""
SAME_BURST_S = 1.0
"""Calls that began within this time after the rate was halved belong to the same burst."""
LONGEST_PAUSE_S = 60.0
"""A longer `Retry-After` delays (or ends) the call that received it; all other calls wait only so long."""


class Limiter:
    """At most `concurrency` calls at once, and at most `requests_per_second` begun in any second; thread-safe.

    All threads of a connection share it. A burst of 429 halves the rate once, down to a sixteenth; time restores it.
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
        self._rate = requests_per_second
        self._begun: deque[float] = deque(maxlen=burst)
        self._slowness = 1.0
        self._slowed_at = clock() - SAME_BURST_S
        self._paused_until = clock()
        self._in_flight = BoundedSemaphore(concurrency)
        self._lock = Lock()
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a call may begin, and hold one of the `concurrency` places while it runs."""
        with self._in_flight:
            while (wait := self._wait_or_begin()) > 0:
                self._sleep(wait)
            yield

    def slow_down(self, begun: float) -> None:
        """Halve the rate after a 429 to a call that began at `begun`; once for each burst of them."""
        with self._lock:
            if begun < self._slowed_at + SAME_BURST_S:
                return
            now = self._clock()
            self._slowness = min(SLOWEST, self._slowness_at(now) * 2)
            self._slowed_at = now

    def pause(self, seconds: float) -> None:
        """Begin no call for that many seconds, as the server asks with `Retry-After`."""
        with self._lock:
            until = self._clock() + min(seconds, LONGEST_PAUSE_S)
            self._paused_until = max(self._paused_until, until)

    def _wait_or_begin(self) -> float:
        """0 when a call may begin now (it is counted as begun); otherwise the seconds to wait before asking again."""
        with self._lock:
            now = self._clock()
            wait = max(self._paused_until, self._free_at(now)) - now
            if wait > 0:
                return wait
            self._begun.append(now)
            return 0.0

    def _free_at(self, now: float) -> float:
        """When the rate allows the next call.

        A slower rate also means smaller bursts: a server that takes 10 a second refuses half of 20 at once.
        """
        rate = self._rate / self._slowness_at(now)
        most = max(1, int(rate))
        if len(self._begun) < most:
            return now
        return self._begun[-most] + most / rate

    def _slowness_at(self, now: float) -> float:
        """How many times slower than allowed calls begin now: halved with every HALF_WAY_BACK_S without a 429."""
        quiet_s = max(0.0, now - self._slowed_at)
        what_remains: float = 0.5 ** (quiet_s / HALF_WAY_BACK_S)
        return max(1.0, self._slowness * what_remains)
