"""Writing files whole or not at all.

Belongs here: what every room that writes a file must do alike. Does not belong here: what is in the files.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644


def write_atomically(path: Path, text: str, *, mode: int = PUBLIC) -> None:
    """Put `text` (UTF-8) at `path`: afterwards the file is the old one or the new one, never a part of either.

    `mode` is what the new file gets, whatever the umask. Raises OSError; the temporary file is then gone again.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            Path(temporary).chmod(mode)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in the folder durable: without it a power cut can bring the old one back. Raises OSError.

    Windows opens no folder, and keeps the names in a journal of its own.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
