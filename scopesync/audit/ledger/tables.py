"""The ledger's tables, and the numbered steps by which they came to be.

Belongs here: the layout. Does not belong here: what is in a record (run_log), when a step is taken (database).

`record` is the truth: a chain to which lines are only ever added. `content` holds large values by their digest. `head`
is one line: the end of the chain, and what writers queue up for. `tenant_lock` is no record but the present: one line
a tenant, never deleted, so that its fence only ever rises.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Float, Integer, LargeBinary, MetaData, Table, Text

_LAYOUT = MetaData()

RECORD = Table(
    "record",
    _LAYOUT,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text),
    Column("run", BigInteger),
    Column("tenant", Text),
    Column("list", Text),
    Column("at", Text),
    Column("body", Text),
    Column("previous", Text),
    Column("hash", Text),
)
CONTENT = Table(
    "content", _LAYOUT, Column("digest", Text, primary_key=True), Column("packed", LargeBinary, nullable=False)
)
HEAD = Table("head", _LAYOUT, Column("id", Integer, primary_key=True), Column("seq", BigInteger), Column("hash", Text))
LOCK = Table(
    "tenant_lock",
    _LAYOUT,
    Column("tenant", Text, primary_key=True),
    Column("fence", BigInteger),
    Column("run", BigInteger),
    Column("holder", Text),
    Column("host", Text),
    Column("place", Text),
    Column("pid", BigInteger),
    Column("started", Text),
    Column("since", Text),
    Column("beat", Float),
)
VERSION = Table("ledger_version", _LAYOUT, Column("version", Integer, primary_key=True))

START = ""
"""The hash before the first record."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from the version before it: statements as they were when it was published, never edited after.

    `{blob}` is the database's word for bytes, `{big}` for whole numbers of 64 bits.
    """

    number: int
    statements: tuple[str, ...]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1,
        (
            """
            CREATE TABLE record (
              seq {big} PRIMARY KEY, kind TEXT NOT NULL, run {big} NOT NULL, tenant TEXT, list TEXT, at TEXT NOT NULL,
              body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
            )
            """,
            "CREATE INDEX record_of_run ON record (run, kind)",
            "CREATE INDEX record_of_tenant ON record (tenant, kind, seq)",
            "CREATE TABLE content (digest TEXT PRIMARY KEY, packed {blob} NOT NULL)",
            "CREATE TABLE head (id INTEGER PRIMARY KEY, seq {big} NOT NULL, hash TEXT NOT NULL)",
            "INSERT INTO head (id, seq, hash) VALUES (1, 0, '')",
            """
            CREATE TABLE tenant_lock (
              tenant TEXT PRIMARY KEY, fence {big} NOT NULL, run {big}, holder TEXT, host TEXT, place TEXT, pid {big},
              started TEXT, since TEXT, beat DOUBLE PRECISION
            )
            """,
        ),
    ),
)
