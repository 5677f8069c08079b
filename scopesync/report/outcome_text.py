"""What became of an apply -> text.

Belongs here: saying plainly what was done, what was not, and what is not known. Does not belong here: judging it.
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
"""So many rows of a tenant are named; the rest is counted."""

_SAID = {
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
    """A line for each tenant that has something to say, the rows that are not as they should be, and the counts."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: OutcomeDocument) -> Iterator[str]:
    for tenant in document["tenants"]:
        if tenant["status"] != "unchanged":
            yield from _tenant(tenant)
    counts = Counter(tenant["status"] for tenant in document["tenants"])
    counted = ", ".join(f"{counts[status]:,} {status}" for status in _SAID if counts[status])
    yield f"Apply: {counted or 'nothing to do'}"


def _tenant(tenant: TenantOutcomeDocument) -> Iterator[str]:
    yield f"{one_line(tenant['tenant']['name'])}  {_SAID[tenant['status']]} ({_calls(tenant)})"
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
    return f"{sent:,} of {planned:,} {'call' if planned == 1 else 'calls'}"


def _row(row: LeftDocument) -> str:
    name = one_line(row["name"] or "(no name)")
    said = f"{row['cause']}: {row['list']} {name}  {one_line(row['key'])} {row['state']}"
    fields = [_field(field, row) for field in row["fields"]]
    return f"{said}: {', '.join(fields)}{_cure(row)}" if fields else said


def _field(field: str, row: LeftDocument) -> str:
    """What was sent, and what the server kept of it."""
    sent, kept = (one_line(json.dumps(values.get(field), ensure_ascii=False)) for values in (row["sent"], row["kept"]))
    return f"{field} sent {sent}, kept {kept}"


def _cure(row: LeftDocument) -> str:
    """What to do where the server keeps another text than it was sent."""
    is_kept = any(row["kept"].get(field) not in (None, "") for field in row["fields"])
    is_cured_in_the_file = row["cause"] == "done differently by the server" and is_kept
    return "; write it so in the file" if is_cured_in_the_file else ""
