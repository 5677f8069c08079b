"""Whose change is it: what a branch asks for, told apart from what was waiting before it.

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
    from scopesync.plan.types import Change, ListPlan, TenantPlan


def labelled(tenant: TenantPlan, base: TenantPlan | None) -> TenantPlan:
    """The plan, each change labelled by comparison with the plan of another commit's files against the same live side.

    `base` is None when the tenant has no file at that commit: then every change is the branch's own.
    """
    return replace(tenant, lists=tuple(_list(part, _changes(base, part)) for part in tenant.lists))


def _changes(base: TenantPlan | None, part: ListPlan) -> Mapping[str, Change]:
    lists = base.lists if base is not None else ()
    return {change.key: change for other in lists if other.kind is part.kind for change in other.changes}


def _list(part: ListPlan, base: Mapping[str, Change]) -> ListPlan:
    changes = tuple(replace(change, whose=_whose(change, base.get(change.key))) for change in part.changes)
    return replace(part, changes=changes)


def _whose(change: Change, base: Change | None) -> Whose:
    if base is None:
        return "this branch"
    same = (change.action, change.after) == (base.action, base.after)
    return "already pending" if same else "both"
