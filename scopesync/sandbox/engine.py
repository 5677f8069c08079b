"""The engine: a request in, a response out, and a record of both. Pure standard library, no socket.

Belongs here: finding the operation, the credential and the answer, in that order. Does not belong here: the operations
themselves (`tenants`, `scoping`), HTTP servers (`server`), faults (a layer around `Engine.handle`).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.sandbox.behaviour import PLAIN, Behaviour
from scopesync.sandbox.credentials import Credentials
from scopesync.sandbox.fleet import VENDOR_KEY
from scopesync.sandbox.routes import ScopingCall, TenantsCall, TokenCall, route
from scopesync.sandbox.scoping import ScopingList
from scopesync.sandbox.tenants import find_tenant, list_tenants
from scopesync.sandbox.wire import Refusal, Request, Response, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.sandbox.store import Store

__all__ = ["Behaviour", "Engine", "Request", "Response", "Served"]


@dataclass(frozen=True, slots=True)
class Served:
    """One request that was answered. `tenant_id` is whose credential it carried, None where that is not known.

    `path` and `query` are as they were sent; headers and bodies are not kept: they hold secrets.
    """

    method: str
    path: str
    query: str
    status: int
    tenant_id: str | None

    @property
    def writes(self) -> bool:
        """Whether the request meant to change something (the token call does not)."""
        return self.method != "GET" and not self.path.startswith("/oauth/")


class Engine:
    """The Interop API over one store; one request at a time, from as many threads as like.

    `behaviour` may be set to another one between requests. A `read_only` engine answers 403 to every write on
    scoping, whatever it says, and records it: what talks to it can be proved to write nothing.
    """

    def __init__(
        self,
        store: Store,
        *,
        behaviour: Behaviour = PLAIN,
        clock: Callable[[], float] = time.monotonic,
        vendor_key: str = VENDOR_KEY,
        read_only: bool = False,
    ) -> None:
        self.behaviour = behaviour
        self._store = store
        self._credentials = Credentials(store, vendor_key, clock)
        self._read_only = read_only
        self._served: list[Served] = []
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        """The answer to one request; every refusal is an answer too, nothing is raised."""
        with self._lock:
            response, tenant_id = self._answer(request)
            self._served.append(Served(request.method, request.path, request.query, response.status, tenant_id))
            return response

    @property
    def served(self) -> tuple[Served, ...]:
        """Every request so far, in the order in which they were answered."""
        with self._lock:
            return tuple(self._served)

    def forget_served(self) -> None:
        """Start the record anew."""
        with self._lock:
            self._served.clear()

    def expire_tokens(self) -> None:
        """End every token now; clients that hold one get 401 until they ask for another."""
        with self._lock:
            self._credentials.expire_tokens()

    def _answer(self, request: Request) -> tuple[Response, str | None]:
        tenant_id = None
        try:
            call = route(request)
            if isinstance(call, TokenCall):
                tenant, response = self._credentials.grant(request, self.behaviour)
                return response, tenant["id"]
            if isinstance(call, TenantsCall):
                return self._to_vendor(call, request), None
            tenant = self._credentials.actor(request, self.behaviour)
            tenant_id = tenant["id"]
            self._check_write(call)
            return ScopingList(self._store, self.behaviour, tenant, call.list_name).answer(call, request), tenant_id
        except Refusal as refused:
            return refused.response, tenant_id

    def _to_vendor(self, call: TenantsCall, request: Request) -> Response:
        self._credentials.check_vendor(request)
        if call.tenant_id is None:
            return list_tenants(self._store, request, self.behaviour)
        return find_tenant(self._store, call.tenant_id)

    def _check_write(self, call: ScopingCall) -> None:
        if self._read_only and call.writes:
            raise refusal(403, "read_only", "This sandbox takes no writes.")
