"""The accounts of one connection: a credential and its calls for each tenant, each made once.

Belongs here: putting a tenant's credential, token and budget together; the vendor's records that were seen. Does
not belong here: opening and closing (`connection`), and what any of the parts does.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from scopesync.errors import CredentialError, LiveError, ScopesyncError
from scopesync.live.credentials import Pair, basic, pair_of, resolve, vendor_key
from scopesync.live.http.api_session import Caller, Clocks, Outage, ReadSession, Repeater, TimeBudget
from scopesync.live.http.tokens import Fixed, TokenProvider, TokenSource
from scopesync.live.paging import Habits
from scopesync.live.reader import TenantReader, read_own_record, read_record, read_records
from scopesync.live.vendor_records import NOT_SEEN, notes_of
from scopesync.model import Tenant
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from scopesync.live.http.client import HttpClient
    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import Connection, DesiredTenant
    from scopesync.secrets import Secret, SecretSources

LOG = logging.getLogger("scopesync.live")

CALL_BUDGETS = 3
"""One call with all its retries may take this many time-outs."""
TENANT_BUDGETS = 10
"""All failed attempts and waits of one tenant may take this many time-outs."""
VENDOR = ""
"""The key of the vendor's own account: no tenant has an empty id."""

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Account:
    """One credential: its client id, which may be shown, and the calls that are made with it."""

    client_id: str
    caller: Caller


class Once(Generic[V]):
    """A cache that makes the value of each key once, however many threads ask for it; a failure is not cached."""

    def __init__(self) -> None:
        self._values: dict[str, V] = {}
        self._locks: dict[str, Lock] = {}

    def get(self, key: str, make: Callable[[], V]) -> V:
        """The value of that key, made by `make` if it is not there; threads with other keys do not wait."""
        with self._locks.setdefault(key, Lock()):
            if key not in self._values:
                self._values[key] = make()
            return self._values[key]

    def keep(self, key: str, value: V) -> None:
        """Set the value of that key."""
        with self._locks.setdefault(key, Lock()):
            self._values[key] = value


