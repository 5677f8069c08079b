"""Wiring for history: the ledger's answers, rendered.

Belongs here: which question goes where. Does not belong here: finding or judging anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from scopesync.audit.ledger.chain import Head
from scopesync.cli.ledgers import known_ledger
from scopesync.errors import LedgerError, UsageError
from scopesync.report.history_text import history_text, run_text
from scopesync.report.renderers import json_text

if TYPE_CHECKING:
    from datetime import datetime

    from scopesync.audit.ledger.book import Ledger
    from scopesync.cli.session import Session
    from scopesync.documents import HistoryDocument


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the ledger; `run` asks for one run, `verify` for the whole of it."""

    tenant: str | None = None
    run: int | None = None
    since: datetime | None = None
    row: str | None = None
    verify: bool = False
    expect: str | None = None


def answer(session: Session, question: Question, *, form: str) -> int:
    """Write the answer, whatever state the project's files are in.

    Raises LedgerError when a record is not as it was written, or there is no ledger at all.
    """
    with known_ledger(session) as book:
        if book is None:
            raise LedgerError("there is no ledger here yet", hint="the first apply makes one")
        session.out(_answer(book, question, form=form, width=session.look(full=False).width))
    return 0


def _answer(book: Ledger, question: Question, *, form: str, width: int) -> str:
    if question.verify:
        return _verified(book, question.expect, form=form)
    if question.run is not None:
        run = book.show(question.run)
        return json_text(run) if form == "json" else run_text(run, width=width)
    since = question.since.replace(tzinfo=UTC) if question.since else None
    document: HistoryDocument = {
        "asked": {"tenant": question.tenant, "row": question.row, "since": since.isoformat() if since else None},
        "runs": list(book.runs(tenant=question.tenant, since=since, row=question.row)),
    }
    return json_text(document) if form == "json" else history_text(document, width=width)


def _verified(book: Ledger, expect: str | None, *, form: str) -> str:
    fault = book.verify(noted=_noted(expect))
    if fault is not None:
        where = f"record {fault.seq}: " if fault.seq is not None else ""
        raise LedgerError(f"{book.name}: {where}{fault.what}", hint="compare it with a copy from before")
    head = book.head()
    if form == "json":
        return json_text({"verified": True, "head": str(head)})
    return f"every record is as it was written; the last is {head} (note it elsewhere, for --expect)\n"


def _noted(text: str | None) -> Head | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or not digest:
        raise UsageError(f"{text!r} is no SEQ:HASH", hint="`scopesync history --verify` prints one")
    return Head(int(number), digest)
