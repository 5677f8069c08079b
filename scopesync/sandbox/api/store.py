"""The sandbox's state: tenants and their two lists, in memory or in one SQLite file.

Belongs here: keeping rows, in the order in which they came. Does not belong here: whether a row may be kept
(`stored_rows`), who may see it (`callers`). Usable from several threads; each method is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

from scopesync.sandbox.api.row_fields import row_key
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from scopesync.sandbox.api.row_fields import ListName, Row

TenantRecord: TypeAlias = "dict[str, Any]"
"""A TenantInfo as on the vendor's page, its secret included."""

_MARK = 0x53636F70  # "Scop": SQLite's application id, so that nobody else's database is ever written
_TABLES = f"""
BEGIN;
CREATE TABLE tenant (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, client_id TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL);
CREATE TABLE scoping (position INTEGER PRIMARY KEY, tenant TEXT NOT NULL, list TEXT NOT NULL, key BLOB,
    body TEXT NOT NULL);
CREATE INDEX scoping_order ON scoping (tenant, list, position);
CREATE INDEX scoping_key ON scoping (tenant, list, key);
PRAGMA application_id = {_MARK};
COMMIT;
"""


class Store:
    """Tenants and their lists. Rows come back as they were put in, unknown fields included, in the same order.

    Tests use it to look and to tamper behind the API's back: it refuses nothing but a second use of a client id.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._close = weakref.finalize(self, connection.close)

    @classmethod
    def in_memory(cls) -> Store:
        """An empty store that lives as long as it is held."""
        return cls(_prepared(_connect(":memory:")))

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store in that file, made if there is none. Raises SandboxError when the file is something else."""
        try:
            return cls(_prepared(_connect(str(path))))
        except sqlite3.Error as error:
            raise SandboxError(f"{path}: cannot be used as the data file of a sandbox: {error}") from error

    def close(self) -> None:
        """End the use of the store; closing twice is closing once. A store that nobody holds closes itself."""
        self._close()

    def put_tenant(self, record: Mapping[str, Any]) -> None:
        """Keep a tenant, in the place of one with the same id if there is one; its lists stay."""
        values = (record["id"].lower(), record["auth"]["client_id"], json.dumps(record))
        with self._lock, self._connection:
            self._connection.execute(
                "INSERT INTO tenant (id, client_id, record) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, record = excluded.record",
                values,
            )

    def tenants(self) -> tuple[TenantRecord, ...]:
        """Every tenant, in the order in which they came."""
        return tuple(json.loads(record) for (record,) in self._all("SELECT record FROM tenant ORDER BY position"))

    def tenant(self, tenant_id: str) -> TenantRecord | None:
        """The tenant of that id, or None."""
        return self._record("SELECT record FROM tenant WHERE id = ?", tenant_id.lower())

    def tenant_of_client(self, client_id: str) -> TenantRecord | None:
        """The tenant that this client id opens, or None."""
        return self._record("SELECT record FROM tenant WHERE client_id = ?", client_id)

    def rows(self, tenant_id: str, list_name: ListName, *, offset: int = 0, limit: int = -1) -> tuple[Row, ...]:
        """The rows of a list from `offset` on, at most `limit` of them (-1: all)."""
        found = self._all(
            "SELECT body FROM scoping WHERE tenant = ? AND list = ? ORDER BY position LIMIT ? OFFSET ?",
            (tenant_id, list_name, limit, offset),
        )
        return tuple(json.loads(body) for (body,) in found)

    def count(self, tenant_id: str, list_name: ListName) -> int:
        """How many rows a list has."""
        found = self._all("SELECT count(*) FROM scoping WHERE tenant = ? AND list = ?", (tenant_id, list_name))
        return int(found[0][0])

    def row(self, tenant_id: str, list_name: ListName, key: str) -> Row | None:
        """The first row with that key (`rows.row_key`), or None."""
        found = self._all(
            "SELECT body FROM scoping WHERE tenant = ? AND list = ? AND key = ? ORDER BY position LIMIT 1",
            (tenant_id, list_name, _stored_key(key)),
        )
        return json.loads(found[0][0]) if found else None

    def replace(self, tenant_id: str, list_name: ListName, rows: Iterable[Mapping[str, Any]]) -> None:
        """Make these rows the whole list, all of them or, on failure, none."""
        values = [(tenant_id, list_name, _stored_key(row_key(list_name, row)), json.dumps(row)) for row in rows]
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM scoping WHERE tenant = ? AND list = ?", (tenant_id, list_name))
            self._connection.executemany("INSERT INTO scoping (tenant, list, key, body) VALUES (?, ?, ?, ?)", values)

    def put(self, tenant_id: str, list_name: ListName, row: Mapping[str, Any], *, first_only: bool = False) -> int:
        """Put the row where rows with its key are, every one of them or the first; says how many there were."""
        positions = self._positions(tenant_id, list_name, row_key(list_name, row))[: 1 if first_only else None]
        body = json.dumps(row)
        self._change("UPDATE scoping SET body = ? WHERE position = ?", [(body, position) for position in positions])
        return len(positions)

    def delete(self, tenant_id: str, list_name: ListName, key: str, *, first_only: bool = False) -> int:
        """Remove every row with that key, or the first; says how many there were."""
        positions = self._positions(tenant_id, list_name, key)[: 1 if first_only else None]
        self._change("DELETE FROM scoping WHERE position = ?", [(position,) for position in positions])
        return len(positions)

    def _positions(self, tenant_id: str, list_name: ListName, key: str | None) -> list[int]:
        statement = "SELECT position FROM scoping WHERE tenant = ? AND list = ? AND key = ? ORDER BY position"
        return [position for (position,) in self._all(statement, (tenant_id, list_name, _stored_key(key)))]

    def _all(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def _record(self, statement: str, value: str) -> TenantRecord | None:
        found = self._all(statement, (value,))
        return json.loads(found[0][0]) if found else None

    def _change(self, statement: str, values: list[tuple[object, ...]]) -> None:
        with self._lock, self._connection:
            self._connection.executemany(statement, values)


def _connect(name: str) -> sqlite3.Connection:
    return sqlite3.connect(name, check_same_thread=False)  # the store's own lock keeps threads apart


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The connection, its tables made if the database is new; closed again if it is another client's."""
    try:
        (mark,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if mark == 0 and tables == 0:
            connection.executescript(_TABLES)
        elif mark != _MARK:
            raise sqlite3.DatabaseError("it is a database of something else")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _stored_key(key: str | None) -> bytes | None:
    """Bytes, because JSON text may hold lone surrogates, which SQLite's text may not."""
    return None if key is None else key.lower().encode("utf-8", "surrogatepass")
