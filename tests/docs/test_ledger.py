"""docs/ledger.md, as typed, and what it says of SQLite and PostgreSQL."""

from __future__ import annotations

import re
import shlex
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from scopesync.audit.ledger import locks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell

    Edit = Callable[[str, str, str], None]

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text("utf-8")
TENANT = "st-brigids-diocesan-schools-ceatharlach"
FILE = f"tenants/{TENANT}.yaml"
NEW = 'schools:\n  - school_id: "5f0e8c1a-1111-4111-8111-000000000001"\n    name: Springfield\n'


def test_the_commands_work_as_typed(fleet: Shell, edit: Edit) -> None:
    edit(FILE, "schools:\n", NEW)
    blocks = re.findall(r"<!-- run -->\n```console\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 8
    for line in lines:
        words = shlex.split(line.removeprefix("$ scopesync ").replace("springfield", TENANT))
        ended = fleet(*(str(fleet.root / word) if word == "undo.json" else word for word in words))
        assert ended.code == 0, f"{line}: {ended.err}"
    assert fleet("drift", TENANT, "--detailed-exitcode").code == 2


def test_the_copy_is_a_whole_ledger_and_an_old_one_is_found_out(fleet: Shell, edit: Edit) -> None:
    assert fleet("apply", "--yes").code == 0
    place = fleet.root / ".scopesync" / "ledger.db"
    (program, sql), *_ = re.findall(r"`(sqlite3) .scopesync/ledger.db \"([^\"]+)\"`", PAGE)
    assert program == "sqlite3"
    copy = fleet.root / "copy.db"
    with sqlite3.connect(place) as connection:
        connection.execute(sql.replace("copy.db", str(copy)))
    connection.close()
    edit(FILE, "schools:\n", NEW)
    assert fleet("apply", "--yes").code == 0
    head = fleet("history", "verify", "--format", "json").document["head"]
    assert fleet("history", "verify", "--expect", head).code == 0
    copy.replace(place)
    assert fleet("history", "verify").code == 0
    ended = fleet("history", "verify", "--expect", head)
    assert (ended.code, "was noted" in ended.err) == (1, True)


def test_a_role_that_may_only_select_is_enough_to_look(fleet: Shell, postgres: str) -> None:
    """Fault 64."""
    fleet.environ["SCOPESYNC_LEDGER_URL"] = postgres
    assert fleet("apply", "--yes").code == 0
    (grant,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    schema = postgres.rpartition("%3D")[2]
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA {schema} TO reader".encode())
        connection.execute(grant.replace("public", schema).encode())
    fleet.environ["SCOPESYNC_LEDGER_URL"] = postgres.replace("owner@", "reader@")
    for words in (("plan",), ("drift",), ("history",), ("history", "verify")):
        assert fleet(*words).code == 0, words
    ended = fleet("apply", "--yes")
    assert (ended.code, "cannot be written" in ended.err) == (1, True)


def test_the_times_of_the_locks_are_the_codes() -> None:
    assert f"after {locks.STALE_AFTER_S:g}\nseconds" in PAGE
    assert f"every {locks.BEAT_EVERY_S:g}" in PAGE
