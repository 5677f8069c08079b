"""A real process killed by SIGKILL at every request of an apply, before and after its work, and run again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scopesync.audit.ledger.book import open_ledger
from tests.faults.kill_stage import stage

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = 57
"""What an apply that nobody disturbs sends: its plan's reads, those before, after and between legs, and the calls."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Both lists after an apply that nobody disturbs."""
    with stage(tmp_path_factory.mktemp("undisturbed") / "project") as there:
        assert there.run("apply", "--yes") == 0
        assert there.gate.requests == REQUESTS
        assert there.run("plan", "--detailed-exitcode") == 0
        return there.lists


@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
def test_killed_at_any_request_and_run_again_it_ends_in_the_same_place(
    number: int, tmp_path: Path, undisturbed: dict[str, list[str]]
) -> None:
    """Fault 31 and invariant 7."""
    with stage(tmp_path / "project") as there:
        there.gate.kill_at, there.gate.works_first = number, number % 2 == 0
        victim = there.applying()
        assert victim.pid is not None
        there.gate.victim(victim.pid)
        victim.join(timeout=300)
        assert victim.exitcode == -9
        assert there.run("apply", "--yes") == 0
        assert there.run("history", "verify") == 0
        assert there.lists == undisturbed
        _check_lock(there.root / ".scopesync" / "ledger.db", victim.pid)


def _check_lock(ledger: Path, victim: int) -> None:
    """Whoever was killed holding the lock is named by the run that needs it next; that one has let go of it."""
    with open_ledger(ledger, clock=lambda: datetime.now(UTC), mask=str) as book:
        first, *others = (book.show(run["id"]) for run in reversed(book.runs()))
    held = [tenant for tenant in first["tenants"] if tenant["status"] == "unfinished"]
    for again in (tenant for run in others for tenant in run["tenants"]):
        assert again["status"] == "applied"
        dead = again["took_over"]
        assert not held or (dead is not None and dead["pid"] == victim)
