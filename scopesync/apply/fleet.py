"""Apply many tenants side by side: one tenant's failure changes nothing for another.

Belongs here: the threads, and when nothing more is started. Does not belong here: what happens to one tenant.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from scopesync.apply.outcome import Outcome, Status, TenantOutcome
from scopesync.apply.ports import SilentListener
from scopesync.apply.sending import Sender
from scopesync.apply.tenant import apply_tenant
from scopesync.errors import LedgerError, LiveError, LockedError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.apply.ports import ProgressListener, RunLog, Side
    from scopesync.plan.types import Plan, TenantPlan

FAILURES_IN_A_ROW = 10
"""After so many tenants that fail one after the other the fault is not theirs: the rest is not started."""

_FAILED = frozenset({Status.UNREAD, Status.UNRECORDED, Status.INCOMPLETE})
_UNTOUCHED = frozenset({Status.UNREAD, Status.UNRECORDED, Status.STALE})


def check_guards(plan: Plan) -> None:
    """Raise RefusedError when a guard refuses any tenant: all are judged before the first write."""
    if plan.refusals:
        count = len(plan.refusals)
        raise RefusedError(
            f"{count} {'guard refuses' if count == 1 else 'guards refuse'} this plan",
            hint="nothing was written; each refusal shows the `allow` block that a reviewer may grant",
        )


def apply_plan(
    plan: Plan,
    open_side: Callable[[TenantPlan], Side],
    run: RunLog,
    *,
    concurrency: int,
    stopped: Callable[[], bool] = lambda: False,
    listener: ProgressListener | None = None,
) -> Outcome:
    """Make the plan so, `concurrency` tenants at a time, and as many item calls.

    Once `stopped` says so, the calls in flight end and no other is sent. Raises RefusedError before anything is sent
    when a guard refuses any tenant.
    """
    check_guards(plan)
    with (
        ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="call") as calls,
        ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="apply") as tenants,
    ):
        fleet = _Fleet(open_side, run, calls, concurrency, stopped, listener or SilentListener())
        return Outcome(tuple(tenants.map(fleet.apply, plan.planned)))


@dataclass(slots=True)
class _Fleet:
    """What the tenants of one run share."""

    open_side: Callable[[TenantPlan], Side]
    run: RunLog
    calls: Executor
    lanes: int
    stopped: Callable[[], bool]
    listener: ProgressListener
    _failures: int = 0
    _lock: Lock = field(default_factory=Lock)

    def apply(self, plan: TenantPlan) -> TenantOutcome:
        self.listener.begun(plan.tenant.name, len(plan.calls))
        try:
            outcome = self._outcome(plan)
        finally:
            self.listener.ended(plan.tenant.name)
        with self._lock:
            if outcome.status in _FAILED:
                self._failures += 1
            elif outcome.status is Status.APPLIED:
                self._failures = 0
        return outcome

    def _outcome(self, plan: TenantPlan) -> TenantOutcome:
        if not plan.calls:
            return TenantOutcome(plan.tenant, Status.UNCHANGED, 0)
        if self.stopped():
            return TenantOutcome(
                plan.tenant, Status.NOT_STARTED, len(plan.calls), message="interrupted before it began"
            )
        if self._failures >= FAILURES_IN_A_ROW:
            message = f"{FAILURES_IN_A_ROW} tenants failed in a row before it"
            return TenantOutcome(plan.tenant, Status.NOT_STARTED, len(plan.calls), message=message)
        return self._recorded(plan)

    def _recorded(self, plan: TenantPlan) -> TenantOutcome:
        """The tenant's outcome, under its lock, and recorded."""
        outcome = None
        try:
            with self.run.tenant(plan) as log:
                side = self.open_side(plan)
                on_sent = partial(self.listener.sent, plan.tenant.name)
                sender = Sender(side.writer, log, self.calls, self.lanes, self.stopped, on_sent)
                outcome = apply_tenant(plan, side, log, sender)
                log.ended(outcome.status, outcome.message)
        except LockedError as error:
            return TenantOutcome(plan.tenant, Status.STALE, len(plan.calls), message=error.message)
        except LiveError as error:
            return TenantOutcome(plan.tenant, Status.UNREAD, len(plan.calls), message=error.message)
        except LedgerError as error:
            return _unrecorded(plan, outcome, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one tenant is told, and changes nothing for another
            message = f"internal failure: {type(error).__name__}: {error}; what was sent is in `scopesync history`"
            return TenantOutcome(plan.tenant, Status.INCOMPLETE, len(plan.calls), message=message)
        return outcome


def _unrecorded(plan: TenantPlan, outcome: TenantOutcome | None, error: LedgerError) -> TenantOutcome:
    """The ledger failed: before anything was sent, or when the end was to be recorded."""
    if outcome is None or outcome.status in _UNTOUCHED:
        return TenantOutcome(plan.tenant, Status.UNRECORDED, len(plan.calls), message=error.message)
    message = f"{outcome.status}, but that could not be recorded: {error.message}"
    return TenantOutcome(plan.tenant, Status.INCOMPLETE, outcome.calls, outcome.sent, message, outcome.differences)
