"""The run's log: what a run reports while it works, as records.

Belongs here: the run. Does not belong here: one tenant of it (tenant_log), reading records (history), the transaction
(journal), doing the work (apply).

    run-started     command, who, process, tool, the plan's digest; its number is the run's id
    tenant-started  under the tenant's lock: the keys that shall change, the fence, the dead holder if there was one
    state           a list as it was read: `before` the first call, `after` the last, `confirmed` with nothing to do
    call-intended   durable before the call is sent; without one of the two that follow, its outcome is unknown
    call-answered   the call succeeded
    call-failed     the call failed, and whether it can have landed
    tenant-ended    how it ended; the lock is free again
    run-ended       how all of them ended
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from scopesync.audit.history import last_line
from scopesync.audit.ledger.content import json_content, masked
from scopesync.audit.ledger.locks import Claimant, beat
from scopesync.audit.ledger.tenant_log import TenantLog
from scopesync.audit.protection import protected_keys
from scopesync.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scopesync.audit.actor import Process, Who
    from scopesync.audit.ledger.chain import Extension, Record
    from scopesync.audit.ledger.record_writer import RecordWriter, Sighting
    from scopesync.model import DesiredTenant, LiveTenant
    from scopesync.plan.types import TenantPlan


@dataclass(frozen=True, slots=True)
class Start:
    """What is known of a run before it does anything.

    `plan` is the plan document, None for a run without one; `desired` the files' tenants by id: what they protect is
    remembered.
    """

    command: str
    who: Who
    tool_version: str
    plan: Mapping[str, Any] | None = None
    desired: Mapping[str, DesiredTenant] = field(default_factory=dict)


class RunLog:
    """The record of one run. `id` is its number: ever higher, and what `history show` and `undo` take.

    Every method may be called from any thread, and raises LedgerError when it cannot write.
    """

    def __init__(self, writer: RecordWriter, start: Start, process: Process, alive: Callable[[Process], bool]) -> None:
        self._writer = writer
        self._desired = start.desired
        self._status = "interrupted"
        content = None if start.plan is None else json_content(masked(dict(start.plan), writer.mask))
        body = writer.clean(
            {
                "command": start.command,
                "who": asdict(start.who),
                "process": {"host": process.host, "pid": process.pid},
                "tool_version": start.tool_version,
                "content": content and content.digest,
            }
        )
        at = writer.at()
        self.id: int = writer.journal.write(lambda end: end.add("run-started", at=at, body=body, content=content))
        self._claimant = Claimant(self.id, writer.mask(start.who.user), process, alive)

    @contextmanager
    def tenant(self, plan: TenantPlan) -> Iterator[TenantLog]:
        """Hold the tenant while the block lasts, and record what happens in it.

        Raises LockedError, which names the holder, while another run holds the tenant.
        """
        log = TenantLog(self._writer, self._claimant, plan, self._desired.get(plan.tenant.id))
        try:
            yield log
        finally:
            log.close()

    def confirmed(self, live: LiveTenant) -> None:
        """Record that these lists were read and there was nothing to do. Nothing is added when nothing is new."""
        sightings = [self._writer.sighting(kind, live, "confirmed") for kind in KINDS]
        protected = protected_keys(self._desired.get(live.tenant.id), live)
        ended = self._writer.clean({"name": live.tenant.name, "status": "unchanged", "protected": protected})
        at, tenant = self._writer.at(), live.tenant.id

        def write(end: Extension) -> None:
            for sighting in sightings:
                if _news(sighting, last_line(end.connection, "state", tenant, sighting.list)):
                    sighting.add(end, run=self.id)
            last = last_line(end.connection, "tenant-ended", tenant)
            if last is None or last.said != ended:
                end.add("tenant-ended", at=at, body=ended, run=self.id, tenant=tenant)

        self._writer.journal.write_later(write)

    def beat(self) -> None:
        """Say that this run lives."""
        now = self._writer.clock()
        self._writer.journal.write(lambda end: beat(end.connection, self.id, now=now))

    def ended(self, status: str) -> None:
        """Remember how the run ended; without a word it was interrupted."""
        self._status = status

    def close(self) -> None:
        """Write the run's last record, and whatever waits to be written."""
        at, body = self._writer.at(), self._writer.clean({"status": self._status})
        self._writer.journal.write(lambda end: end.add("run-ended", at=at, body=body, run=self.id))


def _news(sighting: Sighting, last: Record | None) -> bool:
    """Whether the ledger does not say yet that this was how the list was left. What a run merely found is not that."""
    return last is None or last.said["moment"] == "before" or last.said["content"] != sighting.body["content"]
