"""The heartbeat: a run says, while it lasts, that it lives.

Belongs here: the thread. Does not belong here: what a beat is (locks).
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from scopesync.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = logging.getLogger(__name__)


@contextmanager
def beating(beat: Callable[[], None], *, every_s: float) -> Iterator[None]:
    """While the block lasts, beat every so many seconds, in a thread that does not outlive the process."""
    ended = Event()
    thread = Thread(target=beats, args=(beat,), kwargs={"pause": lambda: ended.wait(every_s)}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def beats(beat: Callable[[], None], *, pause: Callable[[], bool]) -> None:
    """Beat after every pause, until a pause says that it is over.

    A beat that cannot be written is no more than a warning: the next call's intent meets the same ledger, and decides.
    """
    while not pause():
        try:
            beat()
        except LedgerError as error:
            _log.warning("the lock could not be renewed: %s", error.message)
