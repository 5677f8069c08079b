"""Notes: what is odd about a live list, said for what it is.

Belongs here: facts that change no plan but that a reviewer should know. Does not belong here: anything that refuses.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scopesync.model import Kind
    from scopesync.row_identity import KeyedRows


def notes(kind: Kind, live: KeyedRows) -> tuple[str, ...]:
    """A sentence for rows without an id, and one for each id that several live rows share."""
    if all(row.get(kind.id_field) == key for key, row in live.items()):
        return ()
    bearers = Counter(row.get(kind.id_field) or None for row in live.values())
    nameless = bearers.pop(None, 0)
    told = []
    if nameless:
        noun, verb = (kind.singular, "has") if nameless == 1 else (kind.name, "have")
        told.append(
            f"{nameless} live {noun} {verb} no {kind.id_field}: only a replace of the list can change such rows"
        )
    shared = sorted((identifier, count) for identifier, count in bearers.items() if identifier and count > 1)
    told += [f"{count} live {kind.name} share the {kind.id_field} {identifier}" for identifier, count in shared]
    return tuple(told)
