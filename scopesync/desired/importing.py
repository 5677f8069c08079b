"""Import: what is live becomes files of the project.

Belongs here: which file a tenant gets, and that an edit is never overwritten unasked. Does not belong here: the text of
the files (writing), reading the live side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scopesync.desired.names import file_stem
from scopesync.desired.writing import LeftOut, tenant_file
from scopesync.files import write_atomically
from scopesync.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.desired.project import Project
    from scopesync.model import DesiredTenant, LiveTenant, Tenant


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one tenant: the files `written`, or the one that was `kept` because it is there already."""

    tenant: Tenant
    written: tuple[str, ...] = ()
    kept: str | None = None
    left_out: tuple[LeftOut, ...] = ()


def import_tenants(project: Project, live: Iterable[tuple[LiveTenant, str]], *, force: bool) -> tuple[Imported, ...]:
    """Write a file for each live tenant (with the name of its connection); one that has a file keeps it, unless forced.

    Raises OSError; each file is written whole or not at all.
    """
    existing = {tenant.tenant.id: tenant for tenant in project.tenants}
    taken = {tenant.tenant.name for tenant in project.tenants}
    done = []
    for one, connection in live:
        found = existing.get(one.tenant.id)
        if found is not None and not force:
            done.append(Imported(one.tenant, kept=found.origin))
            continue
        stem = PurePosixPath(found.origin).stem if found and found.origin else file_stem(one.tenant.name, taken)
        taken.add(stem)
        done.append(_written(project, one, connection, stem, found))
    return tuple(done)


def _written(project: Project, live: LiveTenant, connection: str, stem: str, found: DesiredTenant | None) -> Imported:
    folder = found.origin.rpartition("/")[0] if found is not None and found.origin else project.tenants_folder
    written = tenant_file(
        live.tenant,
        stem=stem,
        lists={kind.name: live.listing(kind).rows for kind in KINDS},
        connection=connection if len(project.connections) > 1 else None,
        labels=found.labels if found is not None else None,
        csv_over_rows=project.csv_over_rows,
    )
    (project.root / folder).mkdir(parents=True, exist_ok=True)
    # the tenant file last: without its CSVs it would be read as a fault, they without it are read by nobody
    names = [f"{folder}/{name}" for name in written.files]
    for name, text in reversed(list(zip(names, written.files.values(), strict=True))):
        write_atomically(project.root / name, text)
    return Imported(live.tenant, tuple(names), left_out=written.left_out)
