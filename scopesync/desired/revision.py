"""The project's files as they were at another commit, and which tenants differ from it.

Belongs here: a commit's files, written to a folder of their own. Does not belong here: running git (`git`), what the
files say (project), the commit that a plan is made from (source). Nothing here changes the repository.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scopesync.desired.git import LINK, SUBMODULE, plain_line_ends, repository_of
from scopesync.desired.project import FILE, Project, load_project
from scopesync.errors import ConfigurationError, UsageError
from scopesync.model import Guards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.desired.git import Repository
    from scopesync.model import DesiredTenant


def project_at(root: Path, ref: str) -> Project:
    """The project in `root` as its files were at that commit; exceptions that have expired since count as then.

    A project without tenants, when there was none in that folder. Raises UsageError when the commit is not here (a
    shallow clone), ConfigurationError when its files are faulty.
    """
    with _files_at(root, ref) as folder:
        return _load(folder, ref)


def changed_tenants(project: Project, ref: str) -> tuple[DesiredTenant, ...]:
    """The tenants that differ from where this branch left that commit (`left_at`), in the order of the project.

    A tenant differs when one of its files does, row files included. Every tenant differs when `scopesync.yaml` does,
    for connections and guards are everybody's, and when there was no project, or one that cannot be read. Raises
    UsageError when the commit is not here.
    """
    with _files_at(project.root, left_at(project.root, ref)) as folder:
        try:
            before = _load(folder, ref)
        except ConfigurationError:
            return project.tenants
        if _differs(project.root, folder, FILE):
            return project.tenants
        known = {tenant.tenant.id: tenant for tenant in before.tenants}
        return tuple(
            tenant
            for tenant in project.tenants
            if _has_changed(tenant, known.get(tenant.tenant.id), project.root, folder)
        )


def left_at(root: Path, ref: str) -> str:
    """The commit at which this branch left `ref`: what came to `ref` since is no change of this branch.

    `ref` itself where that commit cannot be known: a shallow clone, or histories that have nothing in common.
    """
    repository = repository_of(root)
    commit = _commit(repository, ref)
    return repository.merge_base("HEAD", commit) or commit


def _has_changed(now: DesiredTenant, before: DesiredTenant | None, root: Path, folder: Path) -> bool:
    if before is None or now != before:
        return True
    return any(_differs(root, folder, name) for name in _files_of(now))


def _files_of(tenant: DesiredTenant) -> set[str]:
    """The files that a tenant comes from: its own, and those of its rows."""
    files = {tenant.origin or ""}
    for part in tenant.lists.values():
        files.update((row.origin or "").rpartition(":")[0] for row in part.rows)
    return files - {""}


def _differs(root: Path, folder: Path, name: str) -> bool:
    """Whether the file is another one in the two folders. Links are followed: what was read through them counts."""
    try:
        now = (root / name).read_bytes()
        before = (folder / name).read_bytes()
    except OSError:  # it was read a moment ago
        return True
    return plain_line_ends(now) != plain_line_ends(before)


def _load(folder: Path, ref: str) -> Project:
    if not os.path.lexists(folder / FILE):
        return Project(root=folder, connections={}, guards=Guards(), tenants=())
    try:
        return load_project(folder, today=date.min)
    except ConfigurationError as error:
        raise ConfigurationError(error.problems, hint=f"these are the files at {ref}, not those here") from error


@contextmanager
def _files_at(root: Path, ref: str) -> Iterator[Path]:
    """A folder with the project's files at that commit, while the block lasts."""
    repository = repository_of(root)
    commit = _commit(repository, ref)
    with TemporaryDirectory(prefix="scopesync-") as folder:
        try:
            _write_files(repository, commit, Path(folder))
        except (OSError, ValueError) as error:  # ValueError: a link that leads to a name with a NUL in it
            raise UsageError(f"the files at {ref} cannot be written to a temporary folder: {error}") from error
        yield Path(folder)


def _write_files(repository: Repository, commit: str, folder: Path) -> None:
    """Write what the commit holds: files, links as links, and submodules that are checked out here.

    Links come last, so that nothing can be written through one.
    """
    tree = repository.tree(commit)
    submodules = [name for name, entry in tree.items() if entry.mode == SUBMODULE]
    names = [name for name in tree if name not in submodules]
    names.sort(key=lambda name: tree[name].mode == LINK)
    contents = repository.contents(tree[name].id for name in names)
    for name, content in zip(names, contents, strict=True):
        path = _place(folder, name)
        if tree[name].mode == LINK:
            path.symlink_to(os.fsdecode(content))
        else:
            path.write_bytes(content)
    for name in submodules:
        inner = repository.submodule(name)
        if inner is not None and inner.commit(tree[name].id) is not None:
            _write_files(inner, tree[name].id, _place(folder, name))


def _place(folder: Path, name: str) -> Path:
    """Where the file is written. Raises UsageError for a name that leads elsewhere: only a forged commit has one."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts:
        raise UsageError(f"a commit names a file {name!r}: this is no file of a project")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _commit(repository: Repository, ref: str) -> str:
    commit = repository.commit(ref)
    if commit is None:
        raise UsageError(
            f"there is no commit {ref!r} in this repository",
            hint="a shallow clone has only the newest: fetch it (`git fetch origin REF`, or fetch-depth: 0 in CI)",
        )
    return commit
