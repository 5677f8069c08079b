"""Progress on stderr, for work of more than a second: bars where somebody looks, plain lines in a log.

Belongs here: saying how far the work is. Does not belong here: the work.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from scopesync.cli.session import Session

PATIENCE_S = 1.0
"""Shorter work is done before a bar could be read; and a log gets no more than one line in that time."""


class Progress(Protocol):
    """What the work says of itself, from any thread."""

    def begun(self, name: str, calls: int) -> None:
        """A tenant is begun, for which so many calls will be sent (0 where that is not known)."""

    def sent(self, name: str) -> None:
        """One of its calls was sent."""

    def ended(self, name: str) -> None:
        """The tenant is done."""


@contextmanager
def progress(session: Session, what: str, total: int) -> Iterator[Progress]:
    """The progress of `total` tenants; nothing is shown of work that takes less than a second."""
    if not session.watched:
        yield _Lines(session.err, what, total, time.monotonic)
        return
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    bars = RichProgress(console=Console(stderr=True, no_color=bool(session.environ.get("NO_COLOR"))), transient=True)
    timer = Timer(PATIENCE_S, bars.start)
    timer.daemon = True
    timer.start()
    try:
        yield _Bars(bars, what, total)
    finally:
        timer.cancel()
        timer.join()
        bars.stop()


class _Bars:
    """A bar for all, and one for each tenant in flight."""

    def __init__(self, bars: Bars, what: str, total: int) -> None:
        self._bars = bars
        self._all = bars.add_task(what, total=total)
        self._tenants: dict[str, TaskID] = {}

    def begun(self, name: str, calls: int) -> None:
        self._tenants[name] = self._bars.add_task(f"  {name}", total=calls or None)

    def sent(self, name: str) -> None:
        self._bars.advance(self._tenants[name])

    def ended(self, name: str) -> None:
        self._bars.remove_task(self._tenants.pop(name))
        self._bars.advance(self._all)


class _Lines:
    """A line of totals, at most one a second, the first after a second."""

    def __init__(self, sink: Callable[[str], None], what: str, total: int, clock: Callable[[], float]) -> None:
        self._sink = sink
        self._what = what
        self._total = total
        self._clock = clock
        self._done = 0
        self._calls = 0
        self._next = clock() + PATIENCE_S
        self._lock = Lock()

    def begun(self, name: str, calls: int) -> None:
        """Said with the totals."""

    def sent(self, name: str) -> None:
        with self._lock:
            self._calls += 1
            self._say()

    def ended(self, name: str) -> None:
        with self._lock:
            self._done += 1
            self._say()

    def _say(self) -> None:
        if self._clock() < self._next:
            return
        self._next = self._clock() + PATIENCE_S
        calls = f", {self._calls:,} {'call' if self._calls == 1 else 'calls'} sent" if self._calls else ""
        self._sink(f"{self._what}: {self._done:,} of {self._total:,} tenants{calls}\n")
