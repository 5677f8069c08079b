"""What the tests of the ledger share: a clock to turn, processes to be, and a run that does what runs do."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scopesync.audit.actor import Process, Who
from scopesync.audit.ledger.run_log import Start
from scopesync.plan.types import Call
from tests.support.builders import TENANT, desired, live, planned, school

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sqlalchemy import Connection

    from scopesync.audit.ledger.book import Ledger
    from scopesync.audit.ledger.run_log import RunLog
    from scopesync.model import DesiredTenant

WHO = Who(user="lisa", host="laptop", ci_url="https://ci.example/1", commit="c0ffee", dirty=False)
HERE = Process(host="laptop", place="boot-1", pid=11, started="100")
NEIGHBOUR = Process(host="laptop", place="boot-1", pid=12, started="200")
ELSEWHERE = Process(host="runner", place="boot-2", pid=11, started="100")

BEFORE = live([school("a"), school("b")])
AFTER = live([school("a"), school("c")])
DESIRED = desired([school("a"), school("c")])
PLAN = planned(DESIRED, BEFORE)
ADD = Call(1, "schools", "POST", "/tenant/scoping/schools", {"replace": "false"}, 1)
REMOVE = Call(2, "schools", "DELETE", "/tenant/scoping/schools/b", {}, 0)


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 14, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def plain(text: str) -> str:
    """A mask that has nothing to hide."""
    return text


def everybody_lives(_: Process) -> bool:
    return True


def nobody_lives(_: Process) -> bool:
    return False


def protecting(keys: Collection[str]) -> DesiredTenant:
    """What is wanted, with those schools protected."""
    schools = DESIRED.lists["schools"]
    rows = tuple(row._replace(protect=row.fields["school_id"] in keys) for row in schools.rows)
    return replace(DESIRED, lists={"schools": replace(schools, rows=rows)})


@contextmanager
def running(
    ledger: Ledger,
    *,
    process: Process = HERE,
    alive: Callable[[Process], bool] = everybody_lives,
    protect: str = "a",
) -> Iterator[RunLog]:
    """A run of that process, with files in which those schools are protected."""
    wanted = {TENANT.id: protecting(protect)}
    with ledger.run(Start("apply", WHO, "1.0", {"digest": "sha256:d"}, wanted), process, alive=alive) as run:
        yield run


def applied(ledger: Ledger, *, process: Process = HERE) -> int:
    """A whole run: one tenant, two calls, everything well. Its number."""
    with running(ledger, process=process) as run:
        with run.tenant(PLAN) as log:
            log.before(BEFORE)
            for call, keys in ((ADD, ["c"]), (REMOVE, ["b"])):
                log.answered(log.intend(call, keys))
            log.after(AFTER)
            log.ended("applied")
        run.ended("applied")
    return run.id


@contextmanager
def vandal(ledger: Ledger) -> Iterator[Connection]:
    """A way into the ledger's tables for somebody who has no business there."""
    with ledger._database.writing() as connection:
        yield connection


def ledger_place(text: str) -> Path | str:
    """A place as a command line gives it: a URL, or the path of a file."""
    return text if "://" in text else Path(text)
