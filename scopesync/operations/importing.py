"""Import: the live lists of tenants written as files; and what the vendor key sees.

Belongs here: where each tenant is read from, and the two use cases. Does not belong here: the files' texts (desired).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.desired.imports.importing import import_tenants
from scopesync.errors import LiveError, UsageError
from scopesync.operations.connections import lanes_of, readers, side_by_side
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scopesync.desired.imports.importing import Imported
    from scopesync.desired.project import Project
    from scopesync.live.connection import ReadConnection
    from scopesync.live.reader import TenantReader
    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import LiveTenant
    from scopesync.operations.workspace import Workspace


@dataclass(frozen=True, slots=True)
class VisibleTenant:
    """A tenant that a vendor key sees; `file` is its file here, if it has one."""

    connection: str
    record: TenantRecord
    file: str | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A tenant that could not be imported, and why."""

    name: str
    error: LiveError


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of each tenant: those that have files now, and those that could not be read whole."""

    imported: tuple[Imported, ...]
    unread: tuple[Unread, ...]

    @property
    def changed(self) -> bool:
        """Whether any file was written or brought up to date."""
        return any(one.merged.files for one in self.imported)

    @property
    def exit_code(self) -> int:
        """The exit code of the tenants that could not be read; 0 when there is none."""
        return max((failure.error.exit_code for failure in self.unread), default=0)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a tenant is read from."""

    name: str
    connection: str
    reader: TenantReader


def visible_tenants(workspace: Workspace) -> tuple[VisibleTenant, ...]:
    """Every tenant that the project's vendor keys see, connection by connection.

    Raises ConfigurationError, LiveError, and UsageError where no connection has a vendor key.
    """
    project = workspace.project(notify=False)
    with readers(workspace, project.connections.values()) as connections:
        return _visible(project, connections)


def import_(
    workspace: Workspace, tenants: Sequence[str] = (), *, everything: bool = False, force: bool = False
) -> ImportResult:
    """Write files for those tenants (names or ids), or for everything that the vendor key sees.

    A tenant that has a file keeps it: rows that are live and not in it are added, everything else is left as it is;
    with `force` its lists become what is live. A tenant that cannot be read whole gets no file, and is in the result
    with the reason. Raises ConfigurationError, LiveError, UsageError and OSError.
    """
    project = workspace.project(notify=False)
    with readers(workspace, project.connections.values()) as connections:
        sources = _sources(project, connections, tenants, everything=everything)
        answers = side_by_side(
            sources,
            _read,
            name=lambda source: source.name,
            stage="reading",
            lanes=lanes_of(project.connections.values()),
            workspace=workspace,
        )
    live = [
        (answer, source.connection)
        for source, answer in zip(sources, answers, strict=True)
        if not isinstance(answer, Unread)
    ]
    unread = tuple(answer for answer in answers if isinstance(answer, Unread))
    return ImportResult(import_tenants(project, live, force=force), unread)


def _read(source: _Source) -> LiveTenant | Unread:
    try:
        return source.reader.read()
    except LiveError as error:
        return Unread(source.name, error)


def _visible(project: Project, connections: Mapping[str, ReadConnection]) -> tuple[VisibleTenant, ...]:
    files = {canonical_id(tenant.tenant.id): tenant.origin for tenant in project.tenants}
    keyed = [name for name, connection in project.connections.items() if connection.vendor_key is not None]
    if not keyed:
        raise UsageError("no connection has a vendor key", hint="give vendor: {api_key: env:NAME} in scopesync.yaml")
    return tuple(
        VisibleTenant(name, record, files.get(canonical_id(record.id)))
        for name in keyed
        for record in connections[name].records()
    )


def _sources(
    project: Project, connections: Mapping[str, ReadConnection], names: Sequence[str], *, everything: bool
) -> list[_Source]:
    """Where to read each tenant: with the credential of its file, or with that of its record."""
    if not names and not everything:
        raise UsageError("which tenants?", hint="name them, or say --all for every tenant that the vendor key sees")
    filed = {word: tenant for tenant in project.tenants for word in (tenant.tenant.name, tenant.tenant.id)}
    known = [filed[name] for name in names if name in filed]
    sources = [
        _Source(tenant.tenant.name, tenant.connection.name, connections[tenant.connection.name].tenant(tenant))
        for tenant in known
    ]
    unknown = [name for name in names if name not in filed]
    if not unknown and not everything:
        return sources
    named = {canonical_id(tenant.tenant.id) for tenant in known}
    visible = _visible(project, connections)
    for name in unknown:
        _check_visible(name, visible)
    return sources + [
        _Source(one.record.name, one.connection, connections[one.connection].discovered(one.record))
        for one in visible
        if canonical_id(one.record.id) not in named and (everything or {one.record.id, one.record.name} & set(unknown))
    ]


def _check_visible(name: str, visible: Sequence[VisibleTenant]) -> None:
    if not any(name in (one.record.id, one.record.name) for one in visible):
        raise UsageError(f'no tenant has the name or id "{name}"', hint="`scopesync tenants` lists them")
