"""Progress: nothing for short work, a line a second in a log, bars on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scopesync.cli.progress import _Lines
from scopesync.environment import Environment
from scopesync.operations.progress import tracking

if TYPE_CHECKING:
    from tests.cli.conftest import Live, Shell


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_totals_at_most_once_a_second_and_nothing_in_the_first() -> None:
    clock, told = Clock(), list[str]()
    lines = _Lines(told.append, clock)
    with tracking("applying", 3, lines.show) as tracker:
        for second in range(3):
            clock.now = 100.5 + second
            tracker.begun("a", 2)
            for _ in range(1000):
                tracker.sent("a")
            tracker.ended("a")
    assert told == [
        "applying: 1 of 3 tenants, 1,001 calls sent\n",
        "applying: 2 of 3 tenants, 2,001 calls sent\n",
    ]


def test_a_terminal_gets_bars_for_work_that_takes_longer(fleet: Shell, sandbox: Live) -> None:
    """A real terminal (a pty), and a limit on requests that makes reading take over a second."""
    path = fleet.root / "scopesync.yaml"
    path.write_text(path.read_text().replace("requests_per_second: 1000", "requests_per_second: 5"))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "scopesync", "-C", str(fleet.root), "plan", "--format", "json"]
    environ = {**Environment.of_process().variables, **fleet.environ, "TERM": "xterm", "COLUMNS": "100"}
    with ThreadPoolExecutor(1) as pool, (fleet.root / "plan.json").open("wb") as out:
        shown = pool.submit(_everything, ours)
        code = subprocess.run(command, stdout=out, stderr=theirs, env=environ, check=False).returncode
        os.close(theirs)
        text = shown.result()
    os.close(ours)
    assert code == 0
    assert "reading" in text
    assert "riverbend" in text
    assert not sandbox.writes


def _everything(terminal: int) -> str:
    """What is written to a terminal until nobody holds its other end."""
    chunks = []
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        chunks.append(chunk)
    return b"".join(chunks).decode()
