"""Protection: which live rows the files protect.

Belongs here: that one question. Does not belong here: refusing to remove them (the guard `protected-row` of plan).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.errors import ConfigurationError
from scopesync.model import KINDS, DesiredList
from scopesync.plan.match import match
from scopesync.row_identity import key_of

if TYPE_CHECKING:
    from scopesync.model import DesiredTenant, ListName, LiveTenant


def protected_keys(desired: DesiredTenant | None, live: LiveTenant) -> dict[ListName, list[str]]:
    """The keys of the live rows that the files protect, sorted, by list. Lists that are not managed are left out."""
    if desired is None:
        return {}
    managed = [desired.lists[kind.name] for kind in KINDS if kind.name in desired.lists]
    return {wanted.kind.name: sorted(_keys(wanted, live)) for wanted in managed}


def _keys(wanted: DesiredList, live: LiveTenant) -> list[str]:
    """The key of the live row that each protected row matches; the row's own key where it matches none, or several."""
    kind = wanted.kind
    rows = tuple(row for row in wanted.rows if row.protect)
    if not rows:
        return []
    try:
        matched = match(DesiredList(kind, rows), live.listing(kind).by_key)
    except ConfigurationError:
        return [key_of(kind, row.fields) for row in rows]
    return [*(key for key, _ in matched.pairs), *(key_of(kind, row.fields) for row in matched.new)]
