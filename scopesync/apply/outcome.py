"""What became of an apply.

Belongs here: the states that a tenant can end in, and what they mean together. Does not belong here: reaching them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from scopesync.errors import IncompleteError, LedgerError, LiveError, StaleError

if TYPE_CHECKING:
    from scopesync.model import ListName, Tenant

Status = Literal["unchanged", "applied", "stale", "unread", "unrecorded", "incomplete", "interrupted", "not started"]
"""How a tenant ended:

    unchanged    there was nothing to do
    applied      done, and seen to be done
    stale        not what was reviewed, or somebody else is at work; nothing was sent
    unread       it could not be read before the first call; nothing was sent
    unrecorded   the ledger could not be written before the first call; nothing was sent
    incomplete   calls were sent, and the wanted state could not be seen afterwards
    interrupted  a signal ended it between two calls; the result was not read back
    not started  a signal, or ten failures in a row, came before it
"""

Cause = Literal["not done", "done differently by the server", "changed by somebody else meanwhile"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as it should be; `state` as in the drift document."""

    list: ListName
    key: str
    name: str | None
    state: Literal["missing", "unexpected", "different"]
    cause: Cause
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TenantOutcome:
    """How one tenant ended: `sent` of `calls` calls were answered with success; `message` says what went wrong."""

    tenant: Tenant
    status: Status
    calls: int
    sent: int = 0
    message: str | None = None
    differences: tuple[Difference, ...] = ()


_WORST_FIRST: tuple[Status, ...] = (
    "incomplete",
    "interrupted",
    "not started",
    "unrecorded",
    "stale",
    "unread",
    "applied",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How all of them ended, in the plan's order."""

    tenants: tuple[TenantOutcome, ...] = field(default_factory=tuple)

    @property
    def exit_code(self) -> int:
        """DESIGN's table. "Nothing was written" (4) is only said when it is true of every tenant."""
        states = {tenant.status for tenant in self.tenants}
        wrote = any(tenant.sent for tenant in self.tenants)
        if states & {"incomplete", "interrupted"} or (wrote and states & {"stale", "unrecorded", "not started"}):
            return IncompleteError.exit_code
        codes = {"unrecorded": LedgerError, "stale": StaleError, "unread": LiveError, "not started": IncompleteError}
        return next((error.exit_code for status, error in codes.items() if status in states), 0)

    @property
    def status(self) -> str:
        """One word for all of them: the worst."""
        states = {tenant.status for tenant in self.tenants}
        return next((status for status in _WORST_FIRST if status in states), "unchanged")

    def document(self) -> dict[str, Any]:
        """The outcome as plain JSON data, for report."""
        return {
            "tenants": [
                {
                    "tenant": {"id": tenant.tenant.id, "name": tenant.tenant.name},
                    "status": tenant.status,
                    "calls": tenant.calls,
                    "sent": tenant.sent,
                    "message": tenant.message,
                    "differences": [
                        {
                            "list": difference.list,
                            "key": difference.key,
                            "name": difference.name,
                            "state": difference.state,
                            "cause": difference.cause,
                            "fields": list(difference.fields),
                        }
                        for difference in tenant.differences
                    ],
                }
                for tenant in self.tenants
            ]
        }
