"""What became of an apply -> text.

Belongs here: what was done, what was not, and what is not known, in plain words. Does not belong here: judging it.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.documents import LeftDocument, OutcomeDocument, TenantOutcomeDocument

DIFFERENCES = 20
"""At most so many rows of a tenant are listed; the rest is counted."""

_IN_WORDS = {
    "unchanged": "in sync, nothing to do",
    "applied": "applied and read back: live equals desired",
    "stale": "not applied: nothing was written here",
    "unread": "not applied: nothing was written here",
    "unrecorded": "not applied: nothing was written here",
    "incomplete": "not confirmed",
    "interrupted": "interrupted",
    "not started": "not started: nothing was written here",
}


def outcome_text(document: OutcomeDocument) -> str:
    """A line for each tenant but the unchanged ones, the rows that are not as planned, and the counts by status."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: OutcomeDocument) -> Iterator[str]:
    for tenant in document["tenants"]:
        if tenant["status"] != "unchanged":
            yield from _tenant(tenant)
    counts = Counter(tenant["status"] for tenant in document["tenants"])
    counted = ", ".join(f"{counts[status]:,} {status}" for status in _IN_WORDS if counts[status])
    yield f"Apply: {counted or 'nothing to do'}"


def _tenant(tenant: TenantOutcomeDocument) -> Iterator[str]:
    yield f"{one_line(tenant['tenant']['name'])}  {_IN_WORDS[tenant['status']]} ({_calls(tenant)})"
    if tenant["message"]:
        yield f"  {one_line(tenant['message'])}"
    differences = tenant["differences"]
    for row in differences[:DIFFERENCES]:
        yield f"  {_row(row)}"
    if len(differences) > DIFFERENCES:
        yield f"  … {len(differences) - DIFFERENCES:,} more rows"


def _calls(tenant: TenantOutcomeDocument) -> str:
    """How many calls succeeded; more than were planned where some had to be made smaller or sent again."""
    sent, planned = tenant["sent"], tenant["calls"]
    if sent > planned:
        return f"{sent:,} calls, where {planned:,} were planned"
    noun = "call" if planned == 1 else "calls"
    return f"{sent:,} of {planned:,} {noun}"


def _row(row: LeftDocument) -> str:
    name = one_line(row["name"] or "(no name)")
    line = f"{row['cause']}: {row['list']} {name}  {one_line(row['key'])} {row['state']}"
    if not row["fields"]:
        return line
    fields = ", ".join(_field(field, row) for field in row["fields"])
    return f"{line}: {fields}{_hint(row)}"


def _field(field: str, row: LeftDocument) -> str:
    """What was sent, and what the server kept of it."""
    return f"{field} sent {_value(row['sent'].get(field))}, kept {_value(row['kept'].get(field))}"


def _value(value: object) -> str:
    return one_line(json.dumps(value, ensure_ascii=False))


def _hint(row: LeftDocument) -> str:
    """What to do when the server changed a value; nothing when it dropped the value, which no file can mend."""
    if row["cause"] != "done differently by the server":
        return ""
    is_kept = any(row["kept"].get(field) not in (None, "") for field in row["fields"])
    return "; write it so in the file" if is_kept else ""
