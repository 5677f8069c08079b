"""What became of an apply.

Belongs here: the states that a tenant can end in, and what they mean together. Does not belong here: reaching them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scopesync.errors import IncompleteError, LedgerError, LiveError, StaleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.documents import LeftDocument, OutcomeDocument, RowState, TenantOutcomeDocument
    from scopesync.model import ListName, Tenant


class Status(StrEnum):
    """How a tenant ended."""

    UNCHANGED = "unchanged"
    """There was nothing to do."""

    APPLIED = "applied"
    """Done, and seen to be done."""

    STALE = "stale"
    """The live lists are not what was reviewed, or another run holds the tenant; nothing was sent."""

    UNREAD = "unread"
    """It could not be read before the first call; nothing was sent."""

    UNRECORDED = "unrecorded"
    """The ledger could not be written before the first call; nothing was sent."""

    INCOMPLETE = "incomplete"
    """Calls were sent, and the wanted state could not be seen afterwards."""

    INTERRUPTED = "interrupted"
    """A signal ended it between two calls; the result was not read back."""

    NOT_STARTED = "not started"
    """A signal came before it, or ten failures in a row."""


class Cause(StrEnum):
    """Why a row is not as it should be."""

    NOT_DONE = "not done"
    DONE_DIFFERENTLY = "done differently by the server"
    ANOTHER_CLIENT = "changed by another client meanwhile"


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as it should be; `state` as in the drift document.

    `fields` are those that are wrong, `sent` what they should hold, `kept` what the server has in them.
    """

    list: ListName
    key: str
    name: str | None
    state: RowState
    cause: Cause
    fields: tuple[str, ...] = ()
    sent: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TenantOutcome:
    """How one tenant ended: `sent` of `calls` calls were answered with success; `message` says what went wrong."""

    tenant: Tenant
    status: Status
    calls: int
    sent: int = 0
    message: str | None = None
    differences: tuple[Difference, ...] = ()


_WORST_FIRST = (
    Status.INCOMPLETE,
    Status.INTERRUPTED,
    Status.NOT_STARTED,
    Status.UNRECORDED,
    Status.STALE,
    Status.UNREAD,
    Status.APPLIED,
)

_SENT_WITHOUT_PROOF = frozenset({Status.INCOMPLETE, Status.INTERRUPTED})

_NOTHING_WRITTEN = {
    Status.UNRECORDED: LedgerError,
    Status.STALE: StaleError,
    Status.UNREAD: LiveError,
    Status.NOT_STARTED: IncompleteError,
}
"""What is raised elsewhere for the same reason; the first that is met gives the exit code."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How all of them ended, in the plan's order."""

    tenants: tuple[TenantOutcome, ...] = field(default_factory=tuple)

    @property
    def exit_code(self) -> int:
        """As docs/exit-codes.md says. "Nothing was written" (4) is only said when it is true of every tenant."""
        states = {tenant.status for tenant in self.tenants}
        wrote_somewhere = any(tenant.sent for tenant in self.tenants)
        stopped_short = states & {Status.STALE, Status.UNRECORDED, Status.NOT_STARTED}
        if states & _SENT_WITHOUT_PROOF or (wrote_somewhere and stopped_short):
            return IncompleteError.exit_code
        for status, error in _NOTHING_WRITTEN.items():
            if status in states:
                return error.exit_code
        return 0

    @property
    def status(self) -> Status:
        """One word for all of them: the worst."""
        states = {tenant.status for tenant in self.tenants}
        for status in _WORST_FIRST:
            if status in states:
                return status
        return Status.UNCHANGED

    def document(self) -> OutcomeDocument:
        """The outcome as plain JSON data, for report."""
        return {"tenants": [_tenant_document(tenant) for tenant in self.tenants]}


def _tenant_document(outcome: TenantOutcome) -> TenantOutcomeDocument:
    return {
        "tenant": {"id": outcome.tenant.id, "name": outcome.tenant.name},
        "status": outcome.status.value,
        "calls": outcome.calls,
        "sent": outcome.sent,
        "message": outcome.message,
        "differences": [_left_document(difference) for difference in outcome.differences],
    }


def _left_document(difference: Difference) -> LeftDocument:
    return {
        "list": difference.list,
        "key": difference.key,
        "name": difference.name,
        "state": difference.state,
        "cause": difference.cause.value,
        "fields": list(difference.fields),
        "sent": dict(difference.sent),
        "kept": dict(difference.kept),
    }
