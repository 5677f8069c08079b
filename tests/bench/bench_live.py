"""What reading a fleet costs, beside a bare loop of `httpx.Client` calls over the same pages: `python -m tests.bench`.

The sandbox serves in a process of its own, so that its work is not taken for ours. The bare loop has as many threads,
a client each, and does nothing but ask for the pages, by their numbers, and parse them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from scopesync.environment import Environment
from scopesync.live.connection import reading
from scopesync.live.reader import TenantReader
from scopesync.model import Connection, DesiredTenant, Limits, SecretRef, Tenant
from scopesync.sandbox.api.store import Store
from tests.bench.harness import Figure, bytes_each, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.model import LiveTenant
    from scopesync.sandbox.api.row_fields import ListName

TENANTS = 50
SIZES: dict[ListName, int] = {"schools": 200, "courses": 1_800}
ROWS = sum(SIZES.values())
PAGE = 100
THREADS = 8
SECRET = "bench-secret"
MOST_BYTES = 1536


def figures() -> Iterator[Figure]:
    """The two figures that are promised for reading a fleet."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder) / "fleet.db") as base_url:
        what = f"{TENANTS} tenants of {ROWS:,} rows read in pages of {PAGE}"
        times = ratio(lambda: _read(base_url), lambda: _bare(base_url))
        yield Figure(f"{what} : a bare loop of httpx in {THREADS} threads", times, 1.3)
        yield Figure(
            f"{what}, memory of a row", bytes_each(lambda: _read(base_url), TENANTS * ROWS), MOST_BYTES, "bytes"
        )


def _read(base_url: str) -> list[LiveTenant]:
    limits = Limits(concurrency=THREADS, requests_per_second=1e6, page_size=PAGE)
    connection = Connection("bench", base_url, limits=limits)
    environ = {f"ID_{number}": f"client-{number}" for number in range(TENANTS)} | {"SECRET": SECRET}
    with (
        reading(connection, environment=Environment(environ), root=Path()) as opened,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        readers = [opened.tenant(_tenant(number, connection)) for number in range(TENANTS)]
        return list(pool.map(TenantReader.read, readers))


def _tenant(number: int, connection: Connection) -> DesiredTenant:
    pair = (SecretRef("env", f"ID_{number}"), SecretRef("env", "SECRET"))
    return DesiredTenant(Tenant(_id(number), f"t{number}"), connection, {}, credentials=pair)


def _bare(base_url: str) -> int:
    def share(first: int) -> int:
        with httpx.Client(base_url=base_url, trust_env=False) as client:
            return sum(_pages(client, number) for number in range(first, TENANTS, THREADS))

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(share, range(THREADS)))


def _pages(client: httpx.Client, number: int) -> int:
    pair = {"client_id": f"client-{number}", "client_secret": SECRET}
    token = client.post("/oauth/token", data={"grant_type": "client_credentials", **pair}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    rows = 0
    for name, size in SIZES.items():
        for page in range(size // PAGE):
            query: dict[str, Any] = {"page": page, "page_size": PAGE}
            rows += len(client.get(f"/v2/interop/tenant/scoping/{name}", params=query, headers=headers).json()["data"])
    return rows


@contextmanager
def _serving(path: Path) -> Iterator[str]:
    """The base URL of a sandbox on that fleet, in a process of its own."""
    with closing(Store.open(path)) as store:
        for number in range(TENANTS):
            _fill(store, number)
    command = [sys.executable, "-m", "scopesync", "sandbox", "--data", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("sandbox on ").strip()
        finally:
            process.terminate()


def _fill(store: Store, number: int) -> None:
    owner = _id(number)
    auth = {"type": "client_credentials", "client_id": f"client-{number}", "client_secret": SECRET}
    store.put_tenant({"id": owner, "name": owner, "account": {"id": owner}, "auth": auth})
    for name, size in SIZES.items():
        store.replace(owner, name, [_row(owner, name, place) for place in range(size)])


def _row(owner: str, name: ListName, place: int) -> dict[str, Any]:
    ids = {f"{name[:-1]}_id": str(uuid.uuid5(uuid.UUID(owner), f"{name} {place}")), "school_id": _id(place % 200)}
    owned = {"account_id": owner, "tenant_id": owner}
    return {**owned, **ids, "name": f"Algebra {place}", "local_id": f"{place:06}", "keywords": "math", "selected": True}


def _id(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))
