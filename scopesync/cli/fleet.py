"""Wiring for many tenants: open the connections, read side by side, hand each tenant to its planner or applier.

Belongs here: which room hands what to which. Does not belong here: any of the rooms' work. Reading a fleet opens
connections that cannot write; only `applied` opens others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.apply.fleet import apply_plan
from scopesync.apply.ports import Side
from scopesync.cli.progress import progress
from scopesync.desired.select import select
from scopesync.errors import ConfigurationError, LedgerError, LiveError, ScopesyncError, StaleError
from scopesync.live.connection import reading, writing
from scopesync.plan.explain import explanation
from scopesync.plan.planner import judged_again, plan_tenant
from scopesync.plan.types import FailedTenant, Plan
from scopesync.plan.whose import labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from scopesync.apply.outcome import Outcome
    from scopesync.apply.ports import RunLog
    from scopesync.audit.ledger.book import Ledger
    from scopesync.cli.session import Session
    from scopesync.desired.project import Project
    from scopesync.live.connection import ReadConnection
    from scopesync.model import Connection, DesiredTenant, LiveTenant
    from scopesync.plan.types import AnyTenant, TenantPlan


_NO_TENANTS = "`scopesync import` writes tenant files; see `tenants` in scopesync.yaml for where they are looked for"


@dataclass(frozen=True, slots=True)
class Against:
    """What a plan is held against besides the live side.

    `base` is the project at another commit: each change then says whose it is. `memory` is the ledger, where there is
    one. `wanted` may want something else than the files do, once the live side is known. `heard` is told of every
    tenant that was planned, in any thread.
    """

    base: Project | None = None
    memory: Ledger | None = None
    wanted: Callable[[DesiredTenant, LiveTenant], DesiredTenant] = lambda tenant, _live: tenant
    heard: Callable[[TenantPlan, LiveTenant], None] = lambda _plan, _live: None


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


def planned(
    session: Session, project: Project, tenants: Collection[DesiredTenant], against: Against | None = None
) -> Plan:
    """The plan for those tenants. A tenant that cannot be read or compared has no plan and says why; others go on."""
    with ExitStack() as stack, progress(session, "reading", len(tenants)) as shown:
        connections = _reading(session, project, tenants, stack)

        def run(tenant: DesiredTenant) -> AnyTenant:
            shown.begun(tenant.tenant.name, 0)
            try:
                return _planned(project, tenant, connections, against or Against())
            finally:
                shown.ended(tenant.tenant.name)

        with ThreadPoolExecutor(max_workers=_width(tenants), thread_name_prefix="read") as pool:
            return Plan(tuple(pool.map(run, tenants)))


def judged(session: Session, project: Project, plan: Plan, memory: Ledger) -> Plan:
    """A saved plan with what today's guards, exceptions and protections say of it. Raises StaleError, see `tenants_of`.

    A tenant that cannot be read keeps what the file says: apply will not write to it either.
    """
    tenants = tenants_of(plan, project)
    with ExitStack() as stack, progress(session, "judging", len(plan.tenants)) as shown:
        connections = _reading(session, project, tenants.values(), stack)

        def run(tenant: AnyTenant) -> AnyTenant:
            if isinstance(tenant, FailedTenant) or not tenant.changed:
                return tenant
            desired = tenants[tenant.tenant.id]
            shown.begun(desired.tenant.name, 0)
            try:
                live = connections[desired.connection.name].tenant(desired).read()
            except LiveError:
                return tenant
            finally:
                shown.ended(desired.tenant.name)
            remembered = memory.remembered(tenant.tenant.id)
            return judged_again(tenant, desired, live, guards=project.guards, remembered=remembered)

        with ThreadPoolExecutor(max_workers=_width(tenants.values()), thread_name_prefix="judge") as pool:
            return Plan(tuple(pool.map(run, plan.tenants)))


def explained(session: Session, project: Project, tenant: DesiredTenant, words: str) -> dict[str, Any]:
    """What is known of the rows that `words` fit (`plan.explain`). Raises LiveError, ConfigurationError, UsageError."""
    with ExitStack() as stack:
        live = _reading(session, project, [tenant], stack)[tenant.connection.name].tenant(tenant).read()
    return explanation(tenant, live, plan_tenant(tenant, live, guards=project.guards), words)


def applied(session: Session, project: Project, plan: Plan, run: RunLog, stop: Callable[[], bool]) -> Outcome:
    """What became of the plan.

    Raises, before anything is sent, RefusedError, and StaleError when the project lacks a tenant of the plan.
    """
    tenants = tenants_of(plan, project)
    with ExitStack() as stack, progress(session, "applying", len(plan.planned)) as shown:
        connections = {
            connection.name: stack.enter_context(
                writing(connection, environ=session.environ, root=project.root, route=session.route)
            )
            for connection in _used(tenants.values())
        }

        def side(planned_tenant: TenantPlan) -> Side:
            tenant = tenants[planned_tenant.tenant.id]
            connection = connections[tenant.connection.name]
            rows_per_call = tenant.connection.limits.rows_per_call
            return Side(connection.reader(tenant), connection.writer(tenant), rows_per_call)

        width = _width(tenants.values())
        return apply_plan(plan, side, run, concurrency=width, stopped=stop, watcher=shown)


def tenants_of(plan: Plan, project: Project) -> dict[str, DesiredTenant]:
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


def _reading(
    session: Session, project: Project, tenants: Iterable[DesiredTenant], stack: ExitStack
) -> Mapping[str, ReadConnection]:
    """Connections that can only read, by name, open until the stack ends."""
    return {
        connection.name: stack.enter_context(
            reading(connection, environ=session.environ, root=project.root, route=session.route)
        )
        for connection in _used(tenants)
    }


def _planned(
    project: Project, tenant: DesiredTenant, connections: Mapping[str, ReadConnection], against: Against
) -> AnyTenant:
    try:
        remembered = against.memory.remembered(tenant.tenant.id) if against.memory else None
        live = connections[tenant.connection.name].tenant(tenant).read()
        plan = plan_tenant(against.wanted(tenant, live), live, guards=project.guards, remembered=remembered)
        against.heard(plan, live)
        if against.base is None:
            return plan
        once = next((other for other in against.base.tenants if other.tenant.id == tenant.tenant.id), None)
        return labelled(plan, plan_tenant(once, live, guards=against.base.guards) if once else None)
    except LiveError as error:
        said = error.message if error.hint is None else f"{error.message}; {error.hint}"
        return FailedTenant(tenant.tenant, tenant.connection.name, error.kind, said)
    except ConfigurationError as error:
        said = "; ".join(f"{problem.place}: {problem.message}" for problem in error.problems)
        return FailedTenant(tenant.tenant, tenant.connection.name, error.kind, said)
    except LedgerError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours in one tenant is told, and changes nothing for another
        said = f"internal failure: {type(error).__name__}: {error}"
        return FailedTenant(tenant.tenant, tenant.connection.name, ScopesyncError.kind, said)


def _used(tenants: Iterable[DesiredTenant]) -> list[Connection]:
    return list({tenant.connection.name: tenant.connection for tenant in tenants}.values())


def _width(tenants: Collection[DesiredTenant]) -> int:
    """Threads for those tenants. Each connection holds its own traffic to its own limit; a thread only waits there."""
    return max(1, sum(connection.limits.concurrency for connection in _used(tenants)))
