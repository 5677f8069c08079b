"""Whose change it is: the changes of a branch, and those that were pending before it.

Belongs here: comparing two plans of the same live side. Does not belong here: reading another commit (desired).

    in the plan of the branch    in the plan of the other commit    it is
    yes                          no                                 this branch
    yes                          the same change                    already pending
    yes                          another change of that row         both
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.documents import Whose
    from scopesync.model import Kind
    from scopesync.plan.types import Change, ListPlan, TenantPlan


def labelled(tenant: TenantPlan, base: TenantPlan | None) -> TenantPlan:
    """The plan with each change labelled, by comparison with `base`: the plan of another commit, same live side.

    `base` is None when the tenant has no file at that commit: then every change is the branch's own.
    """
    lists = tuple(_labelled_list(part, _changes_of(base, part.kind)) for part in tenant.lists)
    return replace(tenant, lists=lists)


def _changes_of(base: TenantPlan | None, kind: Kind) -> Mapping[str, Change]:
    """The changes of that list in the other plan, by key."""
    if base is None:
        return {}
    for part in base.lists:
        if part.kind is kind:
            return {change.key: change for change in part.changes}
    return {}


def _labelled_list(part: ListPlan, base: Mapping[str, Change]) -> ListPlan:
    changes = []
    for change in part.changes:
        whose = _whose(change, base.get(change.key))
        changes.append(replace(change, whose=whose))
    return replace(part, changes=tuple(changes))


def _whose(change: Change, base: Change | None) -> Whose:
    if base is None:
        return "this branch"
    is_same = (change.action, change.after) == (base.action, base.after)
    return "already pending" if is_same else "both"
