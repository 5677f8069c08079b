"""The verdict on a tenant: what the guards refuse, and which reviewed exceptions were used.

Belongs here: asking every guard about every list, and laying the exceptions beside the answers. Does not belong here:
showing a refusal, or acting on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scopesync.plan.guards.case import ListCase
from scopesync.plan.guards.catalogue import GUARDS
from scopesync.plan.types import Allowed, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scopesync.documents import AllowBlock
    from scopesync.model import Allow, ListName
    from scopesync.plan.guards.case import TenantCase
    from scopesync.plan.guards.guard import Guard, Objection


class Verdict(NamedTuple):
    """What the guards say of a tenant, list by list and in the order of the guards."""

    refusals: tuple[Refusal, ...]
    allowed: tuple[Allowed, ...]


def judge(case: TenantCase, *, allow: Iterable[Allow], guards: Iterable[Guard] = GUARDS) -> Verdict:
    """Every objection of a guard: an exception that was used where an `allow` covers it, else a refusal."""
    exceptions = tuple(allow)
    refusals: list[Refusal] = []
    allowed: list[Allowed] = []
    for refusal in _objections(case, tuple(guards)):
        exception = _exception(exceptions, refusal)
        if exception is None:
            refusals.append(refusal)
        else:
            allowed.append(exception)
    return Verdict(tuple(refusals), tuple(allowed))


def _objections(case: TenantCase, guards: Iterable[Guard]) -> Iterator[Refusal]:
    """What the guards would refuse if nothing were allowed."""
    for part in case.lists:
        list_case = ListCase(part, case)
        for guard in guards:
            for objection in guard.judge(list_case):
                block = _block(guard, part.kind.name, objection)
                yield Refusal(guard.name, part.kind.name, objection.message, block)


def _block(guard: Guard, name: ListName, objection: Objection) -> AllowBlock | None:
    """The `allow` block that would cover the objection; None where nothing may.

    The date in it is refused as it stands, so a person has to fill in why and until when.
    """
    if objection.count is None or not guard.can_be_allowed:
        return None
    return {"guard": guard.name, "list": name, "count": objection.count, "reason": "WHY", "expires": "YYYY-MM-DD"}


def _exception(exceptions: Iterable[Allow], refusal: Refusal) -> Allowed | None:
    """The first exception that names the guard and the list, and at least as many rows."""
    if refusal.allow is None:
        return None
    count = refusal.allow["count"]
    for one in exceptions:
        is_meant = (one.guard, one.list) == (refusal.guard, refusal.list)
        if is_meant and one.count >= count:
            return Allowed(one.guard, one.list, count, one.reason, one.expires.isoformat())
    return None
