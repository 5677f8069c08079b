from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scopesync.audit.ledger.journal import Journal
from scopesync.audit.ledger.location import open_place
from scopesync.audit.ledger.tables import RECORD
from scopesync.errors import LedgerError, LockedError
from tests.audit.stage import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scopesync.audit.ledger.chain import Extension
    from scopesync.audit.ledger.database import Database


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    opened = open_place(place, mask=plain, create=True)
    yield opened
    opened.close()


def saying(word: str) -> Callable[[Extension], int]:
    return lambda end: end.add("test", at="now", body={"word": word}, run=1)


def refused(_: Extension) -> int:
    raise LockedError("another client")


def words(database: Database) -> list[str]:
    with database.reading() as connection:
        return [
            body.split('"')[3] for body in connection.execute(select(RECORD.c.body).order_by(RECORD.c.seq)).scalars()
        ]


def test_what_is_written_is_there_in_order(database: Database) -> None:
    journal = Journal(database)
    assert [journal.write(saying(word)) for word in ("one", "two")] == [1, 2]
    assert words(database) == ["one", "two"]


def test_what_is_written_later_comes_first_when_the_next_is_written(database: Database) -> None:
    journal = Journal(database)
    journal.write_later(saying("one"))
    assert words(database) == []
    assert journal.write(saying("two")) == 2
    assert words(database) == ["one", "two"]


def test_an_entry_that_is_refused_leaves_the_others_alone(database: Database) -> None:
    journal = Journal(database)
    journal.write_later(saying("one"))
    with pytest.raises(LockedError, match="another client"):
        journal.write(refused)
    journal.write(saying("two"))
    assert words(database) == ["one", "two"]


def test_those_who_wait_share_one_commit(database: Database) -> None:
    """The first writer is held up inside of its transaction until all the others have left their entries."""
    journal = Journal(database)
    inside, go = Event(), Event()

    def slow(end: Extension) -> int:
        inside.set()
        go.wait(timeout=300)
        return saying("first")(end)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(journal.write, slow)
        inside.wait(timeout=300)
        others = [pool.submit(journal.write, saying(f"word {number}")) for number in range(6)]
        while len(journal._waiting) < 6:
            assert not first.done()
        go.set()
        assert first.result() == 1
        assert {other.result() for other in others} == set(range(2, 8))
    assert journal._commits == 2


def test_a_commit_that_fails_fails_for_everybody_in_it_and_nothing_is_there(database: Database) -> None:
    journal = Journal(database)
    inside, go = Event(), Event()

    def slow(_: Extension) -> None:
        inside.set()
        go.wait(timeout=300)

    def broken(end: Extension) -> None:
        end.connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    with ThreadPoolExecutor(3) as pool:
        pool.submit(journal.write, slow)
        inside.wait(timeout=300)
        doomed = [pool.submit(journal.write, entry) for entry in (broken, saying("word"))]
        while len(journal._waiting) < 2:
            assert not doomed[0].done()
        go.set()
        for one in doomed:
            with pytest.raises(LedgerError, match="nowhere"):
                one.result()
    assert words(database) == []
    assert journal.write(saying("after")) == 1


def test_many_threads_make_one_chain(database: Database) -> None:
    journal = Journal(database)
    with ThreadPoolExecutor(12) as pool:
        numbers = list(pool.map(lambda number: journal.write(saying(str(number))), range(300)))
    assert sorted(numbers) == list(range(1, 301))
    assert sorted(words(database), key=int) == [str(number) for number in range(300)]
