"""fault 52 in virtual time: many lanes against a server that takes half of what we are allowed to send."""

from __future__ import annotations

import heapq
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING

import httpx

from scopesync.environment import Environment
from scopesync.live.connection import reading
from scopesync.model import Connection, DesiredTenant, Limits, SecretRef, Tenant

if TYPE_CHECKING:
    from collections.abc import Callable

TENANTS = 20
LANES = 8
SERVERS_RATE = 10
PAGES = 12
REQUESTS = TENANTS * (PAGES + 3)  # the courses, one page of schools, a token, a record that is not shown


class VirtualTime:
    """Time that moves to the next sleeper's end as soon as every lane sleeps or has ended."""

    def __init__(self, lanes: int) -> None:
        self.now = 0.0
        self._awake = lanes
        self._ends: list[float] = []
        self._moved = Condition()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._moved:
            end = self.now + seconds
            heapq.heappush(self._ends, end)
            self._rest()
            self._moved.wait_for(lambda: self.now >= end)

    def leave(self) -> None:
        """This lane has ended."""
        with self._moved:
            self._rest()

    def _rest(self) -> None:
        self._awake -= 1
        if self._awake or not self._ends:
            return
        self.now = self._ends[0]
        while self._ends and self._ends[0] <= self.now:
            heapq.heappop(self._ends)
            self._awake += 1
        self._moved.notify_all()


class BusyServer:
    """Answers in a twentieth of a second, and with 429 whatever would be the eleventh request within a second."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time
        self._taken: deque[float] = deque()
        self.served = 0
        self.refused = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self._answer(request)
        self._time.sleep(0.05)
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        now = self._time()
        while self._taken and self._taken[0] <= now - 1:
            self._taken.popleft()
        if len(self._taken) >= SERVERS_RATE:
            self.refused += 1
            return httpx.Response(429)
        self._taken.append(now)
        self.served += 1
        if request.method == "POST":
            return httpx.Response(200, json={"access_token": "canary-token-of-the-busy-server", "expires_in": 3600})
        if "/tenants/" in request.url.path:
            return httpx.Response(404)
        number = int(request.url.params["page"])
        is_courses = request.url.path.endswith("courses")
        more = is_courses and number + 1 < PAGES
        rows = [{"course_id" if is_courses else "school_id": f"{number}-{row}"} for row in range(5 if more else 2)]
        return httpx.Response(200, json={"data": rows, "paging": {"next": str(number + 1) if more else None}})


def _lanes(time: VirtualTime, work: Callable[[int], None]) -> None:
    """Do the work of every tenant, each lane taking the next one; raises what a tenant raised."""
    waiting = deque(range(TENANTS))

    def lane() -> None:
        try:
            while waiting:
                work(waiting.popleft())
        finally:
            time.leave()

    with ThreadPoolExecutor(LANES) as pool:
        for future in [pool.submit(lane) for _ in range(LANES)]:
            future.result()


def test_fault_52_twenty_tenants_on_eight_lanes_at_twice_the_rate_of_the_server_all_succeed() -> None:
    time = VirtualTime(LANES)
    server = BusyServer(time)
    pair = (SecretRef("env", "ID"), SecretRef("env", "SECRET"))
    limits = Limits(page_size=5, requests_per_second=2 * SERVERS_RATE, concurrency=LANES)
    connection = Connection("us2", "https://api.us2.kimonocloud.com", limits=limits)
    read: list[int] = []
    with reading(
        connection,
        environment=Environment({"ID": "client", "SECRET": "canary-secret"}),
        root=Path(),
        transport=httpx.MockTransport(server),
        clock=time,
        sleep=time.sleep,
        today=lambda: 0.0,
        jitter=lambda: 0.5,
    ) as opened:

        def work(number: int) -> None:
            tenant = Tenant(f"00000000-0000-4000-8000-{number:012}", f"t{number}")
            live = opened.tenant(DesiredTenant(tenant, connection, {}, credentials=pair)).read()
            read.append(len(live.courses.rows))

        _lanes(time, work)
    assert read == [5 * (PAGES - 1) + 2] * TENANTS
    assert server.served == REQUESTS
    assert server.refused < REQUESTS / 4
    assert REQUESTS / SERVERS_RATE - 1 <= time.now <= 2 * REQUESTS / SERVERS_RATE
