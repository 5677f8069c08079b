"""Locks: one apply a tenant at a time.

Belongs here: who holds a tenant, whether that holder still lives, and the fence. Does not belong here: what is done
while holding it.

A lock that is taken bears a number, its fence, which is higher than all before it. A run that lost its lock (it was
stopped, or cut off, for so long that it passed for dead) finds another fence there when it asks for its next call,
and is refused. Holder and challenger in one place (one boot, one container) are judged by the process itself; across
places by the age of the holder's last beat, so the clocks of the machines must agree to within a few seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from scopesync.audit.actor import Process
from scopesync.audit.ledger.tables import LOCK
from scopesync.errors import LockedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from scopesync.model import Tenant

STALE_AFTER_S = 120.0
"""A holder in another place that has not beaten for so long is dead."""

BEAT_EVERY_S = 20.0
"""So often a holder says that it lives."""

_LINE = select(LOCK).where(LOCK.c.tenant == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who wants a lock: a run, the person or job that started it, its process, and how it tells who lives."""

    run: int
    user: str
    process: Process
    alive: Callable[[Process], bool]


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that was taken."""

    tenant: Tenant
    run: int
    fence: int


def take(
    connection: Connection, tenant: Tenant, claimant: Claimant, *, now: datetime
) -> tuple[HeldLock, dict[str, Any] | None]:
    """Take the tenant's lock: what is held, and the dead holder from whom it was taken (None where it was free).

    Raises LockedError, which names the holder, while one lives.
    """
    line = _line(connection, tenant)
    is_held = line is not None and line.run is not None
    if is_held and _lives(line, claimant, now):
        raise LockedError(
            f"{tenant.name}: {_holder(line)} is applying it since {line.since}",
            hint="wait until that has ended, then run again; a dead holder is found out and replaced",
        )
    held = HeldLock(tenant, claimant.run, 1 if line is None else line.fence + 1)
    if line is None:
        connection.execute(LOCK.insert().values(tenant=tenant.id, fence=0))
    process = claimant.process
    mine = {"holder": claimant.user, "host": process.host, "place": process.place, "pid": process.pid}
    times = {"started": process.started, "since": now.isoformat(timespec="seconds"), "beat": now.timestamp()}
    taken = LOCK.update().where(LOCK.c.tenant == tenant.id)
    connection.execute(taken.values(fence=held.fence, run=held.run, **mine, **times))
    return held, _holder_document(line) if is_held else None


def check(connection: Connection, held: HeldLock) -> None:
    """Raise LockedError unless the lock is still the one that was taken."""
    line = _line(connection, held.tenant)
    if line is None or (line.run, line.fence) != (held.run, held.fence):
        successor = "nobody" if line is None or line.run is None else _holder(line)
        raise LockedError(
            f"{held.tenant.name}: run {held.run} lost its lock, which {successor} holds now",
            hint="run again: what is left to do is found by comparing anew",
        )


def release(connection: Connection, held: HeldLock) -> None:
    """Let go of the lock, if it is still the one that was taken."""
    mine = LOCK.update().where(LOCK.c.tenant == held.tenant.id, LOCK.c.run == held.run, LOCK.c.fence == held.fence)
    connection.execute(mine.values(run=None))


def beat(connection: Connection, run: int, *, now: datetime) -> None:
    """Say that the run lives, for every lock that it holds."""
    connection.execute(LOCK.update().where(LOCK.c.run == run).values(beat=now.timestamp()))


def _line(connection: Connection, tenant: Tenant) -> Any:
    return connection.execute(_LINE, {"of": tenant.id}).one_or_none()


def _lives(line: Any, claimant: Claimant, now: datetime) -> bool:
    if line.place == claimant.process.place:
        return claimant.alive(Process(line.host, line.place, line.pid, line.started))
    return bool(now.timestamp() - line.beat < STALE_AFTER_S)


def _holder(line: Any) -> str:
    return f"{line.holder} on {line.host} (process {line.pid}, run {line.run})"


def _holder_document(line: Any) -> dict[str, Any]:
    return {"run": line.run, "user": line.holder, "host": line.host, "pid": line.pid, "since": line.since}
