"""A layer of faults around the engine: it takes what the engine takes, and answers what a script makes of it.

Belongs here: counting the requests and letting the effects wrap the work. Does not belong here: any single fault.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scopesync.sandbox.faults.conditions import chance, facts_of
from scopesync.sandbox.faults.effects import Exchange
from scopesync.sandbox.faults.script import NO_FAULTS, Script

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.sandbox.api.engine import Engine
    from scopesync.sandbox.api.messages import Request, Response
    from scopesync.sandbox.faults.conditions import Facts
    from scopesync.sandbox.faults.script import Fault


@dataclass(frozen=True, slots=True)
class Struck:
    """One request that a fault struck; `number` counts every request of the script's run from 1."""

    number: int
    fault: str
    method: str
    path: str
    query: str
    tenant_id: str | None


class Faulty:
    """An engine whose answers a script spoils. The same script and the same requests give the same answers.

    Usable from as many threads as like; `sleep` does the waiting of delays, in the thread of the request. What an
    answer's `sending` asks for is done by whoever sends it: the server, or a test's transport.
    """

    def __init__(
        self, engine: Engine, script: Script = NO_FAULTS, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.engine = engine
        self._sleep = sleep
        self._lock = threading.Lock()
        self.use(script)

    def use(self, script: Script) -> None:
        """Play this script from its start, in the place of the one before."""
        with self._lock:
            self._script = script
            self._requests = 0
            self._met: Counter[tuple[int, str | None]] = Counter()
            self._hits: Counter[tuple[int, str | None]] = Counter()
            self._struck: list[Struck] = []

    @property
    def script(self) -> Script:
        """The script that is played."""
        return self._script

    @property
    def struck(self) -> tuple[Struck, ...]:
        """Every fault that struck since the script was set, in order: one entry for each fault of a request."""
        with self._lock:
            return tuple(self._struck)

    def forget_struck(self) -> None:
        """Start the record anew; the script plays on."""
        with self._lock:
            self._struck.clear()

    def handle(self, request: Request) -> Response:
        """The answer to one request, as far as there is one: `sending` says what becomes of it on its way."""
        facts = facts_of(request, self.engine)
        proceed: Callable[[Exchange], Response] = Exchange.work
        for effect in reversed([effect for fault in self._striking(request, facts) for effect in fault.effects]):
            proceed = partial(effect.around, proceed=proceed)
        return proceed(Exchange(request, facts, self.engine, self._sleep, self.engine.behaviour))

    def _striking(self, request: Request, facts: Facts) -> list[Fault]:
        """The faults that strike the request, once it is counted."""
        with self._lock:
            self._requests += 1
            faults = [fault for index, fault in enumerate(self._script.faults) if self._strikes(index, fault, facts)]
            where = (request.method, request.path, request.query, facts.tenant_id)
            self._struck += [Struck(self._requests, fault.name, *where) for fault in faults]
            return faults

    def _strikes(self, index: int, fault: Fault, facts: Facts) -> bool:
        if not fault.when.meets(facts):
            return False
        count = (index, facts.tenant_id if fault.when.per_tenant else None)
        self._met[count] += 1
        draw = chance(self._script.seed, *count, self._met[count])
        strikes = fault.when.strikes(self._met[count], struck=self._hits[count], draw=draw)
        self._hits[count] += strikes
        return strikes
