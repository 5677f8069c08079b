"""Import: write the live lists to the files of the project.

Belongs here: which file a tenant gets, and writing to disk. Does not belong here: the text of new files (`new_files`)
and of existing files (`merging`), reading the live lists.
"""

from __future__ import annotations

import stat
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scopesync.desired.imports.merging import Merged, merge
from scopesync.desired.imports.new_files import tenant_file
from scopesync.desired.project import paused_collector
from scopesync.desired.row_sources import gather
from scopesync.desired.sources.yaml_file import read_yaml
from scopesync.desired.tenant_names import file_stem
from scopesync.files import PUBLIC, write_atomically
from scopesync.model import KINDS
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scopesync.desired.project import Project
    from scopesync.model import LiveTenant, Tenant


@dataclass(frozen=True, slots=True)
class Imported:
    """The result for one tenant; `file` is its tenant file, `is_new` if import created it."""

    tenant: Tenant
    file: str
    is_new: bool
    merged: Merged


def import_tenants(project: Project, live: Iterable[tuple[LiveTenant, str]], *, force: bool) -> tuple[Imported, ...]:
    """Write files for each live tenant (with the name of its connection), or update the files that it has.

    Raises OSError; each file is written whole or not at all.
    """
    with paused_collector():
        return tuple(_Importer(project, force=force).tenant(one, connection) for one, connection in live)


class _Importer:
    """One import, with the stems that are taken so far and the row files that tenants share."""

    def __init__(self, project: Project, *, force: bool) -> None:
        self.project = project
        self.force = force
        self.existing = {canonical_id(tenant.tenant.id): tenant for tenant in project.tenants}
        self.taken = {tenant.tenant.name for tenant in project.tenants}

    def tenant(self, live: LiveTenant, connection: str) -> Imported:
        found = self.existing.get(canonical_id(live.tenant.id))
        if found is None:
            file, merged = self._new(live, connection)
        else:
            assert found.origin is not None
            file = found.origin
            merged = merge(self.project, found, live, shared=self.shared, force=self.force)
        for name, data in merged.files.items():
            _put(self.project.root / name, data)
        return Imported(live.tenant, file, found is None, merged)

    def _new(self, live: LiveTenant, connection: str) -> tuple[str, Merged]:
        """The files of a tenant that has none yet."""
        stem = file_stem(live.tenant.name, self.taken)
        self.taken.add(stem)
        folder = self.project.tenants_folder
        written = tenant_file(
            live.tenant,
            stem=stem,
            lists={kind.name: live.listing(kind).rows for kind in KINDS},
            connection=connection if len(self.project.connections) > 1 else None,
            csv_over_rows=self.project.csv_over_rows,
        )
        # The tenant file last: without its CSVs it would be an error, but CSVs without a tenant file are never read.
        files = {f"{folder}/{name}": text.encode() for name, text in reversed(list(written.files.items()))}
        return f"{folder}/{stem}.yaml", Merged(files, left_out=written.left_out, additive=written.additive)

    @cached_property
    def shared(self) -> frozenset[str]:
        """The row files that more than one list of the project uses."""
        used: Counter[str] = Counter()
        for tenant in self.project.tenants:
            if tenant.origin is not None:
                used.update(_row_files(self.project.root, tenant.origin))
        return frozenset(file for file, count in used.items() if count > 1)


def _row_files(root: Path, name: str) -> Iterator[str]:
    """The row files that a tenant file names, list by list."""
    file = read_yaml(root, name)
    for kind in KINDS:
        yield from gather(root, file.places, file.value.get(kind.name, ()), kind).files


def _put(path: Path, data: bytes) -> None:
    """Write a file and keep its mode. A symlink is kept: its target is written."""
    place = path.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else PUBLIC
    write_atomically(place, data.decode(), mode=mode)
