"""Drift: where the live side differs from the files, and who moved it. Reads only.

Belongs here: the use case and its result. Does not belong here: comparing (`comparing`), who moved a row (audit).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.audit.drift import drift_document
from scopesync.operations.comparing import Comparison, chosen_tenants, compare
from scopesync.operations.ledger_access import known_ledger
from scopesync.operations.provenance import heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.documents import DriftDocument
    from scopesync.operations.workspace import Workspace
    from scopesync.plan.types import Plan


@dataclass(frozen=True, slots=True)
class DriftResult:
    """The drift document (`drift.schema.json`), and the plan that would repair what it shows."""

    plan: Plan
    document: DriftDocument

    @property
    def changed(self) -> bool:
        """Whether anything differs in any tenant."""
        return self.plan.changed

    @property
    def exit_code(self) -> int:
        """The exit code of tenants that could not be read or compared; 0 when there is none."""
        return self.plan.failure_code


def drift(workspace: Workspace, tenants: Sequence[str] = (), *, labels: Sequence[str] = ()) -> DriftResult:
    """Where the live side differs from the files of those tenants (names or ids, all without any). Reads only.

    Raises ConfigurationError, UsageError, HostError and LedgerError; a tenant that cannot be read is in the result,
    with the reason.
    """
    project = workspace.project()
    with known_ledger(workspace) as memory:
        chosen = chosen_tenants(project, tenants, labels)
        found = compare(workspace, project, chosen, Comparison(memory=memory))
        remembered = None if memory is None else memory.memory
        document = drift_document(found, remembered, **heading(workspace, project))
    return DriftResult(found, document)
