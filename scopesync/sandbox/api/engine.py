"""The engine: a request in, a response out, and a record of both. Pure standard library, no socket.

Belongs here: finding the operation, the credential and the answer, in that order. Does not belong here: the operations
themselves (`tenant_records`, `scoping_calls`), HTTP servers (`server`), faults (a layer around `Engine.handle`).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.sandbox.api.admission import Admission
from scopesync.sandbox.api.behaviour import PLAIN, Behaviour
from scopesync.sandbox.api.callers import Credentials
from scopesync.sandbox.api.empty_errors import with_empty_error
from scopesync.sandbox.api.messages import Refusal, Request, Response, refusal
from scopesync.sandbox.api.routes import TenantsCall, TokenCall, route
from scopesync.sandbox.api.row_fields import taken_id
from scopesync.sandbox.api.scoping_calls import ScopingCalls
from scopesync.sandbox.api.tenant_records import find_tenant, list_tenants
from scopesync.sandbox.sample_districts import VENDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scopesync.sandbox.api.routes import Call, ScopingCall
    from scopesync.sandbox.api.row_fields import ListName, Row
    from scopesync.sandbox.api.store import Store, TenantRecord

__all__ = ["Behaviour", "Engine", "Request", "Response", "Served"]


@dataclass(frozen=True, slots=True)
class Served:
    """One request that was answered. `tenant_id` is whose lists it opened, None where that is not known.

    It tells what was done, not what the client was told: a layer of faults may have lost or changed the answer.
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
    scoping, whatever it says, and records it: what talks to it can be proved to write nothing. `on_write` is called
    with every write when it is done, before the next request is looked at: what it finds in the store is the state
    right after that write. It must not call the engine.

    Whatever takes time (writes that are carried out later, reads that lag, limits) goes by `clock`, and without a
    thread: to pass time, move the clock.
    """

    def __init__(
        self,
        store: Store,
        *,
        behaviour: Behaviour = PLAIN,
        clock: Callable[[], float] = time.monotonic,
        vendor_key: str = VENDOR_KEY,
        read_only: bool = False,
        on_write: Callable[[Served], None] | None = None,
    ) -> None:
        self.behaviour = behaviour
        self._store = store
        self._credentials = Credentials(store, vendor_key, clock)
        self._read_only = read_only
        self._on_write = on_write
        self._admission = Admission(clock)
        self._scoping = ScopingCalls(store, clock, self._note_done)
        self._served: list[Served] = []
        self._lock = threading.Lock()

    def handle(self, request: Request, *, behaviour: Behaviour | None = None, opens: str | None = None) -> Response:
        """The answer to one request; every refusal is an answer too, nothing is raised.

        For this request alone a layer of faults may give another `behaviour`, and in `opens` the id of the tenant that
        the credential opens in the place of its own.
        """
        chosen = behaviour or self.behaviour
        with self._lock:
            self._scoping.do_what_is_due()
            response, tenant_id = self._answer(request, chosen, opens)
            self._served.append(_served(request, response, tenant_id))
            return with_empty_error(response, chosen)

    def do_what_is_due(self) -> None:
        """Carry out the writes that were answered before and whose time has come; every request does so first."""
        with self._lock:
            self._scoping.do_what_is_due()

    @property
    def served(self) -> tuple[Served, ...]:
        """Every request so far, in the order in which they were answered."""
        with self._lock:
            return tuple(self._served)

    def forget_served(self) -> None:
        """Start the record anew."""
        with self._lock:
            self._served.clear()

    def expire_tokens(self, tenant_id: str | None = None) -> None:
        """End every token now, or those of one tenant; clients that hold one get 401 until they ask for another."""
        with self._lock:
            self._credentials.expire_tokens(tenant_id)

    def tenant_of(self, request: Request) -> str | None:
        """The id of the tenant whose credential the request carries, None where it carries none; does nothing else."""
        with self._lock:
            try:
                return str(self._tenant(route(request), request, self.behaviour, None)["id"])
            except Refusal:
                return None

    def rearrange(
        self, tenant_id: str, list_name: ListName, change: Callable[[tuple[Row, ...]], Iterable[Row]]
    ) -> None:
        """Change a list between two requests, as another client would; that is no request, and is not recorded."""
        with self._lock:
            self._store.replace(tenant_id, list_name, change(self._store.rows(tenant_id, list_name)))

    def _answer(self, request: Request, behaviour: Behaviour, opens: str | None) -> tuple[Response, str | None]:
        tenant_id = None
        try:
            self._admission.admit(behaviour)
            call = route(request)
            if isinstance(call, TenantsCall):
                return self._to_vendor(call, request, behaviour, opens), None
            tenant = self._tenant(call, request, behaviour, opens)
            tenant_id = tenant["id"]
            if isinstance(call, TokenCall):
                return self._credentials.granted_to(tenant, behaviour), tenant_id
            self._check_write(call)
            return self._scoping.answer(call, request, tenant, behaviour), tenant_id
        except Refusal as refused:
            return refused.response, tenant_id

    def _tenant(self, call: Call, request: Request, behaviour: Behaviour, opens: str | None) -> TenantRecord:
        find = self._credentials.client if isinstance(call, TokenCall) else self._credentials.actor
        tenant = find(request, behaviour)
        return tenant if opens is None else self._credentials.swapped(opens)

    def _to_vendor(self, call: TenantsCall, request: Request, behaviour: Behaviour, opens: str | None) -> Response:
        if call.tenant_id is None:
            self._credentials.check_vendor(request)
            return list_tenants(self._store, request, behaviour)
        if not self._tenant_finds_itself(call, request, behaviour, opens):
            self._credentials.check_vendor(request)
        return find_tenant(self._store, call.tenant_id, behaviour)

    def _tenant_finds_itself(
        self, call: TenantsCall, request: Request, behaviour: Behaviour, opens: str | None
    ) -> bool:
        """Whether a tenant's own credential asks for its own record, on a server that has an answer to that."""
        if behaviour.tenant_finds_itself == "unauthorized":
            return False
        try:
            tenant = self._tenant(call, request, behaviour, opens)
        except Refusal:
            return False  # it may be the vendor's key
        asked_for = taken_id(call.tenant_id or "", behaviour.id_spelling).lower()
        if behaviour.tenant_finds_itself == "forbidden" or asked_for != tenant["id"].lower():
            raise refusal(403, "forbidden", "This is the vendor's call.")
        return True

    def _note_done(self, request: Request, response: Response, tenant_id: str) -> None:
        if self._on_write is not None:
            self._on_write(_served(request, response, tenant_id))

    def _check_write(self, call: ScopingCall) -> None:
        if self._read_only and call.writes:
            raise refusal(403, "read_only", "This sandbox takes no writes.")


def _served(request: Request, response: Response, tenant_id: str | None) -> Served:
    return Served(request.method, request.path, request.query, response.status, tenant_id)
