"""Apply one tenant: read again, compare with what was reviewed, send the calls in order, read back.

Belongs here: the order of these four steps and what each failure means. Does not belong here: what to send (plan),
how it is sent (live), several tenants (fleet).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.apply.outcome import TenantOutcome
from scopesync.apply.proof import differences
from scopesync.errors import ConflictError, LiveError, StaleError
from scopesync.plan.planner import moved_lists, writes_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.apply.ports import Side, Writer
    from scopesync.model import LiveTenant
    from scopesync.plan.types import TenantPlan
    from scopesync.plan.writes import Write


def apply_tenant(plan: TenantPlan, side: Side) -> TenantOutcome:
    """Make the plan so, or say how far it came. Sends nothing unless the live lists are those that were reviewed.

    The first call that fails is the last: what it left is read back and compared, never guessed.
    """
    calls = len(plan.calls)
    if not calls:
        return TenantOutcome(plan.tenant, "unchanged", calls)
    try:
        before = side.reader.read()
        writes = _reviewed_writes(plan, before, side)
    except StaleError as error:
        return TenantOutcome(plan.tenant, "stale", calls, message=error.message)
    except LiveError as error:
        return TenantOutcome(plan.tenant, "unread", calls, message=error.message)
    sent, failure = _send(writes, side.writer)
    if not sent and isinstance(failure, ConflictError):
        return TenantOutcome(plan.tenant, "stale", calls, message=failure.message)
    return _proved(plan, before, side, sent=sent, failure=failure)


def _reviewed_writes(plan: TenantPlan, live: LiveTenant, side: Side) -> tuple[Write, ...]:
    if live.identity.state == "foreign":
        raise StaleError(f"{plan.tenant.name}: the credential opens another tenant: {live.identity.evidence}")
    moved = moved_lists(plan, live)
    if moved:
        names = " and ".join(
            f"{part.kind.name} ({part.live_rows} rows then, {len(live.listing(part.kind).rows)} now)" for part in moved
        )
        raise StaleError(f"the live side moved since the plan was made: {names}", hint="make a new plan")
    return writes_of(plan, live, rows_per_call=side.rows_per_call)


def _send(writes: Iterable[Write], writer: Writer) -> tuple[int, LiveError | None]:
    """How many writes were answered with success, and the failure that ended them."""
    sent = 0
    for write in writes:
        try:
            _send_one(write, writer)
        except LiveError as error:
            return sent, error
        sent += 1
    return sent, None


def _send_one(write: Write, writer: Writer) -> None:
    match write.op:
        case "append":
            writer.append(write.kind, write.rows)
        case "replace":
            writer.replace(write.kind, write.rows)
        case "clear":
            writer.clear(write.kind)
        case "update":
            assert write.item_id is not None
            writer.update(write.kind, write.item_id, write.rows[0])
        case "delete":
            assert write.item_id is not None
            writer.delete(write.kind, write.item_id)


def _proved(plan: TenantPlan, before: LiveTenant, side: Side, *, sent: int, failure: LiveError | None) -> TenantOutcome:
    """What the live side shows now. A call that failed but was carried out all the same is proved like any other."""
    calls = len(plan.calls)
    try:
        left = differences(plan, before, side.reader.read())
    except LiveError as error:
        said = f"{failure.message}; " if failure else ""
        message = f"{said}the result could not be read back: {error.message}"
        return TenantOutcome(plan.tenant, "incomplete", calls, sent, message)
    if not left:
        return TenantOutcome(plan.tenant, "applied", calls, sent)
    message = failure.message if failure else "the server answered with success, but the result is not what was sent"
    return TenantOutcome(plan.tenant, "incomplete", calls, sent, message, left)
