"""How fast one connection may be worked: requests a second, and calls in flight, over all its tenants.

Belongs here: waiting one's turn, and what a 429 does to the pace of every lane. Does not belong here: deciding whether
a failed call is sent again (`retry`).
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
"""Calls that began so shortly after the rate was halved were on their way already."""
LONGEST_PAUSE_S = 60.0
"""A longer `Retry-After` holds the lane that was given it (or ends its call), and the others only so long."""


class Limiter:
    """At most `concurrency` calls at once, and at most `requests_per_second` begun in any second; thread-safe.

    One for all lanes of a connection. A burst of 429 halves the rate once, down to a sixteenth; it comes back by time.
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
        """Hold a place among the calls in flight, from the moment at which the rate allows to begin."""
        with self._in_flight:
            while (wait := self._wait_or_begin()) > 0:
                self._sleep(wait)
            yield

    def slow_down(self, begun: float) -> None:
        """The server answered 429 to a call that began at `begun`: half as fast, once for each burst of them."""
        with self._lock:
            if begun < self._slowed_at + SAME_BURST_S:
                return
            now = self._clock()
            self._slowness = min(SLOWEST, self._slowness_at(now) * 2)
            self._slowed_at = now

    def pause(self, seconds: float) -> None:
        """The server asks to be left alone for so long: no lane begins a call before that."""
        with self._lock:
            until = self._clock() + min(seconds, LONGEST_PAUSE_S)
            self._paused_until = max(self._paused_until, until)

    def _wait_or_begin(self) -> float:
        """0 when a call begins now, which is booked; otherwise the seconds after which to ask again."""
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
        quiet_s = max(0.0, now - self._slowed_at)
        come_back: float = 0.5 ** (quiet_s / HALF_WAY_BACK_S)
        return max(1.0, self._slowness * come_back)
