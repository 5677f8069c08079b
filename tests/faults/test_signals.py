"""Real `scopesync apply` processes that are interrupted in the middle of a call, and two at once (faults 31 and 32)."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scopesync.audit.ledger.book import open_ledger
from scopesync.environment import Environment
from tests.faults.kill_stage import ENVIRON, Stage, stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scopesync.documents import RunDocument

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
HELD = 15
"""The write that is held: an update of a school, after everything that goes before schools."""


@contextmanager
def applying(there: Stage) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "scopesync", "-C", str(there.root), "apply", "--yes"]
    environ = {**Environment.of_process().variables, **ENVIRON}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            there.gate.go_on.set()
            process.kill()


def writes(there: Stage) -> int:
    return sum(served.writes for served in there.gate.engine.served)


def told(there: Stage, number: int) -> RunDocument:
    """What the ledger says of the n-th run."""
    with open_ledger(there.root / ".scopesync" / "ledger.db", clock=lambda: datetime.now(UTC), mask=str) as book:
        assert book.verify() is None
        return book.show(sorted(run["id"] for run in book.runs())[number - 1])


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path / "project") as opened:
        opened.gate.hold_write = HELD
        yield opened


@pytest.mark.parametrize("number", CODES)
def test_a_signal_lets_the_calls_in_flight_end_and_sends_nothing_more(number: signal.Signals, there: Stage) -> None:
    """Invariant 12."""
    with applying(there) as process:
        assert there.gate.held.wait(300)
        process.send_signal(number)
        assert process.stderr is not None
        assert process.stderr.readline().startswith("interrupted: the calls in flight end, nothing more is sent")
        there.gate.go_on.set()
        _, words = process.communicate(timeout=300)
    assert process.returncode == CODES[number]
    assert "to go on: scopesync apply springfield" in words
    run = told(there, 1)
    calls = run["tenants"][0]["calls"]
    assert (run["status"], run["tenants"][0]["status"]) == ("interrupted", "interrupted")
    assert {call["outcome"] for call in calls} == {"answered"}
    assert len(calls) == writes(there) < 20
    assert there.run("apply", "--yes") == 0
    assert told(there, 2)["tenants"][0]["took_over"] is None


@pytest.mark.parametrize("number", CODES)
def test_a_second_signal_ends_at_once(number: signal.Signals, there: Stage) -> None:
    with applying(there) as process:
        assert there.gate.held.wait(300)
        process.send_signal(number)
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(number)
        assert process.wait(timeout=300) == CODES[number]
        assert not there.gate.go_on.is_set()
    assert told(there, 1)["status"] == "unfinished"
    assert there.run("apply", "--yes") == 0
    dead = told(there, 2)["tenants"][0]["took_over"]
    assert dead is not None
    assert dead["pid"] == process.pid


def test_of_two_at_once_the_second_refuses_and_names_the_first(there: Stage) -> None:
    with applying(there) as first:
        assert there.gate.held.wait(300)
        with applying(there) as second:
            out, err = second.communicate(timeout=300)
        assert second.returncode == 4
        assert f"on {socket.gethostname()} (process {first.pid}, run 1)" in out + err
    assert told(there, 2)["tenants"] == []