class Accounts:
    """Accounts and records of one connection, by tenant id; thread-safe. One tenant never gets another's account."""

    def __init__(
        self, connection: Connection, origin: str, sources: SecretSources, clocks: Clocks, client: HttpClient
    ) -> None:
        self._connection = connection
        self._origin = origin
        self._sources = sources
        self._clocks = clocks
        self._client = client
        self._habits = Habits()
        self._outage = Outage()
        self._accounts: Once[Account] = Once()
        self._listing: Once[Mapping[str, TenantRecord] | None] = Once()
        self._found: Once[TenantRecord | None] = Once()
        self._own: Once[TenantRecord | None] = Once()

    def reader(self, tenant: DesiredTenant) -> TenantReader:
        """The reader of a tenant that has a file."""
        has_key = self._connection.vendor_key is not None

        def record() -> TenantRecord | None:
            return self._record(tenant.tenant.id) if has_key else self._own_record(tenant)

        def notes() -> tuple[str, ...]:
            return self._notes(tenant.tenant.id) if has_key else ()

        return self._reader(tenant.tenant, lambda: self.account(tenant), record, notes)

    def discovered(self, record: TenantRecord) -> TenantReader:
        """The reader of a tenant that has a record but no file."""
        tenant = Tenant(canonical_id(record.id), record.name)
        return self._reader(
            tenant, lambda: self._account(tenant, lambda: pair_of(record)), lambda: record, lambda: notes_of(record)
        )

    def records(self, accounts: Collection[str] = (), integrations: Collection[str] = ()) -> tuple[TenantRecord, ...]:
        """The tenants that the vendor key sees now, of these accounts and integrations where any are named.

        Raises a LiveError; also where the key sees no tenant at all.
        """
        size = self._connection.limits.page_size
        session = self._session(self._vendor())
        if accounts or integrations:
            return read_records(session, size, self._habits, accounts=accounts, integrations=integrations)
        found = read_records(session, size, self._habits)
        if not found:
            raise CredentialError(
                f"connection {self._connection.name}: the vendor key sees no tenant",
                hint="check that it is the key of this account, and that base_url is the right region",
            )
        self._listing.keep(VENDOR, _by_id(found))
        return found

    def listed(self) -> Mapping[str, TenantRecord] | None:
        """Every tenant that the vendor key sees, by its id; None where that cannot be read.

        It is requested once, even if that fails: ceil(tenants / page size) requests for the whole connection.
        """
        return self._listing.get(VENDOR, self._tried)

    def _tried(self) -> Mapping[str, TenantRecord] | None:
        size = self._connection.limits.page_size
        try:
            session = self._session(self._vendor())
            return _by_id(read_records(session, size, self._habits))
        except LiveError as error:
            LOG.info("%s: the vendor's records cannot be read: %s", self._connection.name, error)
            return None

    def account(self, tenant: DesiredTenant) -> Account:
        """The account of a tenant that has a file. Raises CredentialError, or a LiveError while looking for it."""
        if tenant.connection.name != self._connection.name:
            raise ScopesyncError(f"tenant {tenant.tenant.name} belongs to another connection; nothing was sent")
        has_key = self._connection.vendor_key is not None

        def record() -> TenantRecord | None:
            return self._record(tenant.tenant.id) if has_key else None

        return self._account(
            tenant.tenant,
            lambda: resolve(tenant.tenant, tenant.credentials, self._sources, self._connection.name, record),
        )

    def _account(self, tenant: Tenant, pair: Callable[[], Pair]) -> Account:
        return self._accounts.get(canonical_id(tenant.id), lambda: self._opened(pair()))

    def _opened(self, pair: Pair) -> Account:
        """An account for that pair, with a token source and a budget of its own."""
        repeater = self._repeater()
        authority: TokenProvider
        if self._connection.auth == "basic":
            authority = Fixed(basic(pair.client_id, pair.client_secret))
        else:
            authority = TokenSource(pair, lambda call: repeater.send(call, None, "safe"), self._clocks.monotonic)
        return Account(pair.client_id, Caller(repeater, authority))

    def _vendor(self) -> Account:
        """The vendor's account: HTTP Basic, the key as user and as password."""
        ref = self._connection.vendor_key
        if ref is None:
            raise CredentialError(
                f"connection {self._connection.name} has no vendor key",
                hint="give vendor: {api_key: env:NAME} in scopesync.yaml",
            )
        return self._accounts.get(VENDOR, lambda: self._vendors(vendor_key(ref, self._sources)))

    def _vendors(self, key: Secret) -> Account:
        return Account("vendor", Caller(self._repeater(), Fixed(basic(key.reveal(), key))))

    def _record(self, tenant_id: str) -> TenantRecord | None:
        """The record of one tenant: from the vendor's list, else requested by its id. Raises a LiveError."""
        key = canonical_id(tenant_id)
        listed = self.listed() or {}
        if key in listed:
            return listed[key]
        return self._found.get(key, lambda: read_record(self._session(self._vendor()), tenant_id))

    def _own_record(self, tenant: DesiredTenant) -> TenantRecord | None:
        """The record of a tenant as its own credential sees it, asked for once; None where it does not."""
        tenant_id = canonical_id(tenant.tenant.id)
        return self._own.get(tenant_id, lambda: read_own_record(self._session(self.account(tenant)), tenant_id))

    def _notes(self, tenant_id: str) -> tuple[str, ...]:
        """The notes on one tenant. If its record cannot be read, that is a note and no failure."""
        listed = self.listed()
        if listed is None:
            return (NOT_SEEN,)
        record = listed.get(canonical_id(tenant_id))
        return notes_of(record) if record else ()

    def _reader(
        self,
        tenant: Tenant,
        account: Callable[[], Account],
        record: Callable[[], TenantRecord | None],
        notes: Callable[[], tuple[str, ...]],
    ) -> TenantReader:
        return TenantReader(
            tenant,
            lambda: self._session(account()),
            page_size=self._connection.limits.page_size,
            habits=self._habits,
            client_id=lambda: account().client_id,
            record=record,
            notes=notes,
        )

    def _session(self, account: Account) -> ReadSession:
        return ReadSession(account.caller, self._origin)

    def _repeater(self) -> Repeater:
        timeout_s = self._connection.limits.timeout_s
        budget = TimeBudget(TENANT_BUDGETS * timeout_s)
        budget_s = CALL_BUDGETS * timeout_s
        return Repeater(self._client.exchange, self._clocks, budget, self._outage, call_budget_s=budget_s)


def _by_id(records: Iterable[TenantRecord]) -> Mapping[str, TenantRecord]:
    return {canonical_id(record.id): record for record in records}
