"""The project's files as they were at another commit, and which of them differ from it.

Belongs here: asking git for a commit's files. Does not belong here: what the files say (project), the commit that a
plan is made from (source). Nothing here changes the repository: the files go to a folder of their own, through an index
of their own, so neither attributes for archives nor a person's index have a say.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scopesync.desired.project import FILE, load_project
from scopesync.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scopesync.desired.project import Project
    from scopesync.model import DesiredTenant

TIMEOUT_S = 60


def project_at(root: Path, ref: str) -> Project:
    """The project in `root` as its files were at that commit; exceptions that have expired since count as then.

    Raises UsageError when the commit is not here (a shallow clone), ConfigurationError when its files are faulty.
    """
    with _files_at(root, ref) as folder:
        try:
            return load_project(folder, today=date.min)
        except ConfigurationError as error:
            raise ConfigurationError(error.problems, hint=f"these are the files at {ref}, not those here") from error


def changed_tenants(project: Project, ref: str) -> tuple[DesiredTenant, ...]:
    """The tenants with a file, row files included, that differs from that commit, in the order of the project.

    Every tenant, when `scopesync.yaml` differs: connections and guards are everybody's. Files that git does not track
    yet count as different. Raises UsageError when the commit is not here.
    """
    changed = _changed_files(project.root, ref)
    if FILE in changed:
        return project.tenants
    before = _files_of(project_at(project.root, ref).tenants) if changed else {}
    now = _files_of(project.tenants)
    return tuple(
        tenant
        for tenant in project.tenants
        if changed & (now[tenant.tenant.id] | before.get(tenant.tenant.id, frozenset()))
    )


def _files_of(tenants: Sequence[DesiredTenant]) -> Mapping[str, frozenset[str]]:
    """The files that each tenant comes from, by tenant id: its own, and those of its rows."""
    return {
        tenant.tenant.id: frozenset(
            [
                tenant.origin or "",
                *((row.origin or "").rpartition(":")[0] for part in tenant.lists.values() for row in part.rows),
            ]
        )
        for tenant in tenants
    }


def _changed_files(root: Path, ref: str) -> frozenset[str]:
    """Paths below the project, with `/`, of what differs from the commit or is not tracked."""
    commit = _commit(root, ref)
    different = _git(root, "diff", "--name-only", "--relative", "--no-renames", "-z", commit, "--", ".")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    return frozenset(name for name in (different + untracked).split("\0") if name)


@contextmanager
def _files_at(root: Path, ref: str) -> Iterator[Path]:
    commit = _commit(root, ref)
    prefix = _git(root, "rev-parse", "--show-prefix").strip()
    with TemporaryDirectory(prefix="scopesync-") as folder:
        files = Path(folder) / "files"
        files.mkdir()
        index = Path(folder) / "index"
        _git(root, "read-tree", f"{commit}:{prefix}", index=index)
        top = Path(_git(root, "rev-parse", "--show-toplevel").rstrip("\n"))
        _git(top, "checkout-index", "--all", f"--prefix={files}/", index=index)
        yield files


def _commit(root: Path, ref: str) -> str:
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
    except UsageError as error:
        raise UsageError(
            f"there is no commit {ref!r} in this repository",
            hint="a shallow clone has only the newest: fetch it (`git fetch origin REF`, or fetch-depth: 0 in CI)",
        ) from error


def _git(root: Path, *arguments: str, index: Path | None = None) -> str:
    """What git prints, with an index of its own if need be. Raises UsageError with git's own words where it fails."""
    own_index = {} if index is None else {"GIT_INDEX_FILE": str(index)}
    command = ["git", "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell; a ref can be no option (--end-of-options)
            command,
            cwd=root,
            env={**os.environ, **own_index},
            capture_output=True,
            check=True,
            timeout=TIMEOUT_S,
            encoding="utf-8",
            errors="surrogateescape",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git cannot be asked: {error}") from error
    except subprocess.CalledProcessError as error:
        raise UsageError(f"git {arguments[0]} failed: {error.stderr.strip()}") from error
    return done.stdout
