"""Undo: plan to take a run back, every row that it changed as it was before. Reads only.

Belongs here: the use case, and what is wanted instead of what the files say. Does not belong here: comparing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scopesync.audit.undo import wanted_back
from scopesync.errors import UsageError
from scopesync.model import KINDS
from scopesync.operations.comparing import Comparison, compare
from scopesync.operations.ledger_access import known_ledger
from scopesync.operations.planning import plan_result

if TYPE_CHECKING:
    from scopesync.audit.ledger.book import Ledger
    from scopesync.desired.project import Project
    from scopesync.model import DesiredTenant, LiveTenant
    from scopesync.operations.planning import PlanResult
    from scopesync.operations.workspace import Workspace


def undo(workspace: Workspace, run: int) -> PlanResult:
    """The plan that takes the run back. Save it and `apply` it; the files still ask for what it takes back.

    Raises ConfigurationError, LedgerError, and UsageError when there is no ledger, no such run, or nothing that it
    changed.
    """
    project = workspace.project()
    with known_ledger(workspace) as memory:
        taking_back = _TakingBack(memory, project, run)
        comparison = Comparison(memory=memory, wanted=taking_back.wanted)
        found = compare(workspace, project, taking_back.tenants, comparison)
    return plan_result(workspace, project, found)


class _TakingBack:
    """One run that is to be taken back. `tenants` are the project's tenants that it changed. Raises UsageError."""

    def __init__(self, memory: Ledger | None, project: Project, run: int) -> None:
        hint = "see `scopesync history`"
        if memory is None:
            raise UsageError("there is no ledger here: nothing was applied from this project", hint=hint)
        changed = {tenant["tenant"]["id"]: tenant for tenant in memory.show(run)["tenants"]}
        self._keys = {tenant_id: tenant["keys"] for tenant_id, tenant in changed.items()}
        self._states = {tenant_id: memory.states_before(run, tenant_id) for tenant_id in changed}
        self.tenants = tuple(tenant for tenant in project.tenants if self._states.get(tenant.tenant.id))
        if not self.tenants:
            raise UsageError(f"run {run} changed nothing of the tenants in this project", hint=hint)

    def wanted(self, tenant: DesiredTenant, live: LiveTenant) -> DesiredTenant:
        """The tenant, wanting what is live but for what the run changed; lists that it left alone are not managed."""
        states, keys = self._states[tenant.tenant.id], self._keys[tenant.tenant.id]
        lists = {
            kind.name: wanted_back(kind, live.listing(kind).rows, states[kind.name].rows, keys[kind.name])
            for kind in KINDS
            if kind.name in states and any(keys.get(kind.name, {}).values())
        }
        return replace(tenant, lists=lists)
