"""Wiring for an apply: the ledger's run around it, signals, and the words at its end.

Belongs here: which room hands what to which. Does not belong here: any of the rooms' work.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from scopesync.audit.actor import is_running, this_process
from scopesync.audit.ledger.run_log import Start
from scopesync.cli.fleet import applied, planned, tenants_of
from scopesync.cli.ledgers import who
from scopesync.cli.signals import stop_on_signals
from scopesync.cli.version import version
from scopesync.plan.staleness import since_review
from scopesync.report.clean import one_line
from scopesync.report.outcome_text import outcome_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scopesync.apply.outcome import Outcome
    from scopesync.audit.ledger.book import Ledger
    from scopesync.cli.session import Session
    from scopesync.desired.project import Project
    from scopesync.model import LiveTenant
    from scopesync.plan.types import Plan, TenantPlan


class Applying:
    """One apply, from the plan to the last word. Tenants with nothing to do are remembered as they were read."""

    def __init__(self, session: Session, project: Project, book: Ledger) -> None:
        self._session = session
        self._project = project
        self._book = book
        self._in_sync: list[LiveTenant] = []

    def heard(self, plan: TenantPlan, live: LiveTenant) -> None:
        """A tenant was planned."""
        if not plan.changed and not plan.refusals:
            self._in_sync.append(live)

    def run(self, plan: Plan, document: Mapping[str, Any], *, again: str) -> int:
        """Carry the plan out, say how it ended, and return the exit code; `again` goes on where it did not end well."""
        start = Start(
            command="apply",
            who=who(self._session, self._project),
            tool_version=version(),
            plan=document if plan.changed else None,
            desired=tenants_of(plan, self._project),
        )
        with (
            stop_on_signals(self._session) as stop,
            self._book.run(start, this_process(), alive=is_running) as run,
        ):
            for live in self._in_sync:
                run.confirmed(live)
            outcome = applied(self._session, self._project, plan, run, stop)
            run.ended(outcome.status)
        self._session.out(outcome_text(outcome.document()))
        self._session.out(f"Run {run.id} in {self._book.name}\n" if plan.changed else "")
        self._session.out("".join(self._moved(plan, outcome)))
        self._session.err(_again(outcome, again))
        return stop.code or outcome.exit_code

    def _moved(self, plan: Plan, outcome: Outcome) -> Iterator[str]:
        """What moved of the tenants that are stale: how a plan made now differs from the one that was reviewed."""
        stale = {one.tenant.id for one in outcome.tenants if one.status == "stale"}
        tenants = [tenant for tenant in self._project.tenants if tenant.tenant.id in stale]
        now = planned(self._session, self._project, tenants) if tenants else plan
        for tenant_id in sorted(stale):
            reviewed, fresh = _fresh(plan, tenant_id), _fresh(now, tenant_id)
            if reviewed and fresh:
                yield from (f"  {one_line(line)}\n" for line in since_review(reviewed, fresh))


def _fresh(plan: Plan, tenant_id: str) -> TenantPlan | None:
    return next((one for one in plan.planned if one.tenant.id == tenant_id), None)


def _again(outcome: Outcome, command: str) -> str:
    """The command that goes on where this one ended; nothing when there is nothing left to do."""
    left = [tenant.tenant.name for tenant in outcome.tenants if tenant.status not in {"unchanged", "applied"}]
    return f"to go on: {command.format(tenants=shlex.join(left))}\n" if left else ""
