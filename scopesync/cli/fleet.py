"""Wiring for many tenants: open the connections, read side by side, hand each tenant to its planner or applier.

Belongs here: which room hands what to which. Does not belong here: any of the rooms' work. Reading a fleet opens
connections that cannot write; only `applied` opens others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from scopesync.apply.fleet import apply_plan
from scopesync.apply.ports import Side
from scopesync.cli.progress import progress
from scopesync.errors import ConfigurationError, LiveError, StaleError
from scopesync.live.connection import reading, writing
from scopesync.plan.planner import plan_tenant
from scopesync.plan.types import FailedTenant, Plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from scopesync.apply.outcome import Outcome
    from scopesync.cli.session import Session
    from scopesync.desired.project import Project
    from scopesync.live.connection import ReadConnection
    from scopesync.model import Connection, DesiredTenant
    from scopesync.plan.types import AnyTenant, TenantPlan


def planned(session: Session, project: Project, tenants: Collection[DesiredTenant]) -> Plan:
    """The plan for those tenants. A tenant that cannot be read or compared has no plan and says why; others go on."""
    with ExitStack() as stack, progress(session, "reading", len(tenants)) as done:
        connections = {
            connection.name: stack.enter_context(reading(connection, environ=session.environ, root=project.root))
            for connection in _used(tenants)
        }

        def run(tenant: DesiredTenant) -> AnyTenant:
            try:
                return _planned(project, tenant, connections)
            finally:
                done()

        with ThreadPoolExecutor(max_workers=_width(tenants), thread_name_prefix="read") as pool:
            return Plan(tuple(pool.map(run, tenants)))


def applied(session: Session, project: Project, plan: Plan) -> Outcome:
    """What became of the plan.

    Raises, before anything is sent, RefusedError, and StaleError when the project lacks a tenant of the plan.
    """
    tenants = _tenants_of(plan, project)
    with ExitStack() as stack, progress(session, "applying", len(plan.planned)) as done:
        connections = {
            connection.name: stack.enter_context(writing(connection, environ=session.environ, root=project.root))
            for connection in _used(tenants.values())
        }

        def side(planned_tenant: TenantPlan) -> Side:
            tenant = tenants[planned_tenant.tenant.id]
            connection = connections[tenant.connection.name]
            rows_per_call = tenant.connection.limits.rows_per_call
            return Side(connection.reader(tenant), connection.writer(tenant), rows_per_call)

        width = _width(tenants.values())
        return apply_plan(plan, side, concurrency=width, done=lambda _: done())


def _tenants_of(plan: Plan, project: Project) -> dict[str, DesiredTenant]:
    """The project's tenants that the plan speaks of, by id: their connections and credentials carry the plan out."""
    known = {tenant.tenant.id: tenant for tenant in project.tenants}
    for planned_tenant in plan.planned:
        tenant = known.get(planned_tenant.tenant.id)
        if tenant is None or tenant.connection.name != planned_tenant.connection:
            raise StaleError(
                f"{planned_tenant.tenant.name}: the project no longer has this tenant on {planned_tenant.connection}",
                hint="make a new plan",
            )
    return {tenant.tenant.id: known[tenant.tenant.id] for tenant in plan.planned}


def _planned(project: Project, tenant: DesiredTenant, connections: Mapping[str, ReadConnection]) -> AnyTenant:
    try:
        live = connections[tenant.connection.name].tenant(tenant).read()
        return plan_tenant(tenant, live, guards=project.guards)
    except LiveError as error:
        return FailedTenant(tenant.tenant, tenant.connection.name, error.kind, error.message)
    except ConfigurationError as error:
        said = "; ".join(f"{problem.place}: {problem.message}" for problem in error.problems)
        return FailedTenant(tenant.tenant, tenant.connection.name, error.kind, said)


def _used(tenants: Iterable[DesiredTenant]) -> list[Connection]:
    return list({tenant.connection.name: tenant.connection for tenant in tenants}.values())


def _width(tenants: Collection[DesiredTenant]) -> int:
    """Threads for those tenants. Each connection holds its own traffic to its own limit; a thread only waits there."""
    return max(1, sum(connection.limits.concurrency for connection in _used(tenants)))
