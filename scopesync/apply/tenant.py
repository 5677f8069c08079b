"""Apply one tenant: read again, compare with what was reviewed, send the calls in order, read back.

Belongs here: the order of these four steps and what each failure means. Does not belong here: what to send (plan), how
it is sent (sending, live), several tenants (fleet).

    read again ── moved ──> stale: nothing is sent
        │
    send a leg ── a clear no ────────────────────────────────┐
        │   └── no clear answer, or too large ──> look       │
        ├── more legs ──> look: do the lists show it?        │
        │        ├── yes: the next leg                       │
        │        └── no, when `settle_s` is over: what       │
        │            was not done holds back the calls that  │
        │            need it; the others are sent            │
        v                                                    v
    look ── as asked, nothing lost ──> applied     ── else ──> incomplete, the rows named

A look reads both lists until they show what was promised or time is up (`looking`). An append is never sent again
before it was looked for: in the list, and by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.apply.carrying_out import CarryingOut
from scopesync.apply.outcome import Cause, Status, TenantOutcome
from scopesync.apply.proof import differences
from scopesync.errors import ConflictError, LedgerError, LiveError, LockedError, StaleError
from scopesync.plan.planner import moved_lists, on_top_of, reviewed_calls
from scopesync.plan.row_names import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.apply.outcome import Difference
    from scopesync.apply.ports import Side, TenantLog
    from scopesync.apply.sending import Sender
    from scopesync.errors import ScopesyncError
    from scopesync.model import LiveTenant
    from scopesync.plan.types import TenantPlan


def apply_tenant(plan: TenantPlan, side: Side, log: TenantLog, sender: Sender) -> TenantOutcome:
    """Make the plan so, or say how far it came. Sends nothing unless the live lists are those that were reviewed."""
    calls = len(plan.calls)
    try:
        before = side.reader.read()
        _check_unmoved(plan, before)
        plan = on_top_of(plan, before)
        legs = reviewed_calls(plan, before, side.limits).legs
        log.before(before)
    except (StaleError, LockedError, LiveError, LedgerError) as error:
        return _unsent(plan, error)
    sent = CarryingOut(plan, before, side, sender)
    sent.send(legs)
    if sender.stopped():
        message = f"interrupted after {sender.sent} of {calls} calls; the result was not read back"
        return TenantOutcome(plan.tenant, Status.INTERRUPTED, calls, sender.sent, message)
    if not sender.touched and isinstance(sent.failure, ConflictError | LockedError | LedgerError):
        return _unsent(plan, sent.failure)
    return _proved(sent, log)


def _unsent(plan: TenantPlan, error: ScopesyncError) -> TenantOutcome:
    """Nothing was sent, and why."""
    status = Status.UNREAD
    if isinstance(error, StaleError | LockedError | ConflictError):
        status = Status.STALE
    elif isinstance(error, LedgerError):
        status = Status.UNRECORDED
    return TenantOutcome(plan.tenant, status, len(plan.calls), message=error.message)


def _check_unmoved(plan: TenantPlan, live: LiveTenant) -> None:
    """Raise StaleError where the live lists are not those that were reviewed."""
    if live.identity.state == "foreign":
        raise StaleError(f"the credential opens another tenant: {live.identity.evidence}")
    moved = moved_lists(plan, live)
    if moved:
        names = " and ".join(
            f"{part.kind.name} (rows then: {part.live_rows}, now: {len(live.listing(part.kind).rows)})"
            for part in moved
        )
        raise StaleError(f"the live side moved since the plan was made: {names}", hint="make a new plan")


def _proved(sent: CarryingOut, log: TenantLog) -> TenantOutcome:
    """What the live side shows now. A call that failed but was carried out all the same is proved like any other."""
    plan, side, count = sent.plan, sent.side, sent.sender.sent
    failed = None if sent.failure is None else sent.failure.message
    if sent.doubt:
        failed = f"{sent.doubt}; nothing more was sent"
    after, unread = None, None
    try:
        after = sent.look()
    except LiveError as error:
        unread = f"the result could not be read back: {error.message}"
    try:
        log.after(after)
    except LedgerError as error:
        return _incomplete(plan, count, f"the result could not be recorded: {error.message}")
    if after is None:
        return _incomplete(plan, count, "; ".join(filter(None, [failed, unread])))
    left = differences(plan, sent.before, after, wanted=side.wanted, others=sent.others)
    if not left:
        return TenantOutcome(plan.tenant, Status.APPLIED, len(plan.calls), count)
    return _incomplete(plan, count, failed or _why(sent, left), left)


def _incomplete(plan: TenantPlan, count: int, message: str, left: tuple[Difference, ...] = ()) -> TenantOutcome:
    return TenantOutcome(plan.tenant, Status.INCOMPLETE, len(plan.calls), count, message, left)


def _why(sent: CarryingOut, left: Sequence[Difference]) -> str:
    """Why a run without a failed call is not proved."""
    not_done = [difference for difference in left if difference.cause is Cause.NOT_DONE]
    not_shown = [difference.key for difference in not_done if (difference.list, difference.key) in sent.answered]
    if not_shown:
        waited = f" after {sent.side.limits.settle_s:g} s" if sent.side.limits.settle_s else ""
        return f"answered with success, and the list does not show it{waited}: {some(not_shown)}"
    return "the server answered with success, but the result is not what was asked for"
