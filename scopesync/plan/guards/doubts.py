"""Guards against doubt: whose the rows are, whether the list was really read, what a file protects.

Belongs here: guards that ask what is known besides the two lists. Does not belong here: finding that out (live, audit).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.plan.guards.guard import Objection
from scopesync.plan.guards.weights import weighed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.plan.guards.case import ListCase


def protected_row(case: ListCase) -> Iterator[Objection]:
    """A protected row is removed or deselected."""
    protected = [change for change in case.lost if change.key in case.tenant.protected[case.name]]
    if protected:
        yield Objection(f"{weighed(case, protected)} marked protect would be {case.how_lost}", len(protected))


def identity(case: ListCase) -> Iterator[Objection]:
    """The rows are another tenant's, which nothing allows; or rows are lost and nothing says whose they are."""
    state, evidence = case.tenant.identity.state, case.tenant.identity.evidence
    if state == "foreign" and case.is_managed:
        yield Objection(f"another tenant's data: {evidence}")
    if state == "unverified" and case.lost:
        message = f"{evidence}, and {weighed(case, case.lost)} would be {case.how_lost}"
        yield Objection(message, len(case.lost))


def collapsed_read(case: ListCase) -> Iterator[Objection]:
    """A managed list reads empty that had rows when a run last left it."""
    had = case.tenant.last_rows.get(case.name)
    if case.is_managed and had and not case.part.live_rows:
        rows = "row" if had == 1 else "rows"
        yield Objection(f"the list reads empty now, and had {had} {rows} when it was last seen", had)
