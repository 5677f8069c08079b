from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.live.http.limiter import Limiter

if TYPE_CHECKING:
    from tests.live.conftest import Clock


def _begin_times(limiter: Limiter, clock: Clock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        with limiter.turn():
            times.append(clock() - 1000)
    return times


def _limiter(clock: Clock, rate: float, concurrency: int = 8) -> Limiter:
    return Limiter(concurrency=concurrency, requests_per_second=rate, clock=clock, sleep=clock.sleep)


def test_a_burst_of_one_second_and_then_the_rate(clock: Clock) -> None:
    assert _begin_times(_limiter(clock, 3), clock, 8) == [0, 0, 0, 1, 1, 1, 2, 2]


def test_a_rate_below_one_a_second(clock: Clock) -> None:
    assert _begin_times(_limiter(clock, 0.5), clock, 3) == [0, 2, 4]


def test_fault_52_a_burst_of_429_halves_the_rate_once(clock: Clock) -> None:
    limiter = _limiter(clock, 4)
    _begin_times(limiter, clock, 4)
    for _ in range(4):
        limiter.slow_down(clock())
    times = _begin_times(limiter, clock, 4)
    assert times == pytest.approx([1, 1, 2, 2], abs=0.2)  # two in a second, not a quarter of one


def test_fault_52_a_call_that_was_on_its_way_says_nothing_new(clock: Clock) -> None:
    limiter = _limiter(clock, 4)
    limiter.slow_down(clock())
    clock.now += 5
    limiter.slow_down(1000.5)
    assert _begin_times(limiter, clock, 3)[1] == 5  # two at once: still the half


def test_fault_52_the_rate_comes_back_by_time_within_a_minute(clock: Clock) -> None:
    limiter = _limiter(clock, 16)
    for _ in range(9):
        limiter.slow_down(clock())
        clock.now += 1
    slowed_at = clock() - 1000
    assert _begin_times(limiter, clock, 2) == pytest.approx([slowed_at, slowed_at + 1], abs=0.2)
    clock.now += 60
    full = clock() - 1000
    assert _begin_times(limiter, clock, 17) == [*[full] * 16, full + 1]


def test_it_never_gets_slower_than_a_sixteenth(clock: Clock) -> None:
    limiter = _limiter(clock, 1)
    for _ in range(20):
        limiter.slow_down(clock())
        clock.now += 1
    first, second = _begin_times(limiter, clock, 2)
    assert 14 < second - first <= 16


def test_fault_52_a_pause_holds_every_lane_and_also_those_that_wait_already(clock: Clock) -> None:
    paused: list[float] = []

    def sleep(seconds: float) -> None:
        if not paused:  # the server answers another lane while this one waits
            limiter.pause(7)
            paused.append(seconds)
        clock.sleep(seconds)

    limiter = Limiter(concurrency=8, requests_per_second=1, clock=clock, sleep=sleep)
    _begin_times(limiter, clock, 1)

    assert _begin_times(limiter, clock, 1) == [7]
    assert paused == [1]


def test_a_pause_of_an_hour_does_not_hold_the_other_lanes_so_long(clock: Clock) -> None:
    limiter = _limiter(clock, 1000)
    limiter.pause(3600)
    limiter.pause(5)
    assert _begin_times(limiter, clock, 1) == [60]


@given(rate=st.floats(0.1, 50), count=st.integers(1, 120))
def test_no_second_holds_more_than_the_rate(rate: float, count: int) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    limiter = Limiter(concurrency=1, requests_per_second=rate, clock=lambda: now[0], sleep=sleep)
    times = []
    for _ in range(count):
        with limiter.turn():
            times.append(now[0])
    most = max(1, int(rate))
    assert all(later - earlier >= most / rate - 1e-6 for earlier, later in zip(times, times[most:], strict=False))


def test_no_more_calls_in_flight_than_allowed() -> None:
    limiter = Limiter(concurrency=3, requests_per_second=1e6, clock=lambda: 0.0, sleep=lambda _: None)
    inside, most, lock = 0, 0, Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with limiter.turn():
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside == 0
    assert 1 <= most <= 3


def test_a_place_is_given_back_after_a_failure(clock: Clock) -> None:
    limiter = _limiter(clock, 1000, concurrency=1)
    with pytest.raises(RuntimeError), limiter.turn():
        raise RuntimeError
    with limiter.turn():
        assert clock.slept == []
