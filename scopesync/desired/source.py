"""The commit that the files are at: an answer from git, or none.

Belongs here: asking git. Does not belong here: reading the files, anything that changes a repository.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.documents import SourceDocument

TIMEOUT_S = 10


def git_source(root: Path) -> SourceDocument | None:
    """The commit of the project in `root`, and whether files under it differ from that commit.

    None without git, a repository, a commit, or an answer in time.
    """
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    changes = _git(root, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    if commit is None or changes is None:
        return None
    return {"commit": commit.strip(), "dirty": bool(changes.strip())}


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints, None where it fails. Optional locks are off: looking must not disturb a person's own git."""
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell, and no argument that a file could choose
            command, cwd=root, capture_output=True, check=True, timeout=TIMEOUT_S, encoding="utf-8", errors="replace"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
