"""Apply many tenants side by side: one tenant's failure changes nothing for another.

Belongs here: the threads. Does not belong here: what happens to one tenant.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scopesync.apply.outcome import Outcome, TenantOutcome
from scopesync.apply.tenant import apply_tenant
from scopesync.errors import LiveError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.apply.ports import Side
    from scopesync.plan.types import Plan, TenantPlan


def apply_plan(
    plan: Plan,
    open_side: Callable[[TenantPlan], Side],
    *,
    concurrency: int,
    done: Callable[[TenantOutcome], None] = lambda _: None,
) -> Outcome:
    """Make the plan so, `concurrency` tenants at a time; `done` hears of each tenant as it ends, in any thread.

    Raises RefusedError before anything is sent when a guard refuses any tenant: the guards of all tenants are judged
    before the first write.
    """
    if plan.refusals:
        raise RefusedError(
            f"{len(plan.refusals)} {'guard refuses' if len(plan.refusals) == 1 else 'guards refuse'} this plan",
            hint="nothing was written; each refusal shows the `allow` block that a reviewer may grant",
        )

    def run(tenant: TenantPlan) -> TenantOutcome:
        outcome = _run(tenant, open_side)
        done(outcome)
        return outcome

    with ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="apply") as pool:
        return Outcome(tuple(pool.map(run, plan.planned)))


def _run(tenant: TenantPlan, open_side: Callable[[TenantPlan], Side]) -> TenantOutcome:
    try:
        side = open_side(tenant)
    except LiveError as error:
        return TenantOutcome(tenant.tenant, "unread", len(tenant.calls), message=error.message)
    return apply_tenant(tenant, side)
