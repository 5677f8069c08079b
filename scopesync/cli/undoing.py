"""Wiring for undo: the lists that a run found, wanted again.

Belongs here: putting the ledger's memory into a tenant's place. Does not belong here: planning.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scopesync.audit.undo import wanted_again
from scopesync.errors import UsageError
from scopesync.model import KINDS

if TYPE_CHECKING:
    from scopesync.audit.ledger import Ledger
    from scopesync.desired.project import Project
    from scopesync.model import DesiredTenant


def tenants_before(book: Ledger | None, project: Project, run: int) -> tuple[DesiredTenant, ...]:
    """The project's tenants that the run touched, each wanting its lists as the run found them.

    Raises UsageError when there is no ledger, no such run, or nothing that it changed.
    """
    if book is None:
        raise UsageError(
            "there is no ledger here: nothing was applied from this project", hint="see `scopesync history`"
        )
    book.show(run)
    found = []
    for tenant in project.tenants:
        states = book.states_before(run, tenant.tenant.id)
        if states:
            lists = {kind.name: wanted_again(kind, states[kind.name].rows) for kind in KINDS if kind.name in states}
            found.append(replace(tenant, lists=lists))
    if not found:
        raise UsageError(f"run {run} changed nothing of the tenants in this project", hint="see `scopesync history`")
    return tuple(found)
