"""A project whose apply is about forty calls, a sandbox for it that a test may hold or make kill, and processes.

`applying` runs a command in a process of its own: a fork of a server that has everything imported, so that a killed one
costs little.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from scopesync.cli.main import main
from scopesync.model import KINDS
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.context import ForkServerProcess

    from scopesync.sandbox.api.messages import Request, Response

TENANT = str(uuid.UUID(int=7, version=4))
ENVIRON = {"SCOPESYNC_SPRINGFIELD_CLIENT_ID": "client", "SCOPESYNC_SPRINGFIELD_CLIENT_SECRET": "canary-secret"}
PROJECT = """\
version: 1
tenants: tenants/*.yaml
connections:
  us2:
    base_url: {base_url}
    limits: {{requests_per_second: 1000, rows_per_call: 3, concurrency: 4}}
guards:
  max_removals: {{percent: 100}}
  max_additions: {{percent: 1000}}
  max_updates: {{percent: 100}}
"""

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    ["tests.faults.kill_stage", "scopesync.cli.commands.apply", "scopesync.operations.applying"]
)


class Gate:
    """An engine behind a gate: it kills a process at the n-th request, or holds the n-th write until it is let go."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.requests = 0
        self.kill_at: int | None = None
        self.works_first = False
        self.hold_write: int | None = None
        self.held, self.go_on = Event(), Event()
        self._writes = 0
        self._pid, self._known = 0, Event()
        self._lock = Lock()

    def victim(self, pid: int) -> None:
        """Say whom to kill."""
        self._pid = pid
        self._known.set()

    def handle(self, request: Request) -> Response:
        """The engine's answer, to whoever is still there to hear it."""
        with self._lock:
            self.requests += 1
            fatal = self.requests == self.kill_at
            self._writes += request.method != "GET" and not request.path.startswith("/oauth/")
            held = self._writes == self.hold_write and not self.held.is_set()
            if held:
                self.held.set()
        if held:
            self.go_on.wait(30)
        response = self.engine.handle(request) if not fatal or self.works_first else None
        if fatal:
            self._known.wait(30)
            os.kill(self._pid, signal.SIGKILL)
        return response or self.engine.handle(_nothing(request))


def _nothing(request: Request) -> Request:
    """A request that does nothing, for an answer that nobody hears."""
    return type(request)("GET", "/nowhere", "", request.headers, b"", request.scheme)


class Stage:
    """A project in a folder, its sandbox, and what is live there."""

    def __init__(self, root: Path, gate: Gate, store: Store) -> None:
        self.root = root
        self.gate = gate
        self._store = store

    @property
    def lists(self) -> dict[str, list[str]]:
        """Both lists as texts, in no order of their own."""
        return {
            kind.name: sorted(json.dumps(row, sort_keys=True) for row in self._store.rows(TENANT, kind.name))
            for kind in KINDS
        }

    def run(self, *words: str) -> int:
        """A command in this process: its exit code."""
        return main(["-C", str(self.root), *words], environ=ENVIRON)

    def applying(self) -> ForkServerProcess:
        """An apply in a process of its own, started."""
        process = _PROCESSES.Process(target=_apply, args=(str(self.root),))
        process.start()
        return process


@contextmanager
def stage(root: Path) -> Iterator[Stage]:
    """The project and its sandbox, while the block lasts."""
    store = Store.in_memory()
    auth = {"type": "client_credentials", "client_id": "client", "client_secret": "canary-secret"}
    store.put_tenant({"id": TENANT, "name": "springfield", "account": {"id": TENANT}, "auth": auth})
    schools, courses = _live()
    store.replace(TENANT, "schools", schools)
    store.replace(TENANT, "courses", courses)
    gate = Gate(Engine(store))
    with running(gate) as server:
        root.mkdir()
        (root / "scopesync.yaml").write_text(PROJECT.format(base_url=server.base_url), "utf-8")
        (root / "tenants").mkdir()
        tenant = {"version": 1, "tenant": TENANT, "name": "springfield", **_wanted()}
        (root / "tenants" / "springfield.yaml").write_text(json.dumps(tenant, indent=1), "utf-8")
        yield Stage(root, gate, store)


def _live() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    schools = [{"tenant_id": TENANT, "account_id": TENANT, **_school(n), "extra": n} for n in range(8)]
    courses = [{"tenant_id": TENANT, "account_id": TENANT, **_course(n, n % 8), "extra": n} for n in range(36)]
    return schools, courses


def _wanted() -> dict[str, Sequence[dict[str, Any]]]:
    """Two schools leave and three arrive; of the courses twelve leave, eighteen move or are renamed, nine arrive."""
    schools = [{**_school(n), **({"name": "Renamed"} if n < 5 else {})} for n in (*range(2, 8), 20, 21, 22)]
    courses = [_course(n, n % 8 if n % 8 > 1 else 20, name="Moved") for n in range(16)]
    courses += [_course(n, n % 8 if n % 8 > 1 else 21) for n in range(16, 24)]
    return {"schools": schools, "courses": [*courses, *(_course(n, 22) for n in range(40, 49))]}


def _school(number: int) -> dict[str, Any]:
    return {"school_id": _id("school", number), "name": f"School {number}", "selected": True}


def _course(number: int, school: int, *, name: str = "Course") -> dict[str, Any]:
    ids = {"course_id": _id("course", number), "school_id": _id("school", school)}
    return {**ids, "name": f"{name} {number}", "selected": True}


def _id(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.UUID(TENANT), f"{kind} {number}"))


def _apply(root: str) -> None:
    with Path(os.devnull).open("w", encoding="utf-8") as nothing:
        sys.stdout = sys.stderr = nothing
        sys.exit(main(["-C", root, "apply", "--yes"], environ=ENVIRON))
