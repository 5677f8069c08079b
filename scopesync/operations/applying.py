"""Apply: make live equal desired, then prove it by reading back.

Belongs here: which plan is carried out, the ledger's run around it, and the result. Does not belong here: sending and
proving (apply), what a guard refuses (plan), signals and questions (the caller's).
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scopesync.apply.fleet import apply_plan, check_guards
from scopesync.apply.ports import Side
from scopesync.audit.actor import is_running, this_process
from scopesync.audit.ledger.run_log import Start
from scopesync.errors import UsageError
from scopesync.operations.comparing import Comparison, chosen_tenants, compare, judge_again, tenants_of
from scopesync.operations.connections import connections_of, lanes_of, writers
from scopesync.operations.ledger_access import actor, ledger
from scopesync.operations.planning import plan_result
from scopesync.operations.progress import tracking
from scopesync.operations.provenance import tool_version
from scopesync.operations.saved_plans import check_digest, open_usable_plan
from scopesync.operations.workspace import ignore
from scopesync.plan.staleness import since_review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from scopesync.apply.outcome import Outcome
    from scopesync.apply.ports import RunLog
    from scopesync.audit.ledger.book import Ledger
    from scopesync.desired.project import Project
    from scopesync.documents import OutcomeDocument
    from scopesync.model import LiveTenant
    from scopesync.operations.planning import PlanResult
    from scopesync.operations.workspace import Workspace
    from scopesync.plan.types import Plan, TenantPlan

_DONE = frozenset({"unchanged", "applied"})


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What became of a plan. `run` is the run's number in `ledger` (its file or URL, without a password)."""

    project: Project = field(repr=False)
    plan: PlanResult
    outcome: Outcome
    run: int
    ledger: str

    @property
    def document(self) -> OutcomeDocument:
        """The outcome as plain JSON data, tenant by tenant."""
        return self.outcome.document()

    @property
    def changed(self) -> bool:
        """Whether there was anything to change."""
        return self.plan.changed

    @property
    def exit_code(self) -> int:
        """0 when live equals desired in every tenant; else the code of the outcome, or of tenants without a plan."""
        return self.outcome.exit_code or self.plan.failure_code

    @property
    def unfinished(self) -> tuple[str, ...]:
        """The names of the tenants that another apply has to finish."""
        return tuple(one.tenant.name for one in self.outcome.tenants if one.status not in _DONE)


def apply(
    workspace: Workspace,
    tenants: Sequence[str] = (),
    *,
    labels: Sequence[str] = (),
    plan: str | Path | None = None,
    expect: str | None = None,
    on_plan: Callable[[PlanResult], object] = ignore,
    confirm: Callable[[PlanResult], object] = ignore,
    stop: Callable[[], bool] = lambda: False,
    while_sending: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> ApplyResult:
    """Make live equal desired in those tenants (names or ids, all without any), or carry out the saved `plan`.

    `on_plan` is given the plan before it is judged. `confirm` is given it once it may be carried out and if it changes
    anything: it ends the apply by raising, and then nothing was written. Once `stop` says so, the calls in flight end
    and no other is sent. `while_sending` is entered for as long as calls may be sent.

    Raises, before anything is sent, RefusedError when a guard refuses any tenant; StaleError when the saved plan is not
    usable here, or when the change has not the digest that is `expect`ed; ConfigurationError, UsageError, HostError and
    LedgerError. What happens to a tenant after that is in the result.
    """
    if plan is not None and (tenants or labels):
        raise UsageError("a saved plan says which tenants to apply: leave out the names and labels")
    project = workspace.project()
    with ledger(workspace) as book:
        job = _Job(workspace, project, book)
        found = job.saved(Path(plan)) if plan is not None else job.planned(tenants, labels)
        result = plan_result(workspace, project, found)
        on_plan(result)
        if expect is not None:
            check_digest(result.document, expect)
        check_guards(found)
        if result.changed:
            confirm(result)
        return job.carried_out(result, stop, while_sending)


def moved_since_review(workspace: Workspace, result: ApplyResult) -> tuple[str, ...]:
    """What moved of the tenants that were stale: a line for each way in which a plan made now differs from theirs."""
    stale = {one.tenant.id for one in result.outcome.tenants if one.status == "stale"}
    if not stale:
        return ()
    tenants = [tenant for tenant in result.project.tenants if tenant.tenant.id in stale]
    now = {one.tenant.id: one for one in compare(workspace, result.project, tenants).planned}
    reviewed = {one.tenant.id: one for one in result.plan.plan.planned}
    return tuple(_lines(reviewed, now, sorted(stale)))


def _lines(reviewed: dict[str, TenantPlan], now: dict[str, TenantPlan], stale: Sequence[str]) -> Iterator[str]:
    for tenant_id in stale:
        if tenant_id in reviewed and tenant_id in now:
            yield from since_review(reviewed[tenant_id], now[tenant_id])


class _Job:
    """One apply of one project. Tenants with nothing to do are remembered as they were read."""

    def __init__(self, workspace: Workspace, project: Project, book: Ledger) -> None:
        self._workspace = workspace
        self._project = project
        self._book = book
        self._in_sync: list[LiveTenant] = []
        self._is_from_files = True

    def planned(self, names: Sequence[str], labels: Sequence[str]) -> Plan:
        """The plan for those tenants, made now."""
        chosen = chosen_tenants(self._project, names, labels)
        comparison = Comparison(memory=self._book, on_compared=self._remember)
        return compare(self._workspace, self._project, chosen, comparison)

    def saved(self, path: Path) -> Plan:
        """The plan in the file, as today's guards judge it. Raises StaleError when it may not be applied."""
        plan = open_usable_plan(path, self._workspace, self._project)
        self._is_from_files = False  # it may take a run back: then the files say something else
        return judge_again(self._workspace, self._project, plan, self._book)

    def carried_out(
        self,
        result: PlanResult,
        stop: Callable[[], bool],
        while_sending: Callable[[], AbstractContextManager[object]],
    ) -> ApplyResult:
        """Record a run, and in it what becomes of the plan."""
        start = Start(
            command="apply",
            who=actor(self._workspace),
            tool_version=tool_version(),
            plan=result.document if result.changed else None,
            desired=tenants_of(result.plan, self._project),
        )
        with while_sending(), self._book.run(start, this_process(), alive=is_running) as run:
            for live in self._in_sync:
                run.confirmed(live)
            outcome = self._sent(result.plan, run, stop)
            run.ended(outcome.status)
        return ApplyResult(self._project, result, outcome, run.id, self._book.name)

    def _remember(self, plan: TenantPlan, live: LiveTenant) -> None:
        if not plan.changed and not plan.refusals:
            self._in_sync.append(live)

    def _sent(self, plan: Plan, run: RunLog, stop: Callable[[], bool]) -> Outcome:
        """What became of the plan's calls. Raises RefusedError and StaleError before anything is sent."""
        workspace = self._workspace
        tenants = tenants_of(plan, self._project)
        connections = connections_of(tenants.values())
        with writers(workspace, connections) as opened:

            def side(planned: TenantPlan) -> Side:
                tenant = tenants[planned.tenant.id]
                connection = opened[tenant.connection.name]
                limits = tenant.connection.limits
                wanted = tenant.lists if self._is_from_files else None
                return Side(connection.reader(tenant), connection.writer(tenant), limits, wanted=wanted)

            with tracking("applying", len(plan.planned), workspace.on_progress) as tracker:
                lanes = lanes_of(connections)
                return apply_plan(plan, side, run, concurrency=lanes, stopped=stop, listener=tracker)
