"""Undo: a list as it once was, as something to want.

Belongs here: that one step. Does not belong here: comparing it with what is live now (plan), asking for it (cli).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.model import DesiredList, DesiredRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.model import Kind, Row


def wanted_again(kind: Kind, rows: Iterable[Row]) -> DesiredList:
    """The rows as a list that is wanted whole.

    A field that a row did not have is cleared. Fields that we do not know come back with a row that is created again.
    """
    blank = dict.fromkeys(kind.fields)
    return DesiredList(kind, tuple(DesiredRow({**blank, **row}) for row in rows))
