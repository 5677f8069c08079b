"""Apply one tenant: read again, compare with what was reviewed, send the calls in order, read back.

Belongs here: the order of these four steps and what each failure means. Does not belong here: what to send (plan), how
it is sent (sending, live), several tenants (fleet).

    read again ── moved ──> stale: nothing is sent
        │
    send a leg ── a clear no ────────────────────────────┐
        │   └── no answer, or too large ──> read, send   │
        │        what is missing (a bounded number of    │
        │        times; nothing is ever repeated blindly)│
        ├── more legs ──> read: is it so? ── no ─────────┤
        │        (the next leg would do harm if it is    │
        │        not: a school goes, its courses stay)   │
        v                                                v
    read back ── as planned ──> applied        ── else ──> incomplete, the rows named
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from scopesync.apply.outcome import Status, TenantOutcome
from scopesync.apply.outstanding import is_as, on_paper, outstanding, unkept
from scopesync.apply.proof import differences
from scopesync.errors import ConflictError, CredentialError, LedgerError, LiveError, LockedError, StaleError, WriteError
from scopesync.plan.call_sequence import route
from scopesync.plan.planner import moved_lists, route_of
from scopesync.plan.row_names import some

if TYPE_CHECKING:
    from scopesync.apply.ports import Side, TenantLog
    from scopesync.apply.sending import Sender
    from scopesync.errors import ScopesyncError
    from scopesync.model import LiveTenant
    from scopesync.plan.types import TenantPlan
    from scopesync.plan.writes import Write

Legs: TypeAlias = "tuple[tuple[Write, ...], ...]"

AMBIGUITIES = 3
"""So many calls without an answer are read back and gone on from; a server that swallows more is not there."""

TOO_LARGE = 413


class _DoubtError(Exception):
    """Why nothing more may be sent."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What sending came to: the last failure that was not overcome, or why nobody dared to go on."""

    failure: ScopesyncError | None = None
    doubt: str | None = None


def apply_tenant(plan: TenantPlan, side: Side, log: TenantLog, sender: Sender) -> TenantOutcome:
    """Make the plan so, or say how far it came. Sends nothing unless the live lists are those that were reviewed."""
    calls = len(plan.calls)
    try:
        before = side.reader.read()
        legs = _reviewed_legs(plan, before, side)
        log.before(before)
    except (StaleError, LockedError, LiveError, LedgerError) as error:
        return _unsent(plan, error)
    sent = _send(plan, before, side, sender, legs)
    if sender.stopped():
        message = f"interrupted after {sender.sent} of {calls} calls; the result was not read back"
        return TenantOutcome(plan.tenant, Status.INTERRUPTED, calls, sender.sent, message)
    if not sender.touched and isinstance(sent.failure, ConflictError | LockedError | LedgerError):
        return _unsent(plan, sent.failure)
    return _proved(plan, before, side, log, sent=sent, count=sender.sent)


def _unsent(plan: TenantPlan, error: ScopesyncError) -> TenantOutcome:
    """Nothing was sent, and why."""
    status = Status.UNREAD
    if isinstance(error, StaleError | LockedError | ConflictError):
        status = Status.STALE
    elif isinstance(error, LedgerError):
        status = Status.UNRECORDED
    return TenantOutcome(plan.tenant, status, len(plan.calls), message=error.message)


def _reviewed_legs(plan: TenantPlan, live: LiveTenant, side: Side) -> Legs:
    if live.identity.state == "foreign":
        raise StaleError(f"the credential opens another tenant: {live.identity.evidence}")
    moved = moved_lists(plan, live)
    if moved:
        names = " and ".join(
            f"{part.kind.name} (rows then: {part.live_rows}, now: {len(live.listing(part.kind).rows)})"
            for part in moved
        )
        raise StaleError(f"the live side moved since the plan was made: {names}", hint="make a new plan")
    return route_of(plan, live, rows_per_call=side.rows_per_call).legs


