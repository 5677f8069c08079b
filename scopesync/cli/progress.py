"""Progress on stderr, for work of more than a second, where somebody looks.

Belongs here: rich's bar. Does not belong here: the work.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scopesync.cli.session import Session

PATIENCE_S = 1.0
"""Shorter work is done before a bar could be read."""


@contextmanager
def progress(session: Session, what: str, total: int) -> Iterator[Callable[[], None]]:
    """A function to call for each part that is done; nothing is drawn unless somebody looks for over a second."""
    if not session.watched:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True, no_color=bool(session.environ.get("NO_COLOR"))), transient=True)
    task = bar.add_task(what, total=total)
    timer = Timer(PATIENCE_S, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda: bar.advance(task)
    finally:
        timer.cancel()
        timer.join()
        bar.stop()
