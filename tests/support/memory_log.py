"""A ledger in memory: what apply's Protocols ask for, with failures where a test wants them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from scopesync.errors import LedgerError, LockedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scopesync.model import LiveTenant
    from scopesync.plan.types import Call, TenantPlan


class MemoryLog:
    """A run and its tenants in one. `told` is what was recorded, in order.

    `full_from` is the number of the intent (from 1) from which on the ledger cannot be written, `lost_from` the one at
    which another run has taken the lock; `holder` is who holds every tenant from the start.
    """

    def __init__(self) -> None:
        self.told: list[str] = []
        self.intents = 0
        self.full_from: int | None = None
        self.lost_from: int | None = None
        self.holder: str | None = None
        self.full_at_the_end = False

    @contextmanager
    def tenant(self, plan: TenantPlan) -> Iterator[MemoryLog]:
        if self.holder is not None:
            raise LockedError(f"{plan.tenant.name} is held by {self.holder}")
        yield self

    def before(self, live: LiveTenant) -> None:
        self.told.append(f"before {len(live.schools.rows)} {len(live.courses.rows)}")

    def intend(self, call: Call, keys: Iterable[str] = ()) -> int:
        self.intents += 1
        if self.full_from is not None and self.intents >= self.full_from:
            raise LedgerError("no space left on the disk")
        if self.lost_from is not None and self.intents >= self.lost_from:
            raise LockedError("another run has taken the tenant")
        self.told.append(f"intend {call.method} {call.list} {' '.join(keys)}".rstrip())
        return self.intents

    def answered(self, token: int) -> None:
        self.told.append(f"answered {token}")

    def failed(self, token: int, message: str, *, landed: Literal[False] | None) -> None:
        self.told.append(f"failed {token} {'no' if landed is False else 'unknown'}: {message}")

    def after(self, live: LiveTenant | None) -> None:
        if self.full_at_the_end:
            raise LedgerError("no space left on the disk")
        self.told.append("after" if live is not None else "after nothing")

    def ended(self, status: str, message: str | None = None) -> None:
        self.told.append(f"ended {status}{': ' if message else ''}{message or ''}")
