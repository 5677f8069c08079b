from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect

from scopesync.audit.ledger.location import open_place
from scopesync.audit.ledger.tables import CONTENT, HEAD, LOCK, MIGRATIONS, RECORD, VERSION, Migration
from tests.audit.stage import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scopesync.audit.ledger.database import Database

SECOND = Migration(2, ("CREATE TABLE label (run {big} NOT NULL, word TEXT, picture {blob})",))


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    opened = open_place(place, mask=plain, create=True)
    yield opened
    opened.close()


def test_the_migrations_are_numbered_one_by_one() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_an_empty_database_gets_the_layout_that_the_code_knows(database: Database) -> None:
    with database.reading() as connection:
        found = inspect(connection)
        for table in (RECORD, CONTENT, HEAD, LOCK, VERSION):
            assert {column["name"] for column in found.get_columns(table.name)} == set(table.c.keys())


def test_a_ledger_of_an_older_version_takes_only_the_steps_that_are_missing(database: Database) -> None:
    database.migrate((*MIGRATIONS, SECOND))
    database.migrate((*MIGRATIONS, SECOND))
    with database.reading() as connection:
        assert inspect(connection).has_table("label")
        assert connection.execute(VERSION.select()).scalar_one() == 2


def test_a_migration_that_fails_leaves_nothing_behind(database: Database) -> None:
    broken = Migration(2, (*SECOND.statements, "CREATE NONSENSE"))
    with pytest.raises(Exception, match="cannot be written"):
        database.migrate((*MIGRATIONS, broken))
    with database.reading() as connection:
        assert not inspect(connection).has_table("label")
        assert connection.execute(VERSION.select()).scalar_one() == 1


def test_a_block_that_fails_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(database)
    with database.reading() as connection:
        assert connection.execute(HEAD.select()).one().seq == 0


def _write_and_fail(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(HEAD.update().values(seq=5))
        raise ZeroDivisionError
