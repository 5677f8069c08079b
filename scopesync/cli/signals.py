"""Signals while something is being applied.

Belongs here: turning the first SIGINT or SIGTERM into a wish to stop. Does not belong here: stopping (apply does,
between two calls).
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from scopesync.cli.console import Console

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether a signal came, and the exit code that it means (128 and its number; 0 while none came)."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._event = Event()
        self.code = 0

    def __call__(self) -> bool:
        """Whether a signal came."""
        return self._event.is_set()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """While the block lasts, the first signal asks to stop and the second ends the process at once."""
        before = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self():
            os._exit(128 + number)
        self.code = 128 + number
        self._event.set()
        self._console.err("interrupted: the calls in flight end, nothing more is sent; again to end at once\n")
