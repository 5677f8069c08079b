"""The tenant's log: what one tenant's apply says while it works, under the tenant's lock.

Belongs here: the records of one tenant in one run (`run_log` lists all kinds). Does not belong here:
the run, the work.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from scopesync.audit.ledger.locks import check, release, take
from scopesync.audit.protection import protected_keys
from scopesync.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scopesync.audit.ledger.chain import Extension
    from scopesync.audit.ledger.locks import Claimant, HeldLock
    from scopesync.audit.ledger.record_writer import Moment, RecordWriter
    from scopesync.model import DesiredTenant, ListName, LiveTenant
    from scopesync.plan.types import Call, TenantPlan

SETTLED = "applied"
"""How a tenant ends when its live lists are what the files say."""


class TenantLog:
    """The record of one tenant's apply. Making it takes the lock, `close` releases it.

    Calls may be recorded from several threads. Every method raises LedgerError when it cannot write.
    """

    def __init__(
        self, writer: RecordWriter, claimant: Claimant, plan: TenantPlan, desired: DesiredTenant | None
    ) -> None:
        self._writer = writer
        self._tenant = plan.tenant
        self._desired = desired
        self._protected: dict[ListName, list[str]] = {}
        self._ending: dict[str, Any] = {"status": "interrupted", "message": None}
        self._calls = {"intended": 0, "answered": 0, "failed": 0}
        self._counting = Lock()
        self._held = writer.journal.write(self._begin(claimant, plan))

    def before(self, live: LiveTenant) -> None:
        """Both lists as they were read before the first call; durable before that is sent."""
        self._saw(live, "before")

    def intend(self, call: Call, keys: Iterable[str] = ()) -> int:
        """Record a call that is about to be sent, naming the rows that it concerns; when this returns, it is durable.

        Raises LedgerError when it cannot be recorded, LockedError when the tenant is no longer ours: in either case
        the call must not be sent.
        """
        body = self._writer.clean(_call_document(call, keys))
        at = self._writer.at()

        def write(end: Extension) -> int:
            check(end.connection, self._held)
            return self._add(end, "call-intended", body, at, part=call.list)

        token = self._writer.journal.write(write)
        self._count("intended")
        return token

    def answered(self, token: int) -> None:
        """The call succeeded."""
        self._count("answered")
        self._later("call-answered", {"call": token})

    def failed(self, token: int, message: str, *, landed: Literal[False] | None) -> None:
        """The call failed; `landed` is False when the server said no, None when it cannot be known."""
        self._count("failed")
        self._later("call-failed", {"call": token, "message": message, "landed": landed})

    def after(self, live: LiveTenant | None) -> None:
        """Both lists as they were read after the last call; None when they could not be read."""
        if live is not None:
            self._protected = protected_keys(self._desired, live)
            self._saw(live, "after")

    def ended(self, status: str, message: str | None = None) -> None:
        """Remember how the tenant ended; without a word it was interrupted."""
        self._ending = {"status": status, "message": message}

    def close(self) -> None:
        """Write how the tenant ended, and let go of it."""
        body = {"name": self._tenant.name, **self._ending, "calls": self._calls}
        if self._ending["status"] == SETTLED:
            body["protected"] = self._protected
        at, cleaned = self._writer.at(), self._writer.clean(body)

        def write(end: Extension) -> None:
            self._add(end, "tenant-ended", cleaned, at)
            release(end.connection, self._held)

        self._writer.journal.write(write)

    def _begin(self, claimant: Claimant, plan: TenantPlan) -> Callable[[Extension], HeldLock]:
        now, at = self._writer.clock(), self._writer.at()
        body = self._writer.clean({"name": plan.tenant.name, "changes": _changes(plan)})

        def write(end: Extension) -> HeldLock:
            held, dead = take(end.connection, plan.tenant, claimant, now=now)
            told = {**body, "fence": held.fence, "took_over": dead}
            end.add("tenant-started", at=at, body=told, run=claimant.run, tenant=plan.tenant.id)
            return held

        return write

    def _saw(self, live: LiveTenant, moment: Moment) -> None:
        sightings = [self._writer.sighting(kind, live, moment) for kind in KINDS]

        def write(end: Extension) -> None:
            for sighting in sightings:
                sighting.add(end, run=self._held.run)

        self._writer.journal.write_later(write)

    def _later(self, record: str, body: dict[str, Any]) -> None:
        at, cleaned = self._writer.at(), self._writer.clean(body)
        self._writer.journal.write_later(lambda end: self._add(end, record, cleaned, at))

    def _add(self, end: Extension, record: str, body: dict[str, Any], at: str, *, part: str | None = None) -> int:
        return end.add(record, at=at, body=body, run=self._held.run, tenant=self._tenant.id, part=part)

    def _count(self, what: str) -> None:
        with self._counting:
            self._calls[what] += 1


def _call_document(call: Call, keys: Iterable[str]) -> dict[str, Any]:
    """The call as it stands in the plan document, and the keys of its rows."""
    return {
        "step": call.step,
        "list": call.list,
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "rows": call.rows,
        "keys": list(keys),
    }


def _changes(plan: TenantPlan) -> dict[str, dict[str, list[str]]]:
    """The keys that shall change: list -> action -> keys."""
    return {
        part.kind.name: {
            action: [change.key for change in part.changes if change.action == action]
            for action in ("create", "update", "delete")
        }
        for part in plan.lists
    }
