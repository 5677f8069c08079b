"""The chain: records of which each carries the hash of the one before it.

Belongs here: what a record is, its hash, and finding the first record that is not as it was written. Does not belong
here: what records say (run_log), when they are written (journal).

The chain finds what was changed, removed or moved by anybody who did not make all later hashes anew. Somebody who did
is found by the head (number and hash of the last record), where that was noted outside of the ledger.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from scopesync.audit.ledger.content import unpacked
from scopesync.audit.ledger.tables import CONTENT, HEAD, RECORD, START
from scopesync.errors import LedgerError
from scopesync.row_identity import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from scopesync.audit.ledger.content import Content

# Statements that every commit runs are built once: building one takes as long as running it.
_END = select(HEAD.c.seq, HEAD.c.hash).with_for_update()
_MOVE = HEAD.update().where(HEAD.c.id == 1).values(seq=bindparam("to_seq"), hash=bindparam("to_hash"))
_RECORDS = RECORD.insert()
_PAGE = 1000
_COLUMNS = tuple(RECORD.c.keys())


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the ledger. `run` is the number of the record that started the run; `body` is canonical JSON.

    A body names what it keeps elsewhere under `content`: a digest. `at` is ISO 8601 in UTC.
    """

    seq: int
    kind: str
    run: int
    tenant: str | None
    list: str | None
    at: str
    body: str
    previous: str
    hash: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """The body. Raises LedgerError when it is damaged."""
        try:
            return dict(json.loads(self.body))
        except (TypeError, ValueError) as error:
            raise LedgerError(f"record {self.seq} is damaged", hint="`history verify` says more") from error

    def digest(self) -> str:
        """The hash that covers everything but itself."""
        covered = [self.seq, self.kind, self.run, self.tenant, self.list, self.at, self.body, self.previous]
        return hashlib.sha256(canonical(covered)).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: the number and hash of its last record."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place at which the ledger is not as it was written; `seq` is None where no record can be named."""

    seq: int | None
    what: str


class Extension:
    """The chain's end, held for one transaction: whoever has it is the only writer until the transaction ends."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        line = connection.execute(_END).one()
        self._head = Head(line.seq, line.hash)
        self._records: list[dict[str, Any]] = []
        self._contents: dict[str, Content] = {}

    def add(
        self,
        kind: str,
        *,
        at: str,
        body: dict[str, Any],
        run: int | None = None,
        tenant: str | None = None,
        part: str | None = None,
        content: Content | None = None,
    ) -> int:
        """Append a record; its number. A record without a `run` starts one, and lends it its number."""
        seq = self._head.seq + 1
        text = canonical(body).decode("ascii")
        covered = (seq, kind, seq if run is None else run, tenant, part, at, text, self._head.hash)
        self._head = Head(seq, Record(*covered).digest())
        self._records.append(dict(zip(_COLUMNS, (*covered, self._head.hash), strict=True)))
        if content is not None:
            self._contents[content.digest] = content
        return seq

    def write(self) -> None:
        """Hand everything to the database, and move the head."""
        if not self._records:
            return
        if self._contents:
            self._keep()
        self.connection.execute(_RECORDS, self._records)
        self.connection.execute(_MOVE, {"to_seq": self._head.seq, "to_hash": self._head.hash})

    def _keep(self) -> None:
        """Store the contents that are not there yet."""
        there = select(CONTENT.c.digest).where(CONTENT.c.digest.in_(self._contents))
        known = set(self.connection.execute(there).scalars())
        fresh = [content for digest, content in self._contents.items() if digest not in known]
        if fresh:
            lines = [{"digest": content.digest, "packed": content.packed} for content in fresh]
            self.connection.execute(CONTENT.insert(), lines)


def head(connection: Connection) -> Head:
    """Where the chain ends."""
    line = connection.execute(select(HEAD.c.seq, HEAD.c.hash)).one_or_none()
    if line is None:
        raise LedgerError("the ledger's head is missing")
    return Head(line.seq, line.hash)


def first_fault(connection: Connection, *, noted: Head | None = None) -> Fault | None:
    """The first broken record and what is wrong with it; None when the whole chain and all its contents are sound.

    `noted` is a head that was written down earlier: the chain must still hold that very record.
    """
    last = Head(0, START)
    for record in _records(connection):
        fault = _fault(record, last) or _content_fault(connection, record)
        if fault:
            return fault
        last = Head(record.seq, record.hash)
        if noted is not None and noted.seq == last.seq and noted.hash != last.hash:
            return Fault(last.seq, "it is not the record that was noted: the chain was written anew")
    if noted is not None and noted.seq > last.seq:
        return Fault(last.seq + 1, f"missing: record {noted.seq} was noted, and the chain ends before it")
    return _end_fault(last, head(connection))


def _fault(record: Record, last: Head) -> Fault | None:
    if record.seq != last.seq + 1:
        return Fault(last.seq + 1, f"missing: record {record.seq} comes after record {last.seq}")
    if record.digest() != record.hash:
        return Fault(record.seq, "changed: its hash does not cover what it says")
    if record.previous != last.hash:
        return Fault(record.seq, "out of order: it does not follow the record before it")
    return None


def _content_fault(connection: Connection, record: Record) -> Fault | None:
    try:
        digest = record.said.get("content")
        if digest is None:
            return None
        packed = connection.execute(select(CONTENT.c.packed).where(CONTENT.c.digest == digest)).scalar()
        if packed is None:
            return Fault(record.seq, f"its content {digest} is missing")
        unpacked(digest, packed)
    except LedgerError as error:
        return Fault(record.seq, f"changed: {error.message}")
    return None


def _end_fault(last: Head, end: Head) -> Fault | None:
    if end.seq > last.seq:
        return Fault(last.seq + 1, f"missing: the ledger had {end.seq} records, and ends after {last.seq}")
    if end != last:
        return Fault(last.seq, f"the ledger's head says that record {end.seq} is the last one")
    return None


def _records(connection: Connection) -> Iterator[Record]:
    """All of them in order, a page at a time: a ledger may be larger than the memory."""
    query = select(RECORD).order_by(RECORD.c.seq).limit(_PAGE)
    page = list(as_records(connection.execute(query)))
    while page:
        yield from page
        page = list(as_records(connection.execute(query.where(RECORD.c.seq > page[-1].seq))))


def as_records(lines: Iterable[Any]) -> Iterator[Record]:
    """The records of those lines of the table."""
    return (Record(**line._mapping) for line in lines)  # noqa: SLF001 - the public name of a row's fields
