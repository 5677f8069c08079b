from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from scopesync.sandbox.api.engine import Engine, Request, Response
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.faults.faulty_engine import Faulty
from scopesync.sandbox.faults.script import read_script
from scopesync.sandbox.sample_districts import District, districts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scopesync.sandbox.api.messages import Answering
    from scopesync.sandbox.api.row_fields import ListName

BASE = "/v2/interop"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _basic(user: str, password: str = "") -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Api:
    """An engine with one tenant's credential in hand: the fleet's first district, its first seven schools and courses.

    A second district, the fleet's second, has three rows in each list, so that a mix-up is seen.
    """

    engine: Engine
    store: Store
    clock: Clock
    district: District
    other: District
    credential: Mapping[str, str] = field(default_factory=dict)
    faulty: Faulty | None = None
    waits: list[float] = field(default_factory=list)

    @property
    def layer(self) -> Answering:
        return self.faulty or self.engine

    def under(self, *faults: Mapping[str, Any], seed: int = 0) -> Api:
        """The same API under a script of these faults; what it sleeps is kept in `waits`."""
        script = read_script({"seed": seed, "faults": [dict(fault) for fault in faults]})
        waits: list[float] = []
        return replace(self, faulty=Faulty(self.engine, script, sleep=waits.append), waits=waits)

    def send(self, method: str, path: str, document: Any = None, *, body: bytes | None = None) -> Response:
        sent = body if body is not None else b"" if document is None else json.dumps(document).encode()
        return self.layer.handle(Request.to(method, f"{BASE}{path}", headers=self.credential, body=sent))

    def using(self, credential: Mapping[str, str]) -> Api:
        return replace(self, credential=credential)

    def get(self, path: str) -> Response:
        return self.send("GET", path)

    def rows(self, name: ListName) -> tuple[dict[str, Any], ...]:
        return self.store.rows(self.district.id, name)

    def token_call(self, **fields: str) -> Response:
        return self.layer.handle(Request.to("POST", "/oauth/token", headers=FORM, body=urlencode(fields).encode()))

    def token(self) -> str:
        answer = self.token_call(
            grant_type="client_credentials",
            client_id=self.district.client_id,
            client_secret=self.district.client_secret,
        )
        return str(answer.document()["access_token"])


@pytest.fixture
def basic() -> Callable[..., dict[str, str]]:
    """The header of HTTP Basic for a user name and, if need be, a password."""
    return _basic


@pytest.fixture
def store() -> Store:
    store = Store.in_memory()
    for district, rows in zip(districts(), (7, 3), strict=False):
        store.put_tenant(district.record)
        store.replace(district.id, "schools", district.schools[:rows])
        store.replace(district.id, "courses", district.courses[:rows])
    return store


@pytest.fixture
def make_api(store: Store) -> Callable[..., Api]:
    """Makes an Api; takes what Engine takes."""

    def make(**options: Any) -> Api:
        clock = Clock()
        first, second = districts()[:2]
        credential = _basic(first.client_id, first.client_secret)
        return Api(Engine(store, clock=clock, **options), store, clock, first, second, credential)

    return make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    return make_api()
