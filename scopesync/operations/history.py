"""History: who did what, when, from which commit, as the ledger has it.

Belongs here: which question goes to which of the ledger's methods. Does not belong here: finding or judging anything.
None of it depends on the project's files being valid.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from scopesync.audit.ledger.chain import Head
from scopesync.errors import LedgerError, UsageError
from scopesync.operations.ledger_access import known_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scopesync.audit.ledger.book import Ledger
    from scopesync.documents import AskedDocument, HistoryDocument, RunDocument
    from scopesync.operations.workspace import Workspace


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """The runs that fit a question; `document` is `{asked: {tenant, row, since}, runs: [run]}`."""

    document: HistoryDocument

    @property
    def runs(self) -> list[RunDocument]:
        """The runs in outline, newest first."""
        return list(self.document["runs"])


def history(
    workspace: Workspace, tenant: str | None = None, *, since: datetime | None = None, row: str | None = None
) -> HistoryResult:
    """The runs that had anything to change in the tenant (name or id), and that touched the row (id or key).

    `since` without a time zone is in UTC. Raises LedgerError where there is no ledger or it cannot be read, UsageError
    for a tenant that it does not know.
    """
    moment = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
    with _ledger(workspace) as ledger:
        runs = ledger.runs(tenant=tenant, since=moment, row=row)
    asked: AskedDocument = {"tenant": tenant, "row": row, "since": None if moment is None else moment.isoformat()}
    return HistoryResult({"asked": asked, "runs": list(runs)})


def run_record(workspace: Workspace, run: int) -> RunDocument:
    """One run with every call, and each list before and after. Raises LedgerError, UsageError for an unknown run."""
    with _ledger(workspace) as ledger:
        return ledger.show(run)


def verify(workspace: Workspace, expect: str | None = None) -> str:
    """The number and hash of the last record, `SEQ:HASH`, when every record is as it was written.

    `expect` is such a text that was noted elsewhere: it proves that nothing up to there was written anew. Raises
    LedgerError that names the first broken record, UsageError when `expect` is no `SEQ:HASH`.
    """
    noted = None if expect is None else _noted(expect)
    with _ledger(workspace) as ledger:
        fault = ledger.verify(noted=noted)
        if fault is not None:
            where = f"record {fault.seq}: " if fault.seq is not None else ""
            raise LedgerError(f"{ledger.name}: {where}{fault.what}", hint="compare it with a copy from before")
        return str(ledger.head())


@contextmanager
def _ledger(workspace: Workspace) -> Iterator[Ledger]:
    """The project's ledger. Raises LedgerError where there is none."""
    with known_ledger(workspace) as ledger:
        if ledger is None:
            raise LedgerError("there is no ledger here yet", hint="the first apply makes one")
        yield ledger


def _noted(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or not digest:
        raise UsageError(f"{text!r} is no SEQ:HASH", hint="`scopesync history verify` prints one")
    return Head(int(number), digest)
