"""Git, as a person types it in a test."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PERSON = (
    *("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"),
    *("-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"),
)


def git(folder: Path, *words: str, stdin: bytes = b"") -> str:
    """What git prints."""
    done = subprocess.run(["git", *_PERSON, *words], cwd=folder, check=True, capture_output=True, input=stdin)
    return done.stdout.decode().strip()


def repository(folder: Path, files: Mapping[str, str]) -> Path:
    """A new repository in the folder, with those files committed."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commit(folder)
    return folder


def commit(folder: Path) -> str:
    """Commit everything in the folder: the id of the commit."""
    git(folder, "add", "--all", ".")
    git(folder, "commit", "-qm", "as it is", "--allow-empty")
    return git(folder, "rev-parse", "HEAD")
