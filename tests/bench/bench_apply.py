"""What applying costs, beside a bare loop of `httpx.Client` calls that sends the same ones: `python -m tests.bench`.

Every run renames all rows that the run before has named otherwise, by an item call each. Ours reads every list before
and after and writes every call into a ledger on disk, before it is sent and after; the bare loop only sends. The
sandbox serves in a process of its own, so that its work is not taken for ours.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from scopesync.apply.fleet import apply_plan
from scopesync.apply.ports import Side
from scopesync.audit.actor import Who, is_running, this_process
from scopesync.audit.ledger.book import open_ledger
from scopesync.audit.ledger.run_log import Start
from scopesync.environment import Environment
from scopesync.live.connection import writing
from scopesync.model import (
    COURSES,
    SCHOOLS,
    ChangeLimit,
    Connection,
    DesiredList,
    DesiredRow,
    DesiredTenant,
    Guards,
    Identity,
    Limits,
    LiveTenant,
    SecretRef,
    Tenant,
)
from scopesync.plan.document import to_document
from scopesync.plan.planner import plan_tenant
from scopesync.plan.types import Plan
from scopesync.row_identity import listing
from scopesync.sandbox.api.store import Store
from tests.bench.harness import Figure, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

TENANTS = 20
CALLS_EACH = 100
THREADS = 8
NAMES = ("Algebra", "Geometry")
SECRET = "bench-secret"
BOUNDLESS = Guards(ChangeLimit(None, None), ChangeLimit(None, None), ChangeLimit(None, None))


def figures() -> Iterator[Figure]:
    """The figure that is promised for applying to a fleet."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder) / "fleet.db") as base_url:
        turns = cycle((1, 0))
        plans = {name: _plan(base_url, to=name) for name in (0, 1)}
        ledger = Path(folder) / "ledger.db"
        times = ratio(lambda: _apply(base_url, plans[next(turns)], ledger), lambda: _bare(base_url, next(turns)))
        what = f"{TENANTS * CALLS_EACH:,} item calls over {TENANTS} tenants applied and recorded"
        yield Figure(f"{what} : a bare loop of httpx in {THREADS} threads", times, 1.5)


def _apply(base_url: str, plan: Plan, place: Path) -> None:
    connection = _connection(base_url)
    environ = {f"ID_{number}": f"client-{number}" for number in range(TENANTS)} | {"SECRET": SECRET}
    document = to_document(plan, tool_version="1", created_at="2026-01-01T00:00:00+00:00", source=None)
    start = Start("apply", Who("bench", "bench"), "1", plan=document)
    tenants = {_id(number): _desired(number, connection, 0) for number in range(TENANTS)}
    with (
        open_ledger(place, clock=lambda: datetime.now(UTC), mask=str) as ledger,
        ledger.run(start, this_process(), alive=is_running) as run,
        writing(connection, environment=Environment(environ), root=Path()) as opened,
    ):
        outcome = apply_plan(
            plan,
            lambda one: Side(
                opened.reader(tenants[one.tenant.id]),
                opened.writer(tenants[one.tenant.id]),
                connection.limits,
            ),
            run,
            concurrency=THREADS,
        )
        run.ended(outcome.status)
    assert outcome.status == "applied", outcome.tenants[0]
    assert sum(tenant.sent for tenant in outcome.tenants) == TENANTS * CALLS_EACH


def _bare(base_url: str, name: int) -> None:
    def share(first: int) -> None:
        with httpx.Client(base_url=base_url, trust_env=False) as client:
            for number in range(first, TENANTS, THREADS):
                _send(client, number, name)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(share, range(THREADS)))


def _send(client: httpx.Client, number: int, name: int) -> None:
    pair = {"client_id": f"client-{number}", "client_secret": SECRET}
    token = client.post("/oauth/token", data={"grant_type": "client_credentials", **pair}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for row in _rows(number, name):
        path = f"/v2/interop/tenant/scoping/courses/{row['course_id']}"
        client.put(path, json=row, headers=headers).raise_for_status()


def _plan(base_url: str, *, to: int) -> Plan:
    connection = _connection(base_url)
    return Plan(
        tuple(
            plan_tenant(_desired(number, connection, to), _live(number, 1 - to), guards=BOUNDLESS)
            for number in range(TENANTS)
        )
    )


def _live(number: int, name: int) -> LiveTenant:
    tenant = Tenant(_id(number), f"t{number}")
    courses = listing(COURSES, tuple(_rows(number, name)))
    return LiveTenant(tenant, listing(SCHOOLS, ()), courses, Identity("verified", "the rows name it"))


def _desired(number: int, connection: Connection, name: int) -> DesiredTenant:
    rows = tuple(DesiredRow({key: row[key] for key in ("course_id", "name")}) for row in _rows(number, name))
    pair = (SecretRef("env", f"ID_{number}"), SecretRef("env", "SECRET"))
    lists = {COURSES.name: DesiredList(COURSES, rows)}
    return DesiredTenant(Tenant(_id(number), f"t{number}"), connection, lists, credentials=pair)


def _connection(base_url: str) -> Connection:
    """One call may carry fewer rows than a list has: so every change is a call of its own."""
    limits = Limits(concurrency=THREADS, requests_per_second=1e6, rows_per_call=CALLS_EACH // 2)
    return Connection("bench", base_url, limits=limits)


def _rows(number: int, name: int) -> list[dict[str, Any]]:
    owner = _id(number)
    return [
        {
            "account_id": owner,
            "tenant_id": owner,
            "course_id": str(uuid.uuid5(uuid.UUID(owner), str(place))),
            "name": f"{NAMES[name]} {place}",
            "local_id": f"{place:06}",
            "keywords": "math",
            "selected": True,
        }
        for place in range(CALLS_EACH)
    ]


@contextmanager
def _serving(path: Path) -> Iterator[str]:
    """The base URL of a sandbox on that fleet, in a process of its own."""
    with closing(Store.open(path)) as store:
        for number in range(TENANTS):
            auth = {"type": "client_credentials", "client_id": f"client-{number}", "client_secret": SECRET}
            store.put_tenant({"id": _id(number), "name": f"t{number}", "account": {"id": _id(number)}, "auth": auth})
            store.replace(_id(number), "courses", _rows(number, 0))
    command = [sys.executable, "-m", "scopesync", "sandbox", "--data", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("sandbox on ").strip()
        finally:
            process.terminate()


def _id(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))
