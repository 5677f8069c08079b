"""Whether a server takes a request at all.

Belongs here: the limit of requests, the time of being unavailable. Does not belong here: who is asking (`callers`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scopesync.sandbox.api.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.sandbox.api.behaviour import Behaviour


@dataclass(slots=True)
class Admission:
    """The door of one server, for all its tenants together."""

    clock: Callable[[], float]
    _admitted: deque[float] = field(default_factory=deque)
    _unavailable_since: float | None = None

    def admit(self, behaviour: Behaviour) -> None:
        """Refuses with 503 while the server is unavailable, with 429 beyond its limit; what is refused counts not."""
        now = self.clock()
        if behaviour.unavailable_s:
            self._check_available(now, behaviour)
        if behaviour.requests_per_second is not None:
            self._check_rate(now, behaviour, behaviour.requests_per_second)

    def _check_available(self, now: float, behaviour: Behaviour) -> None:
        if self._unavailable_since is None:
            self._unavailable_since = now
        if now < self._unavailable_since + behaviour.unavailable_s:
            raise refusal(503, "unavailable", "The service is unavailable.")

    def _check_rate(self, now: float, behaviour: Behaviour, most: int) -> None:
        while self._admitted and self._admitted[0] <= now - 1:
            self._admitted.popleft()
        if len(self._admitted) >= most:
            wait = behaviour.retry_after_s
            headers = {} if wait is None else {"Retry-After": str(wait)}
            raise refusal(429, "too_many_requests", f"At most {most} requests a second.", headers=headers)
        self._admitted.append(now)
