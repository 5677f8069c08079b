from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.audit.ledger.locks import BEAT_EVERY_S, STALE_AFTER_S
from scopesync.errors import LockedError
from tests.audit.stage import (
    ADD,
    ELSEWHERE,
    HERE,
    NEIGHBOUR,
    PLAN,
    Clock,
    applied,
    everybody_lives,
    nobody_lives,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.audit.actor import Process
    from scopesync.audit.ledger.book import Ledger


def test_a_tenant_is_held_by_one_run_and_the_second_is_told_by_whom(ledger: Ledger) -> None:
    with running(ledger) as first, first.tenant(PLAN), running(ledger, process=NEIGHBOUR) as second:
        with pytest.raises(LockedError) as refused, second.tenant(PLAN):
            pass
        message = "springfield: lisa on laptop (process 11, run 1) is applying it since 2026-03-02T14:15:00+00:00"
        assert refused.value.message == message
        assert refused.value.exit_code == 4
    assert ledger.runs()[0]["tenants"] == []


def test_a_lock_is_free_again_when_the_tenant_has_ended_however_it_ended(ledger: Ledger) -> None:
    applied(ledger)
    with running(ledger) as run:
        with pytest.raises(ZeroDivisionError), run.tenant(PLAN):
            raise ZeroDivisionError
        assert ledger.show(run.id)["tenants"][0]["status"] == "interrupted"
    applied(ledger, process=NEIGHBOUR)


@pytest.mark.parametrize("process", [HERE, NEIGHBOUR])
def test_in_one_place_a_holder_that_runs_is_never_replaced_however_long_it_was_silent(
    ledger: Ledger, clock: Clock, process: Process
) -> None:
    with running(ledger) as first, first.tenant(PLAN):
        clock.advance(10 * STALE_AFTER_S)
        with running(ledger, process=process) as second, pytest.raises(LockedError), second.tenant(PLAN):
            pass


@pytest.mark.parametrize("alive", [everybody_lives, nobody_lives])
def test_in_another_place_only_the_age_of_the_last_beat_counts(
    ledger: Ledger, clock: Clock, alive: Callable[[Process], bool]
) -> None:
    with running(ledger, process=ELSEWHERE) as first, first.tenant(PLAN):
        clock.advance(STALE_AFTER_S - 1)
        first.beat()
        clock.advance(STALE_AFTER_S - 1)
        with running(ledger, alive=alive) as second:
            with pytest.raises(LockedError), second.tenant(PLAN):
                pass
            clock.advance(1)
            with second.tenant(PLAN):
                pass


def test_a_dead_holder_is_replaced_and_named_in_the_record(ledger: Ledger) -> None:
    """Fault 32."""
    with (
        running(ledger) as first,
        first.tenant(PLAN),
        running(ledger, process=NEIGHBOUR, alive=nobody_lives) as second,
        second.tenant(PLAN),
    ):
        assert ledger.show(second.id)["tenants"][0]["took_over"] == {
            "run": 1,
            "user": "lisa",
            "host": "laptop",
            "pid": 11,
            "since": "2026-03-02T14:15:00+00:00",
        }


def test_only_the_process_that_holds_the_lock_is_asked_whether_it_lives(ledger: Ledger) -> None:
    asked: list[Process] = []

    def alive(process: Process) -> bool:
        asked.append(process)
        return False

    with (
        running(ledger) as first,
        first.tenant(PLAN),
        running(ledger, process=NEIGHBOUR, alive=alive) as second,
        second.tenant(PLAN),
    ):
        assert asked == [HERE]


def test_a_holder_that_only_passed_for_dead_may_send_nothing_more(ledger: Ledger) -> None:
    with running(ledger) as first, first.tenant(PLAN) as mine:
        token = mine.intend(ADD, ["c"])
        with running(ledger, process=NEIGHBOUR, alive=nobody_lives) as second, second.tenant(PLAN) as other:
            with pytest.raises(LockedError, match=r"run 1 lost its lock, which lisa on laptop \(process 12"):
                mine.intend(ADD, ["c"])
            mine.answered(token)
            other.intend(ADD, ["c"])
        with pytest.raises(LockedError, match="nobody holds now"):
            mine.intend(ADD, ["c"])
    assert [call["outcome"] for call in ledger.show(first.id)["tenants"][0]["calls"]] == ["answered"]
    assert ledger.verify() is None


def test_a_holder_that_only_passed_for_dead_does_not_release_its_successors_lock(ledger: Ledger) -> None:
    with running(ledger) as first, running(ledger, process=NEIGHBOUR, alive=nobody_lives) as second:
        with first.tenant(PLAN):
            successor = second.tenant(PLAN)
            log = successor.__enter__()
        log.intend(ADD, ["c"])
        with running(ledger, process=HERE) as third, pytest.raises(LockedError), third.tenant(PLAN):
            pass
        successor.__exit__(None, None, None)


def test_a_lock_that_the_same_run_takes_again_is_another_lock(ledger: Ledger) -> None:
    with running(ledger, alive=nobody_lives) as run, run.tenant(PLAN) as old, run.tenant(PLAN) as new:
        with pytest.raises(LockedError, match="lost its lock"):
            old.intend(ADD, ["c"])
        new.intend(ADD, ["c"])


def test_a_holder_beats_several_times_before_it_passes_for_dead() -> None:
    assert BEAT_EVERY_S * 3 < STALE_AFTER_S