def _send(plan: TenantPlan, before: LiveTenant, side: Side, sender: Sender, legs: Legs) -> _Sent:
    """Send leg by leg; between two, and after a failure that leaves a doubt, look at what the lists lack."""
    ambiguities, rows_per_call, seen = 0, side.rows_per_call, before
    while legs:
        leg = legs[0]
        failure = sender.send(leg)
        if sender.stopped() or (failure is None and len(legs) == 1):
            return _Sent()
        if failure is not None:
            if not isinstance(failure, WriteError) or isinstance(failure, ConflictError):
                return _Sent(failure)
            if failure.status == TOO_LARGE and (largest := max(len(write.rows) for write in leg)) > 1:
                rows_per_call = (min(rows_per_call, largest) + 1) // 2
            elif failure.landed is None and ambiguities < AMBIGUITIES:
                ambiguities += 1
            else:
                return _Sent(failure)
        promised = None if failure else on_paper(seen, leg)
        try:
            seen = _read_back(side)
            as_planned = promised is not None and is_as(promised, seen)
            legs = legs[1:] if as_planned else _left(plan, before, seen, promised, rows_per_call)
        except LiveError as error:
            return _Sent(error)
        except _DoubtError as doubt:
            return _Sent(failure, str(doubt))
    return _Sent()


def _read_back(side: Side) -> LiveTenant:
    """Both lists as they are now. Raises LiveError, also when they turn out to be another tenant's."""
    live = side.reader.read()
    if live.identity.state == "foreign":
        raise CredentialError(f"the credential opens another tenant now: {live.identity.evidence}")
    return live


def _left(
    plan: TenantPlan, before: LiveTenant, seen: LiveTenant, promised: LiveTenant | None, rows_per_call: int
) -> Legs:
    """The writes for what the lists lack, as they were just seen. Raises _DoubtError when none may be sent.

    `promised` are the lists as they should be by the server's answers, where all of them were success.
    """
    left = outstanding(plan, before, seen)
    if left.foreign:
        raise _DoubtError(f"changed by somebody else, or by the server itself: {some(left.foreign)}")
    if promised is not None and (broken := unkept(left, outstanding(plan, before, promised))):
        raise _DoubtError(f"answered with success, and not done: {some(broken)}")
    rows = {part.kind.name: seen.listing(part.kind).by_key for part in plan.lists}
    items_only = {part.kind.name for part in plan.lists if part.strategy.kind == "items"}  # as it was reviewed
    chosen = route(rows, left.changes, rows_per_call=rows_per_call, items_only=items_only)
    known = {*before.courses.by_key, *(change.key for part in plan.lists for change in part.changes)}
    if orphans := [key for key in chosen.orphans if key not in known]:
        raise _DoubtError(f"courses that came meanwhile would be without a school: {some(orphans)}")
    if chosen.blocked:
        raise _DoubtError(f"no order of calls is safe any more: {chosen.blocked[1]}")
    return chosen.legs


def _proved(
    plan: TenantPlan, before: LiveTenant, side: Side, log: TenantLog, *, sent: _Sent, count: int
) -> TenantOutcome:
    """What the live side shows now. A call that failed but was carried out all the same is proved like any other."""
    failed = None if sent.failure is None else sent.failure.message
    if sent.doubt:
        failed = f"{sent.doubt}; nothing more was sent"
    calls = len(plan.calls)
    try:
        after, unread = _read_back(side), None
    except LiveError as error:
        after, unread = None, f"the result could not be read back: {error.message}"
    try:
        log.after(after)
    except LedgerError as error:
        message = f"the result could not be recorded: {error.message}"
        return TenantOutcome(plan.tenant, Status.INCOMPLETE, calls, count, message)
    if after is None:
        message = "; ".join(filter(None, [failed, unread]))
        return TenantOutcome(plan.tenant, Status.INCOMPLETE, calls, count, message)
    left = differences(plan, before, after)
    if not left:
        return TenantOutcome(plan.tenant, Status.APPLIED, calls, count)
    message = failed or "the server answered with success, but the result is not what was sent"
    return TenantOutcome(plan.tenant, Status.INCOMPLETE, calls, count, message, left)
