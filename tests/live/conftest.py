"""A small Interop API of our own, so that this room's tests depend on no other room."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from scopesync.environment import Environment
from scopesync.live.connection import reading, writing
from scopesync.model import Connection, DesiredTenant, Limits, SecretRef, Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.live.connection import ReadConnection, WriteConnection
    from scopesync.live.reader import TenantReader
    from scopesync.live.writer import TenantWriter

OURS = "7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11"
BASE = "/v2/interop"
SECRET = "canary-secret"
ENVIRON = {
    "SCOPESYNC_SPRINGFIELD_CLIENT_ID": "springfield-client",
    "SCOPESYNC_SPRINGFIELD_CLIENT_SECRET": SECRET,
    "VENDOR_KEY": "canary-vendor-key",
}


class Clock:
    """Time that passes only when somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Server:
    """Answers as the vendor's page says.

    `script` holds answers, or exceptions, that come first, in order, for a method and path.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"schools": [], "courses": []})
    tenants: list[dict[str, Any]] = field(default_factory=list)
    most_rows: int = 10_000
    announces: bool = True
    token: dict[str, Any] = field(default_factory=lambda: {"token_type": "Bearer", "expires_in": 3600})
    script: dict[str, list[httpx.Response | Exception]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    tokens: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        scripted = self.script.get(f"{request.method} {request.url.path.removeprefix(BASE)}")
        if scripted:
            answer = scripted.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(BASE)
        if path == "/oauth/token":
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"canary-token-{self.tokens}", **self.token})
        if request.method != "GET":
            return httpx.Response(204 if request.method == "DELETE" else 200)
        if path == "/tenants":
            return self.page(self.tenants, request)
        if path.startswith("/tenants/"):
            found = [info for info in self.tenants if info["id"] == path.removeprefix("/tenants/")]
            return httpx.Response(200, json={"data": found[0]}) if found else httpx.Response(404)
        return self.page(self.rows[path.rsplit("/", 1)[1]], request)

    def page(self, rows: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        size = min(int(request.url.params["page_size"]), self.most_rows)
        more = self.announces and (number + 1) * size < len(rows)
        paging = {"next": str(number + 1) if more else None}
        return httpx.Response(200, json={"data": rows[number * size : (number + 1) * size], "paging": paging})

    @property
    def lines(self) -> list[str]:
        """Method and target of every request but those for tokens, without the base path."""
        targets = [f"{r.method} {r.url.raw_path.decode().removeprefix(BASE)}" for r in self.requests]
        return [line for line in targets if "/oauth/" not in line]


def school(number: int, tenant_id: str | None = OURS, **fields: Any) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "school_id": f"school-{number}", "name": f"School {number}", **fields}


def course(number: int, tenant_id: str | None = OURS, **fields: Any) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "course_id": f"course-{number}", "name": f"Course {number}", **fields}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Server:
    """Three schools and twelve courses, all ours."""
    return Server(rows={"schools": [school(n) for n in range(3)], "courses": [course(n) for n in range(12)]})


@pytest.fixture
def connection() -> Connection:
    return Connection(
        "us2",
        "https://api.us2.kimonocloud.com",
        vendor_key=SecretRef("env", "VENDOR_KEY"),
        limits=Limits(page_size=5, requests_per_second=1000, timeout_s=30),
    )


@pytest.fixture
def tenant(connection: Connection) -> DesiredTenant:
    return DesiredTenant(Tenant(OURS, "springfield"), connection, {})


@pytest.fixture
def opening(server: Server, clock: Clock) -> dict[str, Any]:
    """The parameters of `reading` and `writing` that lead to `server`, on a clock that moves when somebody sleeps."""
    return {
        "environment": Environment(ENVIRON),
        "root": Path(),
        "transport": httpx.MockTransport(server),
        "clock": clock,
        "sleep": clock.sleep,
        "today": lambda: 0.0,
        "jitter": lambda: 0.0,
    }


@pytest.fixture
def read_connection(connection: Connection, opening: dict[str, Any]) -> Iterator[ReadConnection]:
    with reading(connection, **opening) as opened:
        yield opened


@pytest.fixture
def write_connection(connection: Connection, opening: dict[str, Any]) -> Iterator[WriteConnection]:
    with writing(connection, **opening) as opened:
        yield opened


@pytest.fixture
def reader(read_connection: ReadConnection, tenant: DesiredTenant) -> TenantReader:
    return read_connection.tenant(tenant)


@pytest.fixture
def writer(write_connection: WriteConnection, tenant: DesiredTenant) -> TenantWriter:
    return write_connection.writer(tenant)


@pytest.fixture
def record() -> dict[str, Any]:
    """A TenantInfo of our tenant."""
    return {
        "id": OURS,
        "name": "Springfield",
        "account": {"id": "a", "name": "Springfield Schools"},
        "integration": {"id": "i", "name": "Reading"},
        "license": {"status": "active", "valid_from": "2024-01-01", "valid_to": None},
        "status": {"op_state": "running", "setup_state": "complete", "last_sync_at": "2025-01-01"},
        "sis_status": None,
        "auth": {"type": "oauth2", "client_id": "springfield-client", "client_secret": "canary-of-record"},
    }
