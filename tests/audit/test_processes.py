"""Real processes on one ledger: killed, at once, and with a disk that is full."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scopesync.audit.actor import is_running, this_process
from scopesync.audit.ledger.book import open_ledger
from scopesync.errors import LockedError
from tests.audit.stage import PLAN, Clock, plain, running

if TYPE_CHECKING:
    from pathlib import Path


def child(action: str, place: Path | str, name: str = "homer") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.audit.child", action, str(place), name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_killed_between_intent_and_outcome(place: Path | str, clock: Clock) -> None:
    with child("hold", place) as victim:
        assert said(victim) == "intended"
        with open_ledger(place, clock=clock, mask=plain) as ledger:
            me = this_process()
            with running(ledger, process=me, alive=is_running) as run:
                with pytest.raises(LockedError, match=rf"homer on {me.host} \(process {victim.pid}"), run.tenant(PLAN):
                    pass
                victim.kill()
                victim.wait(timeout=300)
                with run.tenant(PLAN) as log:
                    log.ended("applied")
            killed, survivor = ledger.show(1), ledger.show(run.id)
            assert ledger.verify() is None
    assert killed["status"] == killed["tenants"][0]["status"] == "unfinished"
    assert [call["outcome"] for call in killed["tenants"][0]["calls"]] == ["unknown"]
    dead = survivor["tenants"][0]["took_over"]
    assert dead is not None
    assert dead["pid"] == victim.pid
    assert survivor["tenants"][0]["status"] == "applied"


def test_of_two_at_once_the_second_refuses_and_names_the_first(place: Path | str) -> None:
    with child("hold", place, "homer") as first:
        assert said(first) == "intended"
        with child("hold", place, "marge") as second:
            words = said(second)
            assert second.wait(timeout=300) == 4
        assert words.startswith("locked: springfield: homer on ")
        assert f"(process {first.pid}, run 1)" in words
        assert first.stdin is not None
        first.stdin.write("go on\n")
        first.stdin.flush()
        assert first.wait(timeout=300) == 0
    with child("hold", place, "marge") as third:
        assert said(third) == "intended"
        third.kill()


def test_a_full_disk_refuses_the_intent_and_what_was_recorded_stays(tmp_path: Path, clock: Clock) -> None:
    place = tmp_path / "ledger.db"
    with child("fill", place) as filler:
        assert filler.stdout is not None
        lines = filler.stdout.read().split("\n")
        assert filler.wait(timeout=300) == 1
    sendable = lines.count("may send")
    assert sendable > 0
    assert any(line.startswith("ledger: ") and "cannot be written" in line for line in lines)
    with open_ledger(place, clock=clock, mask=plain) as ledger:
        assert ledger.verify() is None
        assert len(ledger.show(1)["tenants"][0]["calls"]) == sendable
