"""What a server has promised to do later.

Belongs here: keeping work until its time has come. Does not belong here: what the work is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Agenda:
    """Work with the time at which it is due. There is no thread: what is due is done when somebody asks for that."""

    clock: Callable[[], float]
    _entries: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _added: int = 0

    def add(self, delay_s: float, work: Callable[[], object]) -> None:
        """Let the work be due in so many seconds; of two for the same time, the first that was added comes first."""
        self._added += 1
        heappush(self._entries, (self.clock() + delay_s, self._added, work))

    def do_what_is_due(self) -> None:
        """Do all the work whose time has come, in the order of these times."""
        while self._entries and self._entries[0][0] <= self.clock():
            _, _, work = heappop(self._entries)
            work()
