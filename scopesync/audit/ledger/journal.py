"""The journal: many threads write records, each transaction carries those of all who wait.

Belongs here: one transaction for many writers ("group commit"). Does not belong here: what they write.

A commit costs a wait for the disk. Whoever comes while one is under way leaves an entry; the next to get hold of the
database commits all that were left. So the cost of a record falls with the number of calls in flight.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from scopesync.audit.ledger.chain import Extension
from scopesync.errors import LedgerError, ScopesyncError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scopesync.audit.ledger.database import Database

T = TypeVar("T")

CHECKPOINT_EVERY = 1000
"""Commits between two times that SQLite's log is brought back into its file."""


@dataclass(slots=True)
class _Entry:
    """Something to write, and what came of it. `done` is only touched by who holds the database."""

    write: Callable[[Extension], Any]
    done: bool = False
    result: Any = None
    failure: ScopesyncError | None = None


class Journal:
    """Writes what it is handed, in order, from any thread.

    A function that is handed over gets the chain's end. It must raise (a ScopesyncError) before it writes, or not at
    all: what it raises goes to its own caller, and the others' entries stand.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Entry] = []
        self._door = Lock()
        self._held = Lock()
        self._commits = 0

    def write(self, entry: Callable[[Extension], T]) -> T:
        """Write, and return once that is durable. Raises LedgerError, or what `entry` raises: then it is not there."""
        mine = self._leave(entry)
        with self._held:
            if not mine.done:
                self._commit()
        if mine.failure is not None:
            raise mine.failure
        result: T = mine.result
        return result

    def write_later(self, entry: Callable[[Extension], Any]) -> None:
        """Write together with whatever is written next; until then a crash loses it."""
        self._leave(entry)

    def _leave(self, entry: Callable[[Extension], Any]) -> _Entry:
        mine = _Entry(entry)
        with self._door:
            self._waiting.append(mine)
        return mine

    def _commit(self) -> None:
        with self._door:
            entries, self._waiting = self._waiting, []
        try:
            with self._database.writing() as connection:
                end = Extension(connection)
                for entry in entries:
                    _carry_out(entry, end)
                end.write()
        except BaseException as error:
            _fail(entries, error)
            raise
        finally:
            for entry in entries:
                entry.done = True
        self._count()

    def _count(self) -> None:
        self._commits += 1
        if self._commits % CHECKPOINT_EVERY == 0:
            self._database.checkpoint()


def _carry_out(entry: _Entry, end: Extension) -> None:
    try:
        entry.result = entry.write(end)
    except ScopesyncError as error:
        entry.failure = error


def _fail(entries: Iterable[_Entry], error: BaseException) -> None:
    """Nothing of the transaction is there: all its writers must hear of it, not only the one that held it."""
    message, hint = "the ledger was interrupted", None
    if isinstance(error, ScopesyncError):
        message, hint = error.message, error.hint
    for entry in entries:
        entry.failure = entry.failure or LedgerError(message, hint=hint)
