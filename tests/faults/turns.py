"""Threads that take turns, so that the same seed mixes them in the same way in every run.

Real threads run the code under test, but only one of them at a time: it goes on until its next request, and there the
seed says who comes next. Every mixture of requests can come up; a mixture within one step of the code cannot.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

T = TypeVar("T")

STUCK_S = 30.0
"""A watchdog for a run that can never end; no run takes a second."""


class Clock(threading.local):
    """A time for each thread, which passes only when that thread sleeps: nobody is late because another one waited."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class SharedClock:
    """One time for all threads, for where one of them runs at a time; it passes only when somebody sleeps."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Turns:
    """Runs works in turns; with a `switching` of 0 one after the other, with 1 drawn anew before each request."""

    def __init__(self, chance: Random, switching: float) -> None:
        self._chance = chance
        self._switching = switching
        self._gates: list[threading.Semaphore] = []
        self._waiting: list[int] = []
        self.running: int | None = None

    def run(self, works: Sequence[Callable[[], T]]) -> list[T]:
        """What the works return, in their order. None of them may raise."""
        answers: dict[int, T] = {}
        self._gates = [threading.Semaphore(0) for _ in works]
        self._waiting = list(range(len(works)))

        def work(number: int) -> None:
            self._gates[number].acquire()
            answers[number] = works[number]()
            self._pass_on()

        threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in self._waiting]
        for thread in threads:
            thread.start()
        self._pass_on()
        for thread in threads:
            thread.join(STUCK_S)
            assert not thread.is_alive(), "readers wait for each other: one of them holds a lock while it sends"
        self.running = None
        return [answers[number] for number in range(len(works))]

    def pause(self) -> None:
        """Let another one go on, if the seed says so; the caller's turn comes again."""
        if self.running is None or self._chance.random() >= self._switching:
            return
        mine = self.running
        self._waiting.append(mine)
        self._pass_on()
        self._gates[mine].acquire()

    def _pass_on(self) -> None:
        if self._waiting:
            self.running = self._waiting.pop(self._chance.randrange(len(self._waiting)))
            self._gates[self.running].release()
