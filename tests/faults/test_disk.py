"""Disks that fail at an fsync: no write is sent that was not recorded, and no half plan file is left (fault 33)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest

from scopesync.audit.ledger.book import open_ledger
from scopesync.environment import Environment
from tests.faults.kill_stage import ENVIRON, Stage, stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FSYNCS = "fsync,fdatasync"


@cache
def strace_works() -> bool:
    """Whether there is a strace that may trace."""
    found = shutil.which("strace")
    command = [found or "", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "-e", f"trace={FSYNCS}", "true"]
    return found is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stage]:
    if not strace_works():
        pytest.skip("strace, which makes fsync fail, is missing here or may not trace")
    with stage(tmp_path / "project") as opened:
        yield opened


def failing(there: Stage, when: str, *words: str) -> tuple[int, int]:
    """The exit code of a command whose fsyncs fail when `when` says so (each thread counts its own), and how many."""
    log = there.root.parent / "strace.log"
    inject = ["-e", f"trace={FSYNCS}", "-e", f"inject={FSYNCS}:error=EIO:when={when}"]
    command = [sys.executable, "-m", "scopesync", "-C", str(there.root), *words]
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-o", str(log), *inject, *command],
        env={**Environment.of_process().variables, **ENVIRON},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, log.read_text("utf-8").count("(INJECTED)")


@pytest.mark.parametrize("when", [*map(str, range(1, 9)), "1+", "2+", "3+", "5+", "8+"])
def test_no_write_is_sent_that_was_not_recorded(when: str, there: Stage) -> None:
    code, injected = failing(there, when, "apply", "--yes")
    sent = sum(served.writes for served in there.gate.engine.served)
    assert injected
    # 0: it struck a checkpoint, which only tidies what is durable already; threads share the work as they come
    assert code in {0, 1, 5}
    assert sent <= _intended(there)
    assert there.run("apply", "--yes") == 0
    assert there.run("plan", "--detailed-exitcode") == 0
    assert there.run("history", "verify") == 0


@pytest.mark.parametrize("when", ["1", "2", "1+"])
def test_a_plan_file_is_whole_or_there_is_none(when: str, there: Stage) -> None:
    file = there.root / "review.json"
    code, injected = failing(there, when, "plan", "--out", str(file))
    assert injected
    assert code in {0, 1}
    assert file.exists() or code == 1
    if file.exists():
        assert json.loads(file.read_bytes())["tenants"]
        assert there.run("show", str(file)) == 0
    assert [path.name for path in there.root.iterdir() if "review.json" in path.name] in ([], ["review.json"])


def _intended(there: Stage) -> int:
    """How many calls the ledger knows of."""
    place = there.root / ".scopesync" / "ledger.db"
    if not place.exists():
        return 0
    with open_ledger(place, clock=lambda: datetime.now(UTC), mask=str) as book:
        shown = [book.show(run["id"]) for run in book.runs()]
    return sum(len(tenant["calls"]) for run in shown for tenant in run["tenants"])
