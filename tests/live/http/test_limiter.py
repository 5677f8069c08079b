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


def test_a_429_slows_down_and_good_answers_bring_the_rate_back(clock: Clock) -> None:
    limiter = _limiter(clock, 1)
    limiter.slow_down()
    limiter.slow_down()
    assert _begin_times(limiter, clock, 2) == [0, 4]
    for _ in range(100):
        limiter.recover()
    assert _begin_times(limiter, clock, 2) == [5, 6]


def test_it_never_gets_slower_than_a_sixteenth(clock: Clock) -> None:
    limiter = _limiter(clock, 1)
    for _ in range(100):
        limiter.slow_down()
    assert _begin_times(limiter, clock, 2) == [0, 16]


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
