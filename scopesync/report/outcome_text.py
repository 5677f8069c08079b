"""What became of an apply -> text.

Belongs here: saying plainly what was done, what was not, and what is not known. Does not belong here: judging it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


def outcome_text(document: Mapping[str, Any]) -> str:
    """A line for each tenant that has something to say, the rows that are not as they should be, and the counts."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    for tenant in document["tenants"]:
        if tenant["status"] != "unchanged":
            yield from _tenant(tenant)
    counts = Counter(tenant["status"] for tenant in document["tenants"])
    told = ", ".join(f"{counts[status]:,} {status}" for status in _SAID if counts[status])
    yield f"Apply: {told or 'nothing to do'}"


def _tenant(tenant: Mapping[str, Any]) -> Iterator[str]:
    sent, planned = tenant["sent"], tenant["calls"]
    noun = "call" if planned == 1 else "calls"
    calls = f"{sent:,} of {planned:,} {noun}" if sent <= planned else f"{sent:,} calls, where {planned:,} were planned"
    yield f"{one_line(tenant['tenant']['name'])}  {_SAID[tenant['status']]} ({calls})"
    if tenant["message"]:
        yield f"  {one_line(tenant['message'])}"
    differences = tenant["differences"]
    for row in differences[:DIFFERENCES]:
        fields = f" ({', '.join(row['fields'])})" if row["fields"] else ""
        name = one_line(row["name"] or "(no name)")
        yield f"  {row['cause']}: {row['list']} {name}  {one_line(row['key'])} {row['state']}{fields}"
    if len(differences) > DIFFERENCES:
        yield f"  … {len(differences) - DIFFERENCES:,} more rows"
