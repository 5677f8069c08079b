from __future__ import annotations

import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from scopesync.audit.ledger.book import open_ledger
from scopesync.audit.ledger.tables import VERSION
from scopesync.errors import LedgerError, NoLedgerError
from tests.audit.stage import Clock, applied, plain, vandal

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_is_private_and_its_folder_stays_out_of_git(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / ".scopesync" / "ledger.db"
    with open_ledger(path, clock=clock, mask=plain) as ledger:
        applied(ledger)
    assert sorted(entry.name for entry in path.parent.iterdir()) == [".gitignore", "ledger.db"]
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_ledger_is_opened_again_as_it_was_left(place: Path | str, clock: Clock) -> None:
    with open_ledger(place, clock=clock, mask=plain) as ledger:
        run = applied(ledger)
    with open_ledger(place, clock=clock, mask=plain, create=False) as ledger:
        assert [document["id"] for document in ledger.runs()] == [run]


def test_who_only_wants_to_read_makes_no_ledger(place: Path | str, clock: Clock) -> None:
    with (
        pytest.raises(NoLedgerError, match="no ledger"),
        open_ledger(place, clock=clock, mask=plain, create=False),
    ):
        pass


def test_a_ledger_that_is_newer_than_the_tool_is_refused(place: Path | str, clock: Clock) -> None:
    """Fault 64."""
    with open_ledger(place, clock=clock, mask=plain) as ledger, vandal(ledger) as connection:
        connection.execute(update(VERSION).values(version=99))
    with pytest.raises(LedgerError, match="version 99") as refused, open_ledger(place, clock=clock, mask=plain):
        pass
    assert refused.value.hint == "upgrade scopesync from where you installed it"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:canary@host/ledger",
        "postgresql://user:canary@[::1",
        "canary",
        "postgresql://user:canary@127.0.0.1:1/ledger",
    ],
)
def test_a_url_that_does_not_work_is_refused_without_its_password(url: str, clock: Clock) -> None:
    """Fault 59."""
    with pytest.raises(LedgerError) as refused, open_ledger(url, clock=clock, mask=plain):
        pass
    assert "canary" not in f"{refused.value.message} {refused.value.hint}"


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "ledger.db"
    path.write_text("not a database, and long enough to be taken for one" * 10)
    with pytest.raises(LedgerError, match=r"cannot be (made|opened|read)"), open_ledger(path, clock=clock, mask=plain):
        pass
    assert path.read_text().startswith("not a database")


def test_processes_that_make_the_ledger_at_once_all_write_to_the_same_chain(place: Path | str, clock: Clock) -> None:
    command = [sys.executable, "-m", "tests.audit.child", "append", str(place)]
    children = [subprocess.Popen([*command, f"tenant-{number}"]) for number in range(3)]
    assert [child.wait(timeout=300) for child in children] == [0, 0, 0]
    with open_ledger(place, clock=clock, mask=plain) as ledger:
        assert [document["tenants"][0]["sent"] for document in ledger.runs()] == [
            {"intended": 60, "answered": 60, "failed": 0}
        ] * 3
        assert ledger.head().seq == 3 * (2 * 60 + 4)
        assert ledger.verify() is None
