"""What every record is written with: the journal, the clock and the mask.

Belongs here: the journal, the time and the mask together, and a list as it was seen, made ready to be recorded. Does
not belong here: which records there are (run_log, tenant_log).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from scopesync.audit.ledger.content import json_content, masked
from scopesync.row_identity import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from scopesync.audit.ledger.chain import Extension
    from scopesync.audit.ledger.content import Content
    from scopesync.audit.ledger.journal import Journal
    from scopesync.model import Kind, ListName, LiveTenant

Moment = Literal["before", "after", "confirmed"]


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """The journal, a clock in UTC, and what hides secrets in a text."""

    journal: Journal
    clock: Callable[[], datetime]
    mask: Callable[[str], str]

    def at(self) -> str:
        """The time of a record, always to the millisecond, so that texts sort as times do."""
        return self.clock().isoformat(timespec="milliseconds")

    def clean(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body without secrets."""
        cleaned: dict[str, Any] = masked(body, self.mask)
        return cleaned

    def sighting(self, kind: Kind, live: LiveTenant, moment: Moment) -> Sighting:
        """The live list of that kind, without secrets, ready to be recorded. `fingerprint` covers it as it was read."""
        rows = live.listing(kind).by_key
        read = list(rows.values())
        clean = masked(read, self.mask)
        content = json_content(clean)
        body = {
            "moment": moment,
            "rows": len(rows),
            "fingerprint": fingerprint(kind, rows),
            "content": content.digest,
            "whole": clean is read,
        }
        return Sighting(kind.name, live.tenant.id, body, content, self.at())


@dataclass(frozen=True, slots=True)
class Sighting:
    """A list as it was read, ready to be recorded."""

    list: ListName
    tenant: str
    body: dict[str, Any]
    content: Content
    at: str

    def add(self, end: Extension, *, run: int) -> None:
        """Record it."""
        end.add("state", at=self.at, body=self.body, run=run, tenant=self.tenant, part=self.list, content=self.content)
