from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from scopesync.operations.progress import tracking

if TYPE_CHECKING:
    from scopesync.operations.progress import Progress


def test_a_stage_ends_also_when_its_work_fails() -> None:
    events: list[Progress] = []

    def work() -> None:
        with tracking("reading", 2, events.append) as tracker:
            tracker.begun("a", 0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert [(event.happened, event.done) for event in events] == [
        ("stage begun", 0),
        ("tenant begun", 0),
        ("stage ended", 0),
    ]


def test_a_listener_that_fails_is_not_called_again_and_costs_nothing_of_the_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    called: list[Progress] = []

    def listen(event: Progress) -> None:
        called.append(event)
        raise ZeroDivisionError("a fault of the listener")

    with tracking("applying", 1, listen) as tracker:
        tracker.begun("a", 1)
        tracker.sent("a")
        tracker.ended("a")
    assert len(called) == 1
    assert caplog.messages == ["progress is not reported any more: ZeroDivisionError: a fault of the listener"]


def test_counts_never_go_back_whatever_the_threads_do() -> None:
    events: list[Progress] = []
    with tracking("applying", 40, events.append) as tracker, ThreadPoolExecutor(8) as pool:

        def tenant(number: int) -> None:
            tracker.begun(str(number), 2)
            tracker.sent(str(number))
            tracker.sent(str(number))
            tracker.ended(str(number))

        list(pool.map(tenant, range(40)))
    for counts, last in (([event.done for event in events], 40), ([event.sent for event in events], 80)):
        assert counts == sorted(counts)
        assert counts[-1] == last
