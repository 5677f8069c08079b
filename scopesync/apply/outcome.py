"""What became of an apply.

Belongs here: the states that a tenant can end in, and what they mean together. Does not belong here: reaching them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from scopesync.errors import IncompleteError, LiveError, StaleError

if TYPE_CHECKING:
    from scopesync.model import ListName, Tenant

Status = Literal["unchanged", "applied", "stale", "unread", "incomplete"]
"""`unchanged`: there was nothing to do. `applied`: done, and seen to be done. `stale`: the live side moved since the
review, nothing was sent. `unread`: it could not be read before the first call, nothing was sent. `incomplete`: calls
were sent, and the wanted state could not be seen afterwards."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as it should be; `state` as in the drift document."""

    list: ListName
    key: str
    name: str | None
    state: Literal["missing", "unexpected", "different"]
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How all of them ended, in the plan's order."""

    tenants: tuple[TenantOutcome, ...] = field(default_factory=tuple)

    @property
    def exit_code(self) -> int:
        """DESIGN's table. "Nothing was written" (4) is only said when it is true of every tenant."""
        states = {tenant.status for tenant in self.tenants}
        wrote = any(tenant.sent for tenant in self.tenants)
        if "incomplete" in states or ("stale" in states and wrote):
            return IncompleteError.exit_code
        if "stale" in states:
            return StaleError.exit_code
        return LiveError.exit_code if "unread" in states else 0

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
                            "fields": list(difference.fields),
                        }
                        for difference in tenant.differences
                    ],
                }
                for tenant in self.tenants
            ]
        }
