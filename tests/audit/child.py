"""A process that applies: run as `python -m tests.audit.child ACTION PLACE NAME`, to be killed or waited for.

It says each step on stdout and waits for a line on stdin where a test wants it to wait.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import replace
from datetime import UTC, datetime

from scopesync.audit.actor import Who, is_running, this_process
from scopesync.audit.ledger.book import Ledger, open_ledger
from scopesync.audit.ledger.run_log import RunLog, Start
from scopesync.errors import ScopesyncError
from scopesync.model import Tenant
from tests.audit.stage import ADD, BEFORE, PLAN, ledger_place, plain

RECORDS = 60


def main(action: str, place: str, name: str) -> None:
    """Open the ledger, start a run, and do that."""
    with open_ledger(ledger_place(place), clock=lambda: datetime.now(UTC), mask=plain) as ledger:
        start = Start("apply", Who(user=name, host="test"), "1.0")
        with ledger.run(start, this_process(), alive=is_running) as run:
            {"hold": hold, "append": append, "fill": fill}[action](ledger, run, name)


def hold(_: Ledger, run: RunLog, __: str) -> None:
    """Intend a call, and never hear of it again."""
    with run.tenant(PLAN) as log:
        log.before(BEFORE)
        log.intend(ADD, ["c"])
        say("intended")
        sys.stdin.readline()


def append(_: Ledger, run: RunLog, name: str) -> None:
    """Write many records on a tenant of one's own."""
    with run.tenant(replace(PLAN, tenant=Tenant(name, name))) as log:
        for _number in range(RECORDS):
            log.answered(log.intend(ADD))
        log.ended("applied")


def fill(_: Ledger, run: RunLog, __: str) -> None:
    """Call until the disk is full: no file of this process may grow beyond some size."""
    with run.tenant(PLAN) as log:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        while True:
            say("may send" if log.intend(ADD, ["c" * 10_000]) else "")


def say(text: str) -> None:
    """One line for the test to wait for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ScopesyncError as error:
        say(f"{error.kind}: {error.message}")
        sys.exit(error.exit_code)
