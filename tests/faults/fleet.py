"""Small fleets on the sandbox's engine, in process: one tenant with lists of a given size, or several."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scopesync.environment import Environment
from scopesync.live.connection import reading, writing
from scopesync.model import Connection, DesiredTenant, Limits, SecretRef, Tenant
from scopesync.sandbox.api.behaviour import PLAIN
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.row_fields import ID_FIELD
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.faults.faulty_engine import Faulty
from scopesync.sandbox.faults.script import read_script
from scopesync.sandbox.sample_districts import VENDOR_KEY
from tests.faults.turns import Clock
from tests.support.engine_transport import engine_transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scopesync.live.connection import ReadConnection, WriteConnection
    from scopesync.model import LiveTenant
    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.row_fields import ListName

SECRET = "canary-secret"
LISTS: tuple[ListName, ...] = ("schools", "courses")


def tenant_id(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


def rows(owner: str, name: ListName, count: int) -> list[dict[str, Any]]:
    """So many rows of that tenant, with a field that nobody knows."""
    ids = (str(uuid.uuid5(uuid.UUID(owner), f"{name} {number}")) for number in range(count))
    return [{"tenant_id": owner, ID_FIELD[name]: row_id, "name": f"Row {row_id}", "extra": [1]} for row_id in ids]


def stored(*sizes: tuple[int, int]) -> Store:
    """A store with a tenant for each pair of sizes: so many schools, so many courses."""
    store = Store.in_memory()
    for number, counts in enumerate(sizes):
        owner = tenant_id(number)
        auth = {"type": "client_credentials", "client_id": f"client-{number}", "client_secret": SECRET}
        license_ = {"status": "active"}
        known = {"account": {"id": owner}, "integration": {"id": owner, "name": "Reading"}, "license": license_}
        store.put_tenant({"id": owner, "name": owner, **known, "auth": auth})
        for name, count in zip(LISTS, counts, strict=True):
            store.replace(owner, name, rows(owner, name, count))
    return store


class Fleet:
    """A store behind an engine under a script of faults, and connections to it. Time passes when somebody sleeps."""

    def __init__(
        self,
        store: Store,
        behaviour: Behaviour = PLAIN,
        *,
        page_size: int,
        vendor: bool = False,
        faults: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.store = store
        self.clock = Clock()
        self.engine = Engine(store, behaviour=behaviour, clock=self.clock)
        self.faulty = Faulty(self.engine, read_script({"faults": list(faults)}), sleep=self.clock.sleep)
        self._connection = Connection(
            "us2",
            "https://api.us2.kimonocloud.com",
            vendor_key=SecretRef("env", "VENDOR_KEY") if vendor else None,
            limits=Limits(page_size=page_size, requests_per_second=1e6),
        )

    def tenant(self, number: int) -> DesiredTenant:
        pair = (SecretRef("env", f"ID_{number}"), SecretRef("env", "SECRET"))
        return DesiredTenant(Tenant(tenant_id(number), f"t{number}"), self._connection, {}, credentials=pair)

    def read(self, number: int = 0) -> LiveTenant:
        """One tenant, over a connection of its own."""
        with self.reading() as connection:
            return connection.tenant(self.tenant(number)).read()

    def asked(self, word: str) -> int:
        """How many requests there were whose path ends so."""
        return sum(served.path.endswith(word) for served in self.engine.served)

    @contextmanager
    def reading(self) -> Iterator[ReadConnection]:
        with reading(self._connection, **self._opening()) as opened:
            yield opened

    @contextmanager
    def writing(self) -> Iterator[WriteConnection]:
        with writing(self._connection, **self._opening()) as opened:
            yield opened

    def _opening(self) -> dict[str, Any]:
        names = {f"ID_{number}": f"client-{number}" for number in range(100)}
        return {
            "environment": Environment({"SECRET": SECRET, "VENDOR_KEY": VENDOR_KEY, **names}),
            "root": Path(),
            "transport": engine_transport(self.faulty, sleep=self.clock.sleep),
            "clock": self.clock,
            "sleep": self.clock.sleep,
        }
