"""The live side as apply sees it.

Belongs here: the few methods that apply calls. Does not belong here: anything that implements them (live does, and so
do the tests' own servers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.model import Kind, LiveTenant, Row


class Reader(Protocol):
    """Reads one tenant."""

    def read(self) -> LiveTenant:
        """Both lists, complete. Raises LiveError: a list that could not be read whole is never returned."""


class Writer(Protocol):
    """Writes to one tenant. Each method is one call, and raises WriteError or CredentialError when it failed."""

    def append(self, kind: Kind, rows: Sequence[Row]) -> None:
        """Add rows that are not live."""

    def replace(self, kind: Kind, rows: Sequence[Row]) -> None:
        """Make these rows the whole list."""

    def update(self, kind: Kind, item_id: str, row: Row) -> None:
        """Make the row with that id this one."""

    def delete(self, kind: Kind, item_id: str) -> None:
        """Remove the row with that id; a row that is gone already is no failure."""

    def clear(self, kind: Kind) -> None:
        """Remove every row."""


@dataclass(frozen=True, slots=True)
class Side:
    """One tenant's live side, opened for writing. `rows_per_call` bounds the rows of one write."""

    reader: Reader
    writer: Writer
    rows_per_call: int
