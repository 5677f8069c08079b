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
    """List -> keys of the live rows that its protected rows mean, in order; a list that is not managed is missing."""
    if desired is None:
        return {}
    return {kind.name: sorted(_keys(desired.lists[kind.name], live)) for kind in KINDS if kind.name in desired.lists}


def _keys(wanted: DesiredList, live: LiveTenant) -> list[str]:
    """A row without an id is called by the id that it has on the live side; by its own words where that is in doubt."""
    kind = wanted.kind
    rows = tuple(row for row in wanted.rows if row.protect)
    if not rows:
        return []
    try:
        matched = match(DesiredList(kind, rows), live.listing(kind).by_key)
    except ConfigurationError:
        return [key_of(kind, row.fields) for row in rows]
    return [*(key for key, _ in matched.pairs), *(key_of(kind, row.fields) for row in matched.new)]
