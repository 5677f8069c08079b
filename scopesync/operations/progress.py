"""Progress: what an operation reports of its work while it goes on.

Belongs here: the event, and counting. Does not belong here: showing it, and the work.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = logging.getLogger("scopesync.operations")

Stage = Literal["reading", "judging", "applying"]
Happened = Literal["stage begun", "tenant begun", "call sent", "tenant ended", "stage ended"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One event: what happened in which stage, and how far the stage is after it.

    `tenant` is a name, and None for a stage's own events. `calls` is how many calls are planned for the tenant (0 where
    that is not known). `done` of `total` tenants have ended; `sent` calls were answered with success.
    """

    stage: Stage
    happened: Happened
    done: int
    total: int
    sent: int = 0
    tenant: str | None = None
    calls: int = 0


OnProgress: TypeAlias = "Callable[[Progress], object]"


def _ignore(_event: Progress) -> None:
    """Take no notice."""


class Tracker:
    """Counts one stage and notifies a listener, from any thread, one event at a time.

    A listener that raises is not notified of this stage any more; the work goes on.
    """

    def __init__(self, stage: Stage, total: int, on_progress: OnProgress) -> None:
        self._stage = stage
        self._total = total
        self._on_progress = on_progress
        self._done = 0
        self._sent = 0
        self._lock = Lock()

    def begun(self, name: str, calls: int) -> None:
        """A tenant is begun, for which so many calls are planned (0 where that is not known)."""
        with self._lock:
            self._notify("tenant begun", name, calls)

    def sent(self, name: str) -> None:
        """One of its calls was answered with success."""
        with self._lock:
            self._sent += 1
            self._notify("call sent", name)

    def ended(self, name: str) -> None:
        """The tenant has ended, however."""
        with self._lock:
            self._done += 1
            self._notify("tenant ended", name)

    def stage(self, happened: Literal["stage begun", "stage ended"]) -> None:
        """The stage itself begins or ends."""
        with self._lock:
            self._notify(happened)

    def _notify(self, happened: Happened, tenant: str | None = None, calls: int = 0) -> None:
        event = Progress(self._stage, happened, self._done, self._total, self._sent, tenant, calls)
        try:
            self._on_progress(event)
        except Exception as error:  # noqa: BLE001 - a listener's fault must not cost the outcome of calls that were sent
            LOG.warning("progress is not reported any more: %s: %s", type(error).__name__, error)
            self._on_progress = _ignore


@contextmanager
def tracking(stage: Stage, total: int, on_progress: OnProgress) -> Iterator[Tracker]:
    """The tracker of a stage with so many tenants; the stage ends with the block, however that ends."""
    tracker = Tracker(stage, total, on_progress)
    tracker.stage("stage begun")
    try:
        yield tracker
    finally:
        tracker.stage("stage ended")
