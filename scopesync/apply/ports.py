"""The live side and the ledger as apply sees them.

Belongs here: the few methods that apply calls. Does not belong here: anything that implements them (live and audit do,
and so do the tests' own).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from scopesync.model import DesiredList, Kind, Limits, ListName, LiveTenant, Row
    from scopesync.plan.types import Call, TenantPlan


class Reader(Protocol):
    """Reads one tenant."""

    def read(self) -> LiveTenant:
        """Both lists, complete. Raises LiveError: a list that could not be read whole is never returned."""

    def find(self, kind: Kind, item_id: str) -> Row | None:
        """The row with that id as the server finds it by itself, None where it finds none. Raises LiveError."""


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
    """One tenant's live side, opened for writing.

    `limits` bound the rows of one write, and for how long a write that was answered is looked for. `wanted` is what the
    files say of each list; None where the plan does not come from files (an undo).
    """

    reader: Reader
    writer: Writer
    limits: Limits
    sleep: Callable[[float], object] = time.sleep
    wanted: Mapping[ListName, DesiredList] | None = None


class TenantLog(Protocol):
    """The record of one tenant, under its lock. Every method raises LedgerError when it cannot write."""

    def before(self, live: LiveTenant) -> None:
        """Both lists as they were read before the first call."""

    def intend(self, call: Call, keys: Iterable[str] = ()) -> int:
        """Record a call before it is sent; once this returns it is durable.

        Raises LedgerError, or LockedError when the tenant is no longer ours: then the call must not be sent.
        """

    def answered(self, token: int) -> None:
        """The call of that intent succeeded."""

    def failed(self, token: int, message: str, *, landed: Literal[False] | None) -> None:
        """The call of that intent failed; `landed` as in WriteError."""

    def after(self, live: LiveTenant | None) -> None:
        """Both lists as they were read after the last call; None when they could not be read."""

    def ended(self, status: str, message: str | None = None) -> None:
        """How the tenant ended."""


class RunLog(Protocol):
    """The record of one run."""

    def tenant(self, plan: TenantPlan) -> AbstractContextManager[TenantLog]:
        """Hold the tenant while the block lasts. Raises LockedError, which names the holder, or LedgerError."""


class ProgressListener(Protocol):
    """Hears how far an apply is, from any thread; names are the tenants'."""

    def begun(self, name: str, calls: int) -> None:
        """A tenant is begun, for which so many calls are planned."""

    def sent(self, name: str) -> None:
        """One of its calls was answered with success."""

    def ended(self, name: str) -> None:
        """The tenant has ended, however."""


class SilentListener:
    """A progress listener that does nothing."""

    def begun(self, name: str, calls: int) -> None:
        """Nothing."""

    def sent(self, name: str) -> None:
        """Nothing."""

    def ended(self, name: str) -> None:
        """Nothing."""
