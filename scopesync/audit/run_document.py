"""A run's document: the records of one run as plain JSON data.

Belongs here: the layout (`documents.RunDocument`), from records that were found. Does not belong here: finding them
(history), how a document looks to people (report).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.errors import LedgerError
from scopesync.model import KIND_BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scopesync.audit.ledger.chain import Record
    from scopesync.documents import (
        Action,
        CountsByAction,
        RecordedCallDocument,
        RunDocument,
        StateDocument,
        TenantRunDocument,
    )
    from scopesync.model import ListName

UNFINISHED = "unfinished"
"""The status of a run, or of a tenant in it, that never said how it ended: it was killed, or still runs."""


def run_document(records: Sequence[Record]) -> RunDocument:
    """One run in outline, from its records. Raises LedgerError when its first record is missing."""
    started, ended = first(records, "run-started"), first(records, "run-ended")
    if started is None:
        raise LedgerError(f"the first record of run {records[0].run} is missing")
    said = started.said
    tenants = [_tenant_outline(record, records) for record in records if record.kind == "tenant-started"]
    return {
        "id": started.run,
        "started_at": started.at,
        "ended_at": ended.at if ended else None,
        "status": ended.said["status"] if ended else UNFINISHED,
        "command": said["command"],
        "who": said["who"],
        "process": said["process"],
        "tool_version": said["tool_version"],
        "plan": said["content"],
        "tenants": tenants,
    }


def _tenant_outline(started: Record, records: Iterable[Record]) -> TenantRunDocument:
    own = [record for record in records if record.tenant == started.tenant]
    ended = first(own, "tenant-ended")
    said: dict[str, Any] = ended.said if ended else {"status": UNFINISHED, "message": None, "calls": None}
    return {
        "tenant": {"id": str(started.tenant), "name": started.said["name"]},
        "status": said["status"],
        "message": said["message"],
        "changes": _counts(started.said["changes"]),
        "sent": said["calls"],
        "took_over": started.said["took_over"],
    }


def _counts(changes: Mapping[ListName, Mapping[Action, Sequence[str]]]) -> CountsByAction:
    counts: CountsByAction = {"create": 0, "update": 0, "delete": 0}
    for actions in changes.values():
        for action, keys in actions.items():
            counts[action] += len(keys)
    return counts


def calls_document(records: Sequence[Record]) -> list[RecordedCallDocument]:
    """The calls among the records, in their order, each with what became of it."""
    outcomes = {record.said["call"]: record for record in records if record.kind in ("call-answered", "call-failed")}
    return [_call(record, outcomes.get(record.seq)) for record in records if record.kind == "call-intended"]


def _call(intended: Record, ended: Record | None) -> RecordedCallDocument:
    said = intended.said
    outcome, landed = _outcome(ended)
    return {
        "seq": intended.seq,
        "at": intended.at,
        "step": said["step"],
        "list": said["list"],
        "method": said["method"],
        "path": said["path"],
        "query": said["query"],
        "rows": said["rows"],
        "keys": said["keys"],
        "outcome": outcome,
        "ended_at": ended.at if ended else None,
        "message": ended.said.get("message") if ended else None,
        "landed": landed,
    }


def _outcome(ended: Record | None) -> tuple[str, bool | None]:
    """What became of a call, and whether it was carried out."""
    if ended is None:
        return "unknown", None
    if ended.kind == "call-answered":
        return "answered", True
    return "failed", ended.said["landed"]


def state_document(record: Record) -> StateDocument:
    """A list as it was read, without its rows."""
    said = record.said
    return {
        "list": KIND_BY_NAME[str(record.list)].name,
        "at": record.at,
        "moment": said["moment"],
        "rows": said["rows"],
        "fingerprint": said["fingerprint"],
    }


def first(records: Iterable[Record], kind: str) -> Record | None:
    """The first record of that kind, or None."""
    return next((record for record in records if record.kind == kind), None)
