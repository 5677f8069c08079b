"""Explain: who asks for one school or course, what is live, and what a plan would do with it. Reads only.

Belongs here: the use case. Does not belong here: finding the row and gathering what is known of it (plan).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.desired.select import select
from scopesync.operations.connections import readers
from scopesync.plan.explain import explanation
from scopesync.plan.planner import plan_tenant

if TYPE_CHECKING:
    from scopesync.operations.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of the rows that were asked for; `document` is laid out as `plan.explain.explanation` says."""

    document: dict[str, Any]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that fit."""
        return list(self.document["rows"])


def explain(workspace: Workspace, tenant: str, words: str) -> Explanation:
    """What is known of the rows of that tenant (name or id) that `words` fit: an id, reference, local id or name.

    Raises ConfigurationError, LiveError, and UsageError when no tenant or row fits.
    """
    project = workspace.project()
    (desired,) = select(project.tenants, [tenant])
    with readers(workspace, [desired.connection]) as opened:
        live = opened[desired.connection.name].tenant(desired).read()
    plan = plan_tenant(desired, live, guards=project.guards)
    return Explanation(explanation(desired, live, plan, words))
