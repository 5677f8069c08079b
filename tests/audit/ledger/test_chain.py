from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, update

from scopesync.audit.ledger.book import open_ledger
from scopesync.audit.ledger.chain import Head
from scopesync.audit.ledger.tables import CONTENT, HEAD, RECORD
from scopesync.errors import LedgerError
from tests.audit.stage import Clock, applied, plain, vandal

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.audit.ledger.book import Ledger

CHANGED = {
    "kind": "call-failed",
    "run": 7,
    "tenant": "another",
    "list": "courses",
    "at": "2020-01-01T00:00:00.000+00:00",
    "body": "{}",
    "previous": "0",
    "hash": "0",
}


def test_a_ledger_that_nobody_touched_is_sound(ledger: Ledger) -> None:
    assert ledger.verify() is None
    applied(ledger)
    applied(ledger)
    assert ledger.verify() is None
    assert ledger.head().seq == 24


@pytest.mark.parametrize("column", CHANGED)
def test_a_changed_record_is_named(ledger: Ledger, column: str) -> None:
    """Fault 61."""
    applied(ledger)
    with vandal(ledger) as connection:
        connection.execute(update(RECORD).where(RECORD.c.seq == 5).values({column: CHANGED[column]}))
    fault = ledger.verify()
    assert fault is not None
    assert (fault.seq, fault.what) == (5, "changed: its hash does not cover what it says")


def test_a_missing_record_is_named(ledger: Ledger) -> None:
    applied(ledger)
    with vandal(ledger) as connection:
        connection.execute(delete(RECORD).where(RECORD.c.seq == 5))
    fault = ledger.verify()
    assert fault is not None
    assert (fault.seq, fault.what) == (5, "missing: record 6 comes after record 4")


def test_a_tail_that_was_cut_off_is_missed(ledger: Ledger) -> None:
    applied(ledger)
    with vandal(ledger) as connection:
        connection.execute(delete(RECORD).where(RECORD.c.seq > 7))
    fault = ledger.verify()
    assert fault is not None
    assert (fault.seq, fault.what) == (8, "missing: the ledger had 12 records, and ends after 7")


def test_a_record_that_was_forged_together_with_its_hash_does_not_fit_the_next_one(ledger: Ledger) -> None:
    applied(ledger)
    with vandal(ledger) as connection:
        _forge(connection, 5, body="{}")
    fault = ledger.verify()
    assert fault is not None
    assert (fault.seq, fault.what) == (6, "out of order: it does not follow the record before it")


def test_records_that_changed_places_are_noticed(ledger: Ledger) -> None:
    applied(ledger)
    with vandal(ledger) as connection:
        for old, new in ((5, 500), (6, 5), (500, 6)):
            connection.execute(update(RECORD).where(RECORD.c.seq == old).values(seq=new))
    fault = ledger.verify()
    assert fault is not None
    assert fault.seq == 5


def test_who_forges_the_last_record_forgets_the_head(ledger: Ledger) -> None:
    applied(ledger)
    with vandal(ledger) as connection:
        _forge(connection, 12, body="{}")
    fault = ledger.verify()
    assert fault is not None
    assert (fault.seq, fault.what) == (12, "the ledger's head says that record 12 is the last one")


def test_a_chain_that_was_wholly_rewritten_is_found_by_a_head_that_was_noted(ledger: Ledger) -> None:
    applied(ledger)
    noted = ledger.head()
    applied(ledger)
    assert ledger.verify(noted=noted) is None
    with vandal(ledger) as connection:
        connection.execute(delete(RECORD).where(RECORD.c.seq > 9))
        connection.execute(update(HEAD).values(seq=9, hash=_forge(connection, 9, kind="state")))
    assert ledger.verify() is None
    fault = ledger.verify(noted=noted)
    assert fault is not None
    assert fault.seq == 10
    assert "noted" in fault.what
    other = ledger.verify(noted=Head(4, "0"))
    assert other is not None
    assert other.what == "it is not the record that was noted: the chain was written anew"


@pytest.mark.parametrize("what", ["missing", "changed", "damaged"])
def test_content_is_part_of_the_record_that_keeps_it(ledger: Ledger, what: str) -> None:
    applied(ledger)
    with vandal(ledger) as connection:
        digest = connection.execute(select(RECORD.c.body).where(RECORD.c.seq == 3)).scalar_one().split('"')[3]
        mine = CONTENT.c.digest == digest
        if what == "missing":
            connection.execute(delete(CONTENT).where(mine))
        else:
            other = connection.execute(select(CONTENT.c.packed).where(~mine)).scalars().first()
            packed = other if what == "changed" else b"x"
            connection.execute(update(CONTENT).where(mine).values(packed=packed))
    fault = ledger.verify()
    assert fault is not None
    assert fault.seq == 3
    assert what in fault.what


def test_one_byte_of_a_copied_file_names_the_record(tmp_path: Path, clock: Clock) -> None:
    original, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    with open_ledger(original, clock=clock, mask=plain) as ledger:
        applied(ledger)
    data = original.read_bytes()
    at = data.index(b"schools/b") + len("schools/")
    shutil.copy(original, copy)
    copy.write_bytes(data[:at] + b"z" + data[at + 1 :])
    with open_ledger(copy, clock=clock, mask=plain, create=False) as ledger:
        fault = ledger.verify()
        assert fault is not None
        assert fault.seq == 7
        assert ledger.show(1)["tenants"][0]["calls"][1]["path"].endswith("z")
    with open_ledger(original, clock=clock, mask=plain) as ledger:
        assert ledger.verify() is None


def test_no_byte_of_a_file_can_be_changed_so_that_something_false_is_told(tmp_path: Path, clock: Clock) -> None:
    """Whatever byte is flipped: it is found, the file is refused, or every answer is still the right one."""
    original, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    with open_ledger(original, clock=clock, mask=plain) as ledger:
        applied(ledger)
        truth = (ledger.runs(), ledger.show(1), ledger.last_state("x", "schools"))
    data = original.read_bytes()
    used = [at for at, byte in enumerate(data) if byte]
    for at in used[:: len(used) // 60]:
        copy.write_bytes(data[:at] + bytes([data[at] ^ 0x15]) + data[at + 1 :])
        try:
            with open_ledger(copy, clock=clock, mask=plain, create=False) as ledger:
                if ledger.verify() is None:
                    assert (ledger.runs(), ledger.show(1), ledger.last_state("x", "schools")) == truth
        except LedgerError:
            continue


def _forge(connection: Any, seq: int, **values: str) -> str:
    """Change a record, and give it the hash that it then has to have."""
    from scopesync.audit.ledger.chain import as_records  # noqa: PLC0415 - what a forger would look up

    connection.execute(update(RECORD).where(RECORD.c.seq == seq).values(values))
    record = next(as_records(connection.execute(select(RECORD).where(RECORD.c.seq == seq))))
    connection.execute(update(RECORD).where(RECORD.c.seq == seq).values(hash=record.digest()))
    return record.digest()
