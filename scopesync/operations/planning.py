"""Plan: what would change, by which calls, and what the guards say. Reads only.

Belongs here: the use case and its result. Does not belong here: comparing (`comparing`), plan files (`saved_plans`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scopesync.desired.revision import changed_tenants, left_at, project_at
from scopesync.errors import ConfigurationError
from scopesync.operations.comparing import Comparison, chosen_tenants, compare
from scopesync.operations.ledger_access import known_ledger
from scopesync.operations.provenance import heading
from scopesync.operations.saved_plans import Seal, save_plan, seal_of
from scopesync.plan.document import to_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.desired.project import Project
    from scopesync.documents import PlanDocument
    from scopesync.model import DesiredTenant, Tenant
    from scopesync.operations.workspace import Workspace
    from scopesync.plan.types import Plan


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan, and the document that says the same (`plan.schema.json`).

    `seal` is what a saved plan has besides. `unmanaged` names the tenants that had a file at the other commit that was
    asked about, and have none now: their live lists stay as they are. `remarks` are for people: what could not be
    compared, and why.
    """

    plan: Plan
    document: PlanDocument
    seal: Seal
    unmanaged: tuple[Tenant, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything would change in any tenant."""
        return self.plan.changed

    @property
    def digest(self) -> str:
        """The digest of what would change: what `expect` of `apply` compares with."""
        return str(self.document["digest"])

    @property
    def failure_code(self) -> int:
        """The exit code of tenants that could not be read or compared; 0 when there is none."""
        return self.plan.failure_code

    @property
    def exit_code(self) -> int:
        """As `failure_code`, else 3 when a guard refuses, else 0."""
        return self.plan.exit_code

    def save(self, path: str | Path) -> None:
        """Save the plan for `apply`: whole or not at all, for the owner's eyes. Raises ScopesyncError."""
        save_plan(Path(path), self.document, self.seal)


def plan(
    workspace: Workspace,
    tenants: Sequence[str] = (),
    *,
    labels: Sequence[str] = (),
    base: str | None = None,
    changed_since: str | None = None,
) -> PlanResult:
    """What would change in those tenants (names or ids, all without any; `labels` are selectors). Reads only.

    With `base`, a commit, each change says whether it is asked for since then. With `changed_since` only tenants are
    planned whose files differ from that commit. Raises ConfigurationError, UsageError, HostError and LedgerError; a
    tenant that cannot be read is in the result, with the reason.
    """
    project = workspace.project()
    chosen = chosen_tenants(project, tenants, labels, or_none=bool(base or changed_since))
    if changed_since is not None:
        changed = changed_tenants(project, changed_since)
        chosen = tuple(tenant for tenant in chosen if tenant in changed)
    before = None if base is None else project_at(project.root, base)
    found = _compared(workspace, project, chosen, before)
    result = plan_result(workspace, project, found)
    ref = base or changed_since
    if ref is None:
        return result
    try:
        return replace(result, unmanaged=_no_longer_managed(project, ref, before))
    except ConfigurationError:
        remark = f"the project's files where this branch left {ref} are faulty: nothing is compared with them"
        return replace(result, remarks=(remark,))


def plan_result(workspace: Workspace, project: Project, plan: Plan) -> PlanResult:
    """The plan with its document and seal of this moment."""
    document = to_document(plan, **heading(workspace, project))
    return PlanResult(plan, document, seal_of(workspace, project))


def _compared(workspace: Workspace, project: Project, tenants: tuple[DesiredTenant, ...], base: Project | None) -> Plan:
    with known_ledger(workspace) as memory:
        return compare(workspace, project, tenants, Comparison(base=base, memory=memory))


def _no_longer_managed(project: Project, ref: str, before: Project | None) -> tuple[Tenant, ...]:
    """The tenants whose file this branch has removed.

    `before` is the project at `ref`, where it has been read. A tenant that came to `ref` after this branch left it has
    no file here either, and nobody removed it. Raises ConfigurationError where the files of then are faulty.
    """
    if before is not None and not _without_file(before, project):
        return ()
    return _without_file(project_at(project.root, left_at(project.root, ref)), project)


def _without_file(before: Project, now: Project) -> tuple[Tenant, ...]:
    """The tenants that had a file then and have none now."""
    known = {tenant.tenant.id for tenant in now.tenants}
    return tuple(tenant.tenant for tenant in before.tenants if tenant.tenant.id not in known)
