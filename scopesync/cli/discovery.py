"""Wiring for tenants that may have no file yet: what the vendor key sees, read for import.

Belongs here: which room hands what to which. Does not belong here: any of the rooms' work.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.cli.progress import progress
from scopesync.desired.imports.importing import import_tenants
from scopesync.errors import LiveError, UsageError
from scopesync.live.connection import reading
from scopesync.row_identity import canonical_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scopesync.cli.session import Session
    from scopesync.desired.imports.importing import Imported
    from scopesync.desired.project import Project
    from scopesync.live.connection import ReadConnection
    from scopesync.live.reader import TenantReader
    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import LiveTenant


@dataclass(frozen=True, slots=True)
class Seen:
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
class _Source:
    name: str
    connection: str
    reader: TenantReader


def seen_tenants(session: Session, project: Project) -> tuple[Seen, ...]:
    """Every tenant that the project's vendor keys see, connection by connection. Raises a LiveError."""
    with _opened(session, project) as connections:
        return _seen(project, connections)


def imported(
    session: Session, project: Project, names: Sequence[str], *, everything: bool, force: bool
) -> tuple[tuple[Imported, ...], tuple[Unread, ...]]:
    """Write files for those tenants. One that cannot be read whole gets no file and says why; the others go on."""
    with _opened(session, project) as connections:
        sources = _sources(project, connections, names, everything=everything)
        with progress(session, "reading", len(sources)) as shown:

            def read(source: _Source) -> LiveTenant | Unread:
                shown.begun(source.name, 0)
                try:
                    return source.reader.read()
                except LiveError as error:
                    return Unread(source.name, error)
                finally:
                    shown.ended(source.name)

            width = sum(connection.limits.concurrency for connection in project.connections.values())
            with ThreadPoolExecutor(max_workers=max(1, width), thread_name_prefix="import") as pool:
                answers = list(zip(sources, pool.map(read, sources), strict=True))
    live = [(answer, source.connection) for source, answer in answers if not isinstance(answer, Unread)]
    unread = tuple(answer for _, answer in answers if isinstance(answer, Unread))
    return import_tenants(project, live, force=force), unread


@contextmanager
def _opened(session: Session, project: Project) -> Iterator[Mapping[str, ReadConnection]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                reading(connection, environ=session.environ, root=project.root, route=session.route)
            )
            for name, connection in project.connections.items()
        }


def _seen(project: Project, connections: Mapping[str, ReadConnection]) -> tuple[Seen, ...]:
    files = {canonical_id(tenant.tenant.id): tenant.origin for tenant in project.tenants}
    keyed = [name for name, connection in project.connections.items() if connection.vendor_key is not None]
    if not keyed:
        raise UsageError("no connection has a vendor key", hint="give vendor: {api_key: env:NAME} in scopesync.yaml")
    return tuple(
        Seen(name, record, files.get(canonical_id(record.id)))
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
    seen = _seen(project, connections)
    for name in unknown:
        _check_known(name, seen)
    return sources + [
        _Source(one.record.name, one.connection, connections[one.connection].discovered(one.record))
        for one in seen
        if canonical_id(one.record.id) not in named and (everything or {one.record.id, one.record.name} & set(unknown))
    ]


def _check_known(name: str, seen: Sequence[Seen]) -> None:
    if not any(name in (one.record.id, one.record.name) for one in seen):
        raise UsageError(f'no tenant has the name or id "{name}"', hint="`scopesync tenants` lists them")
