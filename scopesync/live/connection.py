"""The entry points of this package: a connection that reads, and one that also writes.

Belongs here: wiring a host, its credentials and its limits together, and closing them again. Does not belong here:
what any of the parts does. No request is sent before the first read or write.
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scopesync.live.accounts import Accounts
from scopesync.live.http.api_session import Clocks, WriteSession
from scopesync.live.http.client import HttpClient, ReadOnlyTransport, SocketTransport, open_client
from scopesync.live.http.hosts import allowed_hosts, check_host
from scopesync.live.http.limiter import Limiter
from scopesync.live.http.network import DIRECT
from scopesync.live.writer import TenantWriter
from scopesync.secrets import SecretSources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    import httpx

    from scopesync.environment import Environment
    from scopesync.live.http.network import Route
    from scopesync.live.reader import TenantReader
    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import Connection, DesiredTenant


@contextmanager
def reading(
    connection: Connection,
    *,
    environment: Environment,
    root: Path,
    route: Route = DIRECT,
    transport: httpx.BaseTransport | None = None,
    clock: Callable[[], float] = time.monotonic,
    today: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
    jitter: Callable[[], float] = random.random,
) -> Iterator[ReadConnection]:
    """A connection that can only read, closed at the end. Raises HostError before anything is sent.

    `environment` holds secrets and allowed hosts, `root` is the project's folder, `route` names the CAs and the proxy;
    `transport` replaces the sockets (tests pass one). Two things prevent a write: no type that this yields has a method
    for it, and the transport refuses it.
    """
    clocks = Clocks(clock, today, sleep, jitter)
    with _accounts(connection, SecretSources(environment, root), clocks, route, transport, read_only=True) as accounts:
        yield ReadConnection(accounts)


@contextmanager
def writing(
    connection: Connection,
    *,
    environment: Environment,
    root: Path,
    route: Route = DIRECT,
    transport: httpx.BaseTransport | None = None,
    clock: Callable[[], float] = time.monotonic,
    today: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
    jitter: Callable[[], float] = random.random,
) -> Iterator[WriteConnection]:
    """A connection that reads and writes, closed at the end; the parameters are those of `reading`."""
    clocks = Clocks(clock, today, sleep, jitter)
    with _accounts(connection, SecretSources(environment, root), clocks, route, transport, read_only=False) as accounts:
        yield WriteConnection(accounts)


@contextmanager
def _accounts(
    connection: Connection,
    sources: SecretSources,
    clocks: Clocks,
    route: Route,
    transport: httpx.BaseTransport | None,
    *,
    read_only: bool,
) -> Iterator[Accounts]:
    origin = check_host(connection.base_url, allowed_hosts(sources.environment.allowed_hosts))
    limits = connection.limits
    limiter = Limiter(
        concurrency=limits.concurrency,
        requests_per_second=limits.requests_per_second,
        clock=clocks.monotonic,
        sleep=clocks.sleep,
    )
    sockets = transport or SocketTransport(connections=limits.concurrency, scheme=origin.scheme, route=route)
    wired = ReadOnlyTransport(sockets) if read_only else sockets
    with open_client(wired, timeout_s=limits.timeout_s) as opened:
        client = HttpClient(
            opened, origin, limiter, clock=clocks.monotonic, today=clocks.today, timeout_s=limits.timeout_s
        )
        yield Accounts(connection, str(origin), sources, clocks, client)


class ReadConnection:
    """Reads the tenants of one connection; thread-safe."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def tenant(self, tenant: DesiredTenant) -> TenantReader:
        """The reader of a tenant that has a file."""
        return self._accounts.reader(tenant)

    def records(self, accounts: Collection[str] = (), integrations: Collection[str] = ()) -> tuple[TenantRecord, ...]:
        """Every tenant that the vendor key sees; of these accounts and integrations, by id or name, if any are named.

        Raises CredentialError where there is no key, and where it sees no tenant at all; otherwise a LiveError. With
        `accounts` or `integrations` the result may be empty.
        """
        return self._accounts.records(accounts, integrations)

    def discovered(self, record: TenantRecord) -> TenantReader:
        """The reader of a tenant without a file, with the credential of its record."""
        return self._accounts.discovered(record)


class WriteConnection:
    """Reads and writes the tenants of one connection; thread-safe. A reader and a writer share one token."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def reader(self, tenant: DesiredTenant) -> TenantReader:
        """The reader of that tenant."""
        return self._accounts.reader(tenant)

    def writer(self, tenant: DesiredTenant) -> TenantWriter:
        """The writer of that tenant."""
        return TenantWriter(lambda: WriteSession(self._accounts.account(tenant).caller))
