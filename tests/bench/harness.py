"""Ratios measured in one run: this against that, turn about, so that a slow machine or a busy minute hits both alike.

Belongs here: measuring and printing. Does not belong here: what is measured (`bench_*.py`), any assertion: a clock in a
test tells more of the machine than of the code.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAIRS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, with the most that it should be."""

    what: str
    value: float
    goal: float
    unit: str = "times"

    def __str__(self) -> str:
        verdict = "ok" if self.value <= self.goal else "OVER"
        return f"{self.value:9.2f} {self.unit:8} goal {self.goal:7.2f}  {verdict:4}  {self.what}"


def ratio(this: Callable[[], object], that: Callable[[], object], *, pairs: int = PAIRS) -> float:
    """How many times as long `this` takes as `that`: the median of several pairs, each measured back to back."""
    this()  # what is loaded and compiled once is not what is measured
    return median(_seconds(this) / _seconds(that) for _ in range(pairs))


def bytes_each(make: Callable[[], object], count: int) -> float:
    """The memory that what `make` returns holds on to, divided by `count`."""
    gc.collect()
    tracemalloc.start()
    try:
        kept = make()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / count
    finally:
        tracemalloc.stop()
        del kept


def peak_bytes_each(make: Callable[[], object], count: int) -> float:
    """The most memory that `make` takes at any moment beyond what was there, divided by `count`."""
    gc.collect()
    tracemalloc.start()
    try:
        make()
        return tracemalloc.get_traced_memory()[1] / count
    finally:
        tracemalloc.stop()


def show(figures: Iterable[Figure]) -> None:
    """Print each figure on a line, as soon as it is known."""
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
        sys.stdout.flush()


def _seconds(run: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
