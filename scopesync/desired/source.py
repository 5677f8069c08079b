"""The commit that the files are at: an answer from git, or none.

Belongs here: whether the files of the project are those of the commit. Does not belong here: running git (`git`),
reading the files, anything that changes a repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.desired.git import SPARSE, SUBMODULE, Repository, is_same, repository_of
from scopesync.documents import SourceDocument
from scopesync.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.desired.git import Entry


def git_source(root: Path) -> SourceDocument | None:
    """The commit of the project in `root`; None without git, a repository, a commit, or an answer in time."""
    try:
        return _source(repository_of(root))
    except UsageError:
        return None


def _source(repository: Repository) -> SourceDocument | None:
    commit = repository.commit("HEAD")
    if commit is None:
        return None
    return SourceDocument(commit=commit, dirty=_is_dirty(repository, commit))


def _is_dirty(repository: Repository, commit: str) -> bool:
    tracked = repository.tree(commit)
    present = repository.present()
    if not present.keys() <= tracked.keys():
        return True
    left_out = {name for name, tag in present.items() if tag == SPARSE}
    return any(not _is_as_committed(repository, name, entry) for name, entry in tracked.items() if name not in left_out)


def _is_as_committed(repository: Repository, name: str, entry: Entry) -> bool:
    """Whether the commit holds this; a submodule that is not checked out is as it was committed."""
    if entry.mode != SUBMODULE:
        return is_same(repository.path(name), entry)
    submodule = repository.submodule(name)
    return submodule is None or _source(submodule) == SourceDocument(commit=entry.id, dirty=False)
