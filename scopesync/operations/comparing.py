"""Comparing many tenants: read each one and hand it to the planner.

Belongs here: which room hands what to which, and that one tenant's failure changes nothing for another. Does not belong
here: any of the rooms' work, choosing tenants, documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.desired.select import select
from scopesync.errors import ConfigurationError, LedgerError, LiveError, ScopesyncError, StaleError
from scopesync.operations.connections import connections_of, lanes_of, readers, side_by_side
from scopesync.plan.planner import judged_again, plan_tenant
from scopesync.plan.types import FailedTenant, Plan
from scopesync.plan.whose import labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from scopesync.audit.ledger.book import Ledger
    from scopesync.desired.project import Project
    from scopesync.live.connection import ReadConnection
    from scopesync.model import DesiredTenant, LiveTenant
    from scopesync.operations.workspace import Workspace
    from scopesync.plan.types import AnyTenant, TenantPlan


_NO_TENANTS = "`scopesync import` writes tenant files; see `tenants` in scopesync.yaml for where they are looked for"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What else has a say in a plan, besides the files and the live side.

    `base` is the project at another commit: each change then says which side asks for it. `memory` is the ledger; None:
    there is no ledger. `wanted` may want something else than the files do, once the live side is known. `on_compared`
    is notified of every tenant that was planned, in any thread.
    """

    base: Project | None = None
    memory: Ledger | None = None
    wanted: Callable[[DesiredTenant, LiveTenant], DesiredTenant] = lambda tenant, _live: tenant
    on_compared: Callable[[TenantPlan, LiveTenant], object] = lambda _plan, _live: None


def chosen_tenants(
    project: Project, names: Sequence[str], labels: Sequence[str], *, or_none: bool = False
) -> tuple[DesiredTenant, ...]:
    """The project's tenants that are named and that the labels fit; all of them without either.

    Raises UsageError as `select` does; and ScopesyncError for a project without any tenant, unless `or_none`, for
    comparing nothing would look like success.
    """
    if not (project.tenants or names or labels or or_none):
        raise ScopesyncError("this project has no tenant file: nothing can be compared", hint=_NO_TENANTS)
    return select(project.tenants, names, labels)


def compare(
    workspace: Workspace, project: Project, tenants: Collection[DesiredTenant], comparison: Comparison | None = None
) -> Plan:
    """The plan for those tenants. A tenant that cannot be read or compared has no plan and says why; others go on."""
    connections = connections_of(tenants)
    with readers(workspace, connections) as opened:
        planned = side_by_side(
            tenants,
            lambda tenant: _compared(project, tenant, opened, comparison or Comparison()),
            name=lambda tenant: tenant.tenant.name,
            stage="reading",
            lanes=lanes_of(connections),
            workspace=workspace,
        )
    return Plan(planned)


def judge_again(workspace: Workspace, project: Project, plan: Plan, memory: Ledger) -> Plan:
    """A saved plan with what today's guards, exceptions and protections say of it. Raises StaleError, see `tenants_of`.

    A tenant that cannot be read keeps what the file says: apply will not write to it either.
    """
    tenants = tenants_of(plan, project)
    connections = connections_of(tenants.values())
    with readers(workspace, connections) as opened:

        def judged(tenant: AnyTenant) -> AnyTenant:
            if isinstance(tenant, FailedTenant) or not tenant.changed:
                return tenant
            desired = tenants[tenant.tenant.id]
            try:
                live = opened[desired.connection.name].tenant(desired).read()
            except LiveError:
                return tenant
            remembered = memory.remembered(tenant.tenant.id)
            return judged_again(tenant, desired, live, guards=project.guards, remembered=remembered)

        planned = side_by_side(
            plan.tenants,
            judged,
            name=lambda tenant: tenant.tenant.name,
            stage="judging",
            lanes=lanes_of(connections),
            workspace=workspace,
        )
    return Plan(planned)


def tenants_of(plan: Plan, project: Project) -> dict[str, DesiredTenant]:
    """The project's tenants that are in the plan, by id: their connections and credentials carry the plan out.

    Raises StaleError when the project no longer has one of them on that connection.
    """
    known = {tenant.tenant.id: tenant for tenant in project.tenants}
    for planned in plan.planned:
        tenant = known.get(planned.tenant.id)
        if tenant is None or tenant.connection.name != planned.connection:
            raise StaleError(
                f"{planned.tenant.name}: the project no longer has this tenant on {planned.connection}",
                hint="make a new plan",
            )
    return {planned.tenant.id: known[planned.tenant.id] for planned in plan.planned}


def _compared(
    project: Project, tenant: DesiredTenant, connections: Mapping[str, ReadConnection], comparison: Comparison
) -> AnyTenant:
    try:
        return _planned(project, tenant, connections[tenant.connection.name], comparison)
    except LiveError as error:
        message = error.message if error.hint is None else f"{error.message}; {error.hint}"
        return FailedTenant(tenant.tenant, tenant.connection.name, error.kind, message)
    except ConfigurationError as error:
        message = "; ".join(f"{problem.place}: {problem.message}" for problem in error.problems)
        return FailedTenant(tenant.tenant, tenant.connection.name, error.kind, message)
    except LedgerError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours in one tenant is reported, and changes nothing for another
        message = f"internal failure: {type(error).__name__}: {error}"
        return FailedTenant(tenant.tenant, tenant.connection.name, ScopesyncError.kind, message)


def _planned(project: Project, tenant: DesiredTenant, connection: ReadConnection, comparison: Comparison) -> TenantPlan:
    """The tenant's plan; with a base, each change says which side asks for it."""
    memory = comparison.memory
    remembered = None if memory is None else memory.remembered(tenant.tenant.id)
    live = connection.tenant(tenant).read()
    wanted = comparison.wanted(tenant, live)
    plan = plan_tenant(wanted, live, guards=project.guards, remembered=remembered)
    comparison.on_compared(plan, live)
    if comparison.base is None:
        return plan
    before = _plan_of_base(comparison.base, tenant, live)
    return labelled(plan, before)


def _plan_of_base(base: Project, tenant: DesiredTenant, live: LiveTenant) -> TenantPlan | None:
    """What the files of the other commit would do with the same live lists; None where they lack the tenant."""
    same = (other for other in base.tenants if other.tenant.id == tenant.tenant.id)
    before = next(same, None)
    return None if before is None else plan_tenant(before, live, guards=base.guards)
