"""Which files a glob names, never one outside of the project.

Belongs here: pattern -> names. Does not belong here: reading the files (`text` refuses what a symlink leads to).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = frozenset("*?[")


def expand(root: Path, pattern: str, *, folder: str = "") -> tuple[str, ...]:
    """The names, relative to `root` and sorted, that `pattern` fits; `pattern` itself where it is a plain name.

    `pattern` is relative to `folder`, a folder in `root`. Hidden files fit only a part of the pattern that begins
    with a dot, as in a shell. Raises ValueError, in words for people, for a pattern that leaves the project or is none.
    """
    if pattern.startswith(("/", "~")) or "\\" in pattern:
        raise ValueError("must be a relative path with / between its parts")
    name = posixpath.normpath(posixpath.join(folder, pattern))
    if name == ".." or name.startswith("../"):
        raise ValueError("leaves the project's folder")
    if _MAGIC.isdisjoint(name):
        return (name,)
    try:
        found = {match.relative_to(root).as_posix() for match in root.glob(name)}
    except (ValueError, IndexError, NotImplementedError) as error:
        raise ValueError("is no glob that can be read") from error
    except OSError as error:
        raise ValueError(f"cannot be followed: {error.strerror}") from error
    return tuple(sorted(match for match in found if _hidden(match) <= _hidden(name)))


def _hidden(name: str) -> int:
    return sum(part.startswith(".") for part in name.split("/"))
