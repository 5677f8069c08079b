"""Progress on stderr, for work of more than a second: bars on a terminal, plain lines in a log.

Belongs here: showing events. Does not belong here: making them (operations), and the work.
"""

from __future__ import annotations

import time
from threading import Timer
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import TaskID

    from scopesync.cli.console import Console
    from scopesync.operations.progress import Progress

PATIENCE_S = 1.0
"""Shorter work is done before a bar could be read; and a log gets no more than one line in that time."""


class Display(Protocol):
    """Shows the events of one stage."""

    def show(self, event: Progress) -> None:
        """Show what happened."""


class ProgressDisplay:
    """Shows each stage on the console as its events come in; nothing of work that takes less than a second.

    Events come from any thread, one at a time.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._display: Display = _Lines(console.err, time.monotonic)

    def __call__(self, event: Progress) -> None:
        """Show the event."""
        if event.happened == "stage begun":
            self._display = self._display_of(event)
        self._display.show(event)

    def _display_of(self, event: Progress) -> Display:
        if self._console.watched:
            return _Bars(event, no_color=self._console.environment.no_color)
        return _Lines(self._console.err, time.monotonic)


class _Bars:
    """A bar for all tenants, and one for each tenant in flight."""

    def __init__(self, begun: Progress, *, no_color: bool) -> None:
        from rich.console import Console as RichConsole
        from rich.progress import Progress as RichProgress

        self._bars = RichProgress(console=RichConsole(stderr=True, no_color=no_color), transient=True)
        self._all = self._bars.add_task(begun.stage, total=begun.total)
        self._tenants: dict[str | None, list[TaskID]] = {}  # two tenants of an import may bear one name
        self._timer = Timer(PATIENCE_S, self._bars.start)
        self._timer.daemon = True
        self._timer.start()

    def show(self, event: Progress) -> None:
        match event.happened:
            case "tenant begun":
                task = self._bars.add_task(f"  {event.tenant}", total=event.calls or None)
                self._tenants.setdefault(event.tenant, []).append(task)
            case "call sent":
                self._bars.advance(self._tenants[event.tenant][-1])
            case "tenant ended":
                self._bars.remove_task(self._tenants[event.tenant].pop())
                self._bars.advance(self._all)
            case "stage ended":
                self._timer.cancel()
                self._timer.join()
                self._bars.stop()
            case "stage begun":
                pass  # the bar for all was made with the display


class _Lines:
    """A line of totals, at most one a second, the first after a second."""

    def __init__(self, sink: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._sink = sink
        self._clock = clock
        self._next = clock() + PATIENCE_S

    def show(self, event: Progress) -> None:
        counted = event.happened in {"call sent", "tenant ended"}
        if not counted or self._clock() < self._next:
            return
        self._next = self._clock() + PATIENCE_S
        noun = "call" if event.sent == 1 else "calls"
        calls = f", {event.sent:,} {noun} sent" if event.sent else ""
        self._sink(f"{event.stage}: {event.done:,} of {event.total:,} tenants{calls}\n")
