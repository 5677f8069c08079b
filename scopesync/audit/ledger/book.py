"""The ledger: the one door to what was done.

Belongs here: opening it, and its questions and answers at a glance. Does not belong here: how any of them is met.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scopesync.audit import history
from scopesync.audit.ledger import chain
from scopesync.audit.ledger.chain import Fault, Head
from scopesync.audit.ledger.heartbeat import beating
from scopesync.audit.ledger.journal import Journal
from scopesync.audit.ledger.location import open_place
from scopesync.audit.ledger.locks import BEAT_EVERY_S
from scopesync.audit.ledger.record_writer import RecordWriter
from scopesync.audit.ledger.run_log import RunLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from scopesync.audit.actor import Process
    from scopesync.audit.attribution import Memory
    from scopesync.audit.history import State
    from scopesync.audit.ledger.database import Database
    from scopesync.audit.ledger.run_log import Start
    from scopesync.documents import RunDocument
    from scopesync.model import ListName, Remembered


@contextmanager
def open_ledger(
    place: str | Path, *, clock: Callable[[], datetime], mask: Callable[[str], str], create: bool = True
) -> Iterator[Ledger]:
    """The ledger at that place, while the block lasts: a Path is an SQLite file, a text the URL of a PostgreSQL one.

    `clock` gives the time in UTC; `mask` hides secrets in any text. Raises LedgerError when it cannot be opened or is
    newer than the tool, NoLedgerError when there is none and it shall not be created.
    """
    database = open_place(place, mask=mask, create=create)
    try:
        yield Ledger(database, clock=clock, mask=mask)
    finally:
        database.close()


class Ledger:
    """Everything that was done, and the locks of what is being done. All methods raise LedgerError."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime], mask: Callable[[str], str]) -> None:
        self._database = database
        self._writer = RecordWriter(Journal(database), clock, mask)
        self.name = database.name

    @contextmanager
    def run(self, start: Start, process: Process, *, alive: Callable[[Process], bool]) -> Iterator[RunLog]:
        """Record a run while the block lasts. `alive` says whether a process of this place still runs."""
        log = RunLog(self._writer, start, process, alive)
        with beating(log.beat, every_s=BEAT_EVERY_S):
            try:
                yield log
            finally:
                log.close()

    def runs(
        self, *, tenant: str | None = None, since: datetime | None = None, row: str | None = None
    ) -> tuple[RunDocument, ...]:
        """The runs, newest first, in outline; only those that touched the tenant (id or name) and row (id or key)."""
        with self._database.reading() as connection:
            return history.runs(connection, tenant=tenant, since=since, row=row)

    def show(self, run_id: int) -> RunDocument:
        """One run with every call and state. Raises UsageError for a run that is not there."""
        with self._database.reading() as connection:
            return history.run(connection, run_id)

    def plan(self, run_id: int) -> dict[str, Any] | None:
        """The plan document that the run carried out. Raises UsageError for a run that is not there."""
        with self._database.reading() as connection:
            return history.plan_of(connection, run_id)

    def last_state(self, tenant_id: str, name: ListName) -> State | None:
        """The list as it was last seen by a run."""
        with self._database.reading() as connection:
            return history.last_state(connection, tenant_id, name)

    def memory(self, tenant_id: str, name: ListName) -> Memory | None:
        """The list as a run last left it (drift)."""
        with self._database.reading() as connection:
            return history.memory_of(connection, tenant_id, name)

    def remembered(self, tenant_id: str) -> Remembered:
        """What the guards `protected-row` and `collapsed-read` ask."""
        with self._database.reading() as connection:
            return history.remembered(connection, tenant_id)

    def states_before(self, run_id: int, tenant_id: str) -> dict[str, State]:
        """The tenant's lists as the run found them, by name (undo)."""
        with self._database.reading() as connection:
            return history.states_before(connection, run_id, tenant_id)

    def head(self) -> Head:
        """The number and hash of the last record: noted outside of the ledger, it proves that nothing was rewritten."""
        with self._database.reading() as connection:
            return chain.head(connection)

    def verify(self, *, noted: Head | None = None) -> Fault | None:
        """The first broken record and what is wrong with it; None when everything is as it was written."""
        with self._database.reading() as connection:
            fault = chain.first_fault(connection, noted=noted)
        if fault is not None:
            return fault
        damage = self._database.damage()
        return None if damage is None else Fault(None, f"the file is damaged: {damage}")
