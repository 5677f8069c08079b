"""Where a ledger is: a file of the project, or a URL.

Belongs here: understanding the place, and making a new file whole or not at all. Does not belong here: what is in it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from scopesync.audit.ledger.database import Database, opened
from scopesync.errors import LedgerError, NoLedgerError
from scopesync.files import PRIVATE, sync_folder, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = Path(".scopesync") / "ledger.db"
"""The ledger of a project, below its folder."""

_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")


def open_place(place: str | Path, *, mask: Callable[[str], str], create: bool) -> Database:
    """The database there: a Path is an SQLite file, a text is the URL of a PostgreSQL database.

    With `create` what is missing is made; else NoLedgerError says that there is none. Raises LedgerError.
    """
    if isinstance(place, Path):
        return _open_file(place, mask=mask, create=create)
    url = _postgres_url(place)
    return opened(url, name=f"postgresql://{url.host or ''}/{url.database or ''}", mask=mask, create=create)


def _postgres_url(text: str) -> URL:
    """The URL with our driver. What is wrong with it is not repeated: it may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _POSTGRES:
        raise LedgerError(
            "the ledger's URL is not one of PostgreSQL", hint="it looks like postgresql://user@host/database"
        )
    return url.set(drivername="postgresql+psycopg")


def _open_file(path: Path, *, mask: Callable[[str], str], create: bool) -> Database:
    if not path.exists():
        if not create:
            raise NoLedgerError(f"there is no ledger at {path} yet", hint="the first apply makes one")
        _make(path, mask=mask)
    return opened(_file_url(path), name=str(path), mask=mask, create=create)


def _make(path: Path, *, mask: Callable[[str], str]) -> None:
    """Put a new ledger there, for the owner's eyes, unless another process is quicker: then that one stays."""
    try:
        _make_folder(path.parent)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as folder:
            new = Path(folder) / path.name
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
            database = Database(_file_url(new), name=str(path), mask=mask)
            try:
                database.use_wal()
                database.migrate()
            finally:
                database.close()
            _publish(new, path)
    except OSError as error:
        raise LedgerError(f"the ledger {path} cannot be made: {error.strerror}") from error


def _make_folder(folder: Path) -> None:
    """The folder, which keeps itself out of Git: it names schools and courses, and changes with every run."""
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        return
    write_atomically(folder / ".gitignore", "*\n")


def _publish(new: Path, path: Path) -> None:
    """Give the file its name; a link, unlike a rename, never replaces what is there."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        return
    sync_folder(path.parent)


def _file_url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))
