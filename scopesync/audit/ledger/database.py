"""The database under the ledger: an SQLite file, or PostgreSQL by URL.

Belongs here: engines, transactions, migrations, and everything in which the two databases differ. Does not belong
here: what is written. No other module sees an exception of SQLAlchemy's.

SQLite runs in WAL mode with `synchronous=FULL`: a commit is durable with one fsync, it survives `kill -9` and a power
cut, and neither do readers wait for an apply nor an apply for them. SQLite before 3.51.3 can damage a file whose log
is reset by one process while another copies it back ("WAL-reset bug", sqlite.org/wal.html); so no commit starts such a
copy on its own: `checkpoint` does, in the mode that shuts writers out.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, delete, event, insert, inspect, select
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from scopesync.audit.ledger.tables import MIGRATIONS, VERSION
from scopesync.errors import LedgerError, NoLedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import URL, Connection, Engine

    from scopesync.audit.ledger.tables import Migration

WAIT_S = 30
"""So long one writer waits for another; each holds the ledger for the moment of one commit."""

_BEGIN = "scopesync_begin"
_NO_TRANSACTION = {_BEGIN: ""}  # SQLite's own housekeeping happens outside of any
_MIGRATION_LOCK = 0x5C09E
_WORDS = {"sqlite": {"blob": "BLOB", "big": "INTEGER"}, "postgresql": {"blob": "BYTEA", "big": "BIGINT"}}
_SQLITE_SETTINGS = ("PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=0")
_POSTGRES_SETTINGS = (
    f"SET lock_timeout = '{WAIT_S}s'",
    f"SET idle_in_transaction_session_timeout = '{2 * WAIT_S}s'",  # a stopped process must not stop all others
    "SET synchronous_commit = on",
)


class Database:
    """Transactions on one database. `name` is how people are told of it; it holds no password."""

    def __init__(self, url: URL, *, name: str, mask: Callable[[str], str]) -> None:
        self.name = name
        self._mask = mask
        with self._translated("opened"):
            self._engine = _engine(url)
        self._sqlite = self._engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write: all of it is durable when the block ends, or none of it is there.

        Raises LedgerError for whatever the database objects to; any other exception undoes the transaction too.
        """
        options = {_BEGIN: "BEGIN IMMEDIATE"}
        with self._translated("written"), self._connected(options) as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One look: every statement of the block sees the same moment. Raises LedgerError."""
        options = {} if self._sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._translated("read"), self._connected(options) as connection, connection.begin():
            yield connection

    def checkpoint(self) -> None:
        """Bring SQLite's log back into its file, as far as readers allow; PostgreSQL sees to that itself."""
        if self._sqlite:
            with self._translated("written"), self._connected(_NO_TRANSACTION) as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def damage(self) -> str | None:
        """What SQLite's own check says of the file; None when it finds nothing, or for PostgreSQL."""
        if not self._sqlite:
            return None
        with self.reading() as connection:
            said = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar())
        return None if said == "ok" else said

    def bring_up(self, *, create: bool) -> None:
        """Bring the ledger to the tool's version, if it is not there yet. Raises NoLedgerError as `opened` says."""
        with self.reading() as connection:
            version = _version(connection)
        if version == 0 and not create:
            raise NoLedgerError(f"there is no ledger in {self.name} yet", hint="the first apply makes one")
        if version != MIGRATIONS[-1].number:
            self.migrate()

    def migrate(self, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        """Take every step that is still to be taken, in one transaction, one process at a time.

        Raises LedgerError when the ledger is newer than the tool.
        """
        newest = migrations[-1].number
        with self.writing() as connection:
            if not self._sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            version = _version(connection)
            if version > newest:
                raise _newer(self.name, version, newest)
            for migration in migrations[version:]:
                for statement in migration.statements:
                    connection.exec_driver_sql(statement.format(**_WORDS[self._engine.dialect.name]))
            VERSION.create(connection, checkfirst=True)
            connection.execute(delete(VERSION))
            connection.execute(insert(VERSION).values(version=newest))

    def use_wal(self) -> None:
        """Make a new SQLite file one with a write-ahead log: it stays so for ever."""
        with self._translated("made"), self._connected(_NO_TRANSACTION) as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _connected(self, options: Mapping[str, str]) -> Connection:
        return self._engine.connect().execution_options(**options)

    @contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, ImportError) as error:
            raise LedgerError(
                f"the ledger {self.name} cannot be {done}: {self._mask(_reason(error))}", hint=_hint(error)
            ) from error


def opened(url: URL, *, name: str, mask: Callable[[str], str], create: bool) -> Database:
    """The database at that URL, brought to the tool's version.

    Raises NoLedgerError when it is empty and `create` is not asked for, LedgerError when it is newer than the tool.
    """
    database = Database(url, name=name, mask=mask)
    try:
        database.bring_up(create=create)
    except BaseException:
        database.close()
        raise
    return database


def _engine(url: URL) -> Engine:
    """Parameters never show in messages; each new connection is told how durable a commit must be."""
    sqlite = url.get_backend_name() == "sqlite"
    connecting: dict[str, Any] = {"isolation_level": "READ COMMITTED"}
    if sqlite:
        connecting = {"connect_args": {"timeout": WAIT_S, "isolation_level": None, "check_same_thread": False}}
    engine = create_engine(url, hide_parameters=True, poolclass=QueuePool, **connecting)
    settings = _SQLITE_SETTINGS if sqlite else _POSTGRES_SETTINGS

    def connected(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()
        connection.commit()

    def begun(connection: Connection) -> None:
        # Python's driver would begin too late, and a transaction that reads first could not become a writer
        statement = connection.get_execution_options().get(_BEGIN, "BEGIN")
        if statement:
            connection.exec_driver_sql(statement)

    event.listen(engine, "connect", connected)
    if sqlite:
        event.listen(engine, "begin", begun)
    return engine


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(VERSION.name):
        return 0
    return int(connection.execute(select(VERSION.c.version)).scalar_one())


def _newer(name: str, version: int, newest: int) -> LedgerError:
    return LedgerError(
        f"the ledger {name} is of version {version}; this scopesync knows versions up to {newest}",
        hint="upgrade scopesync from where you installed it",
    )


def _reason(error: Exception) -> str:
    """The database's own words: their first line, without the statement."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def _hint(error: Exception) -> str | None:
    if isinstance(error, ImportError):
        return "install scopesync with the extra postgres, from where you installed it"
    return "the URL is postgresql://user@host/database" if isinstance(error, ArgumentError) else None
