"""Which files a glob names, never one outside of the project.

Belongs here: pattern -> names. Does not belong here: reading the files (`text_file` refuses what a symlink leads to).

By hand, for pathlib's glob passes over a folder that it cannot read, and a list would lose the rows in it; what `**`
means there differs between Python 3.12 and 3.13 as well. Here a pattern means the same on every Python and system.
"""

from __future__ import annotations

import os
import posixpath
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MAGIC = frozenset("*?[")
_ANY_FOLDERS = "**"


def expand(root: Path, pattern: str, *, folder: str = "") -> tuple[str, ...]:
    """The names, relative to `root` and sorted, that `pattern` fits; `pattern` itself where it is a plain name.

    `pattern` is relative to `folder`, a folder in `root`. Hidden files fit only a part of the pattern that begins
    with a dot, as in a shell; `**` is any number of folders, symlinks not among them. Raises ValueError, in words for
    people, for a pattern that leaves the project or is none, and for a folder on its way that cannot be read.
    """
    if pattern.startswith(("/", "~")) or "\\" in pattern:
        raise ValueError("must be a relative path with / between its parts")
    name = posixpath.normpath(posixpath.join(folder, pattern))
    if name == ".." or name.startswith("../"):
        raise ValueError("leaves the project's folder")
    if _MAGIC.isdisjoint(name):
        return (name,)
    parts = name.split("/")
    if "\0" in name or any(_ANY_FOLDERS in part and part != _ANY_FOLDERS for part in parts):
        raise ValueError("is no glob that can be read (** stands alone between two /)")
    try:
        found = {match.relative_to(root).as_posix() for match in _matches(root, parts)}
    except OSError as error:
        raise ValueError(f"cannot be followed: {error.strerror}") from error
    return tuple(sorted(found))


def _matches(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """What fits the parts, from `folder` on; some of it perhaps twice. Raises OSError."""
    part, *rest = parts
    if part == _ANY_FOLDERS:
        for below in _folders(folder):
            yield from _matches(below, rest or ["*"])
        return
    for name in _names(folder, part):
        if rest:
            yield from _matches(folder / name, rest)
        else:
            yield folder / name


def _names(folder: Path, part: str) -> list[str]:
    """The names in the folder that fit one part of a pattern; none where it is no folder. Raises OSError."""
    try:
        if _MAGIC.isdisjoint(part):
            os.lstat(folder / part)
            return [part]
        names = [path.name for path in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    hidden_too = part.startswith(".")
    return [name for name in names if fnmatchcase(name, part) and (hidden_too or not name.startswith("."))]


def _folders(folder: Path) -> Iterator[Path]:
    """The folder and all below it, without hidden ones. Raises OSError."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise error

    for path, below, _ in os.walk(folder, onerror=refuse):
        below[:] = [name for name in below if not name.startswith(".")]
        yield Path(path)
