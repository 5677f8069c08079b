from __future__ import annotations

import logging
from threading import Event
from typing import TYPE_CHECKING

from scopesync.audit.ledger.heartbeat import beating, beats
from scopesync.errors import LedgerError

if TYPE_CHECKING:
    import pytest


def test_it_beats_after_each_pause_until_a_pause_says_that_it_is_over() -> None:
    pauses = iter([False, False, True])
    beaten: list[str] = []
    beats(lambda: beaten.append("beat"), pause=lambda: next(pauses))
    assert beaten == ["beat", "beat"]


def test_a_beat_that_cannot_be_written_is_a_warning_and_the_next_one_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    pauses = iter([False, False, True])
    tried: list[str] = []

    def beat() -> None:
        tried.append("beat")
        raise LedgerError("the disk is full")

    with caplog.at_level(logging.WARNING):
        beats(beat, pause=lambda: next(pauses))
    assert tried == ["beat", "beat"]
    assert caplog.messages == ["the lock could not be renewed: the disk is full"] * 2


def test_a_block_beats_while_it_lasts_and_ends_its_thread() -> None:
    beaten = Event()
    with beating(beaten.set, every_s=0.001):
        assert beaten.wait(timeout=300)
    beaten.clear()
    assert not beaten.is_set()
