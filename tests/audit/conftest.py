"""Ledgers of both kinds: every test that asks for `place` runs on an SQLite file and on a real PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from scopesync.audit.ledger.book import open_ledger
from scopesync.environment import Environment
from tests.audit.stage import Clock, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scopesync.audit.ledger.book import Ledger

REQUIRED = "SCOPESYNC_REQUIRE_POSTGRES"
"""Set in CI: a machine without PostgreSQL is then a failure, not a skipped test."""

_numbers = count(1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The URL of a private PostgreSQL cluster, in a folder of its own and reached through a socket in it."""
    programs = _programs()
    if programs is None:
        message = "PostgreSQL is not installed here (Debian: apt-get install postgresql); its tests did not run"
        if Environment.of_process().named(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, but {message}")
        pytest.skip(message)
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with _started(programs, folder):
            yield f"postgresql://owner@/postgres?host={folder}"


@pytest.fixture
def postgres(cluster: str) -> Iterator[str]:
    """The URL of an empty schema."""
    schema = f"ledger_{next(_numbers)}"
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    yield f"{cluster}&options=-csearch_path%3D{schema}"
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a ledger may be made."""
    if request.param == "sqlite":
        return tmp_path / ".scopesync" / "ledger.db"
    url: str = request.getfixturevalue("postgres")
    return url


@pytest.fixture
def ledger(place: Path | str, clock: Clock) -> Iterator[Ledger]:
    with open_ledger(place, clock=clock, mask=plain) as opened:
        yield opened


def _programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: Debian keeps them off the PATH, one folder a version."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [Path(on_path).parent] if on_path else folders
    return next((folder for folder in found if (folder / "pg_ctl").exists()), None)


@contextmanager
def _started(programs: Path, folder: Path) -> Iterator[None]:
    owner = _owner()
    if owner is not None:
        os.chown(folder, owner, -1)
    data = folder / "data"
    _run([programs / "initdb", "-D", data, "-U", "owner", "--auth=trust", "--no-sync", "--encoding=UTF8"], owner)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    _run([programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], owner)
    try:
        yield
    finally:
        _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], owner)


def _owner() -> int | None:
    """PostgreSQL refuses to run as root: then its own user runs it, or nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names["nobody"])


def _run(command: Sequence[str | Path], owner: int | None) -> None:
    subprocess.run(command, check=True, user=owner, stdout=subprocess.DEVNULL, cwd="/", timeout=300)
