"""Wiring for undo: what a run changed, wanted as it was before.

Belongs here: putting the ledger's memory into a tenant's place. Does not belong here: planning.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scopesync.audit.undo import wanted_back
from scopesync.errors import UsageError
from scopesync.model import KINDS

if TYPE_CHECKING:
    from scopesync.audit.ledger.book import Ledger
    from scopesync.desired.project import Project
    from scopesync.model import DesiredTenant, LiveTenant


class Undoing:
    """One run that is to be taken back. `tenants` are the project's tenants that it changed.

    Raises UsageError when there is no ledger, no such run, or nothing that it changed.
    """

    def __init__(self, book: Ledger | None, project: Project, run: int) -> None:
        hint = "see `scopesync history`"
        if book is None:
            raise UsageError("there is no ledger here: nothing was applied from this project", hint=hint)
        shown = {tenant["tenant"]["id"]: tenant for tenant in book.show(run)["tenants"]}
        self._keys = {tenant_id: tenant["keys"] for tenant_id, tenant in shown.items()}
        self._states = {tenant_id: book.states_before(run, tenant_id) for tenant_id in shown}
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
