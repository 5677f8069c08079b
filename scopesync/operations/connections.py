"""Connections and lanes: open what the tenants need, and work on many tenants side by side.

Belongs here: which connections are opened, and how many threads use them. Does not belong here: what is done with a
tenant. `readers` opens connections that cannot write; only `writers` opens others. `live` is imported when one is
opened: httpx takes longer to import than all else, and brings click and rich with it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from scopesync.operations.progress import tracking

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from scopesync.live.connection import ReadConnection, WriteConnection
    from scopesync.model import Connection, DesiredTenant
    from scopesync.operations.progress import Stage
    from scopesync.operations.workspace import Workspace

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def readers(workspace: Workspace, connections: Iterable[Connection]) -> Iterator[Mapping[str, ReadConnection]]:
    """Connections that can only read, by name, while the block lasts. Raises HostError before anything is sent."""
    from scopesync.live.connection import reading  # noqa: PLC0415 - see the module's docstring

    environment, root = workspace.environment, workspace.root
    route = workspace.network.route
    with ExitStack() as stack:
        yield {
            connection.name: stack.enter_context(reading(connection, environment=environment, root=root, route=route))
            for connection in connections
        }


@contextmanager
def writers(workspace: Workspace, connections: Iterable[Connection]) -> Iterator[Mapping[str, WriteConnection]]:
    """Connections that read and write, by name, while the block lasts. Raises HostError before anything is sent."""
    from scopesync.live.connection import writing  # noqa: PLC0415 - see the module's docstring

    environment, root = workspace.environment, workspace.root
    route = workspace.network.route
    with ExitStack() as stack:
        yield {
            connection.name: stack.enter_context(writing(connection, environment=environment, root=root, route=route))
            for connection in connections
        }


def connections_of(tenants: Iterable[DesiredTenant]) -> tuple[Connection, ...]:
    """The connections of those tenants, each once."""
    by_name = {tenant.connection.name: tenant.connection for tenant in tenants}
    return tuple(by_name.values())


def lanes_of(connections: Iterable[Connection]) -> int:
    """Threads for those connections. Each holds its own traffic to its own limit; a thread only waits there."""
    return max(1, sum(connection.limits.concurrency for connection in connections))


def side_by_side(
    items: Collection[T],
    work: Callable[[T], R],
    *,
    name: Callable[[T], str],
    stage: Stage,
    lanes: int,
    workspace: Workspace,
) -> tuple[R, ...]:
    """What `work` makes of each item, in their order, so many at a time; `name` is what progress calls an item."""
    with tracking(stage, len(items), workspace.on_progress) as tracker:

        def tracked(item: T) -> R:
            tracker.begun(name(item), 0)
            try:
                return work(item)
            finally:
                tracker.ended(name(item))

        with ThreadPoolExecutor(max_workers=lanes, thread_name_prefix=stage) as pool:
            return tuple(pool.map(tracked, items))
