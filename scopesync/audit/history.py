"""History: what the records say, as plain JSON and as lists of rows.

Belongs here: reading. Does not belong here: writing (recording), how a document looks to people (report).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scopesync.audit.attribution import Memory
from scopesync.audit.ledger.chain import as_records
from scopesync.audit.ledger.content import unpacked
from scopesync.audit.ledger.tables import CONTENT, RECORD
from scopesync.audit.row_history import Trace, may_concern, touches
from scopesync.errors import LedgerError, UsageError
from scopesync.model import KIND_BY_NAME, KINDS, Remembered
from scopesync.row_identity import keyed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scopesync.audit.ledger.chain import Record
    from scopesync.model import Kind, ListName, Row

Document = dict[str, Any]

UNKNOWN = "unknown"
UNFINISHED = "unfinished"
"""The status of a run, or of a tenant in it, that never said how it ended: it was killed, or still runs."""

_OUTLINE = ("run-started", "tenant-started", "tenant-ended", "run-ended")
_BITS = 64  # no record has a number that takes so many, and no database takes one


@dataclass(frozen=True, slots=True)
class State:
    """A list as it was read at `at` (ISO 8601), in that run. `moment`: `before`, `after` or `confirmed`.

    `whole` is False where a text was hidden because it held a secret: such rows must never be written back.
    """

    rows: tuple[Row, ...]
    fingerprint: str
    at: str
    run: int
    moment: str
    whole: bool = True


def runs(
    connection: Connection, *, tenant: str | None = None, since: datetime | None = None, row: str | None = None
) -> tuple[Document, ...]:
    """The runs, newest first, in outline.

    With a tenant (id or name), those that had anything to change in it, without the other tenants of these runs. With
    a row (id or key), those that touched it, without the tenants in which they did not: each tenant has then also
    `rows`, as `touched.touches` gives them. Raises UsageError for a tenant of which no record speaks.
    """
    own = None if tenant is None else {None, *_tenants_called(connection, tenant)}
    query = select(RECORD.c.run).where(RECORD.c.kind == "run-started")
    if since is not None:
        query = query.where(RECORD.c.at >= since.isoformat(timespec="milliseconds"))
    grouped: dict[int, list[Record]] = {run: [] for run in sorted(connection.execute(query).scalars(), reverse=True)}
    for record in _select(connection, RECORD.c.kind.in_(_OUTLINE) & (RECORD.c.run >= min(grouped, default=0))):
        if record.run in grouped and (own is None or record.tenant in own):
            grouped[record.run].append(record)
    found = [_outline(told) if row is None else _touched_outline(connection, told, row) for told in grouped.values()]
    return tuple(document for document in found if document["tenants"] or tenant is row is None)


def run(connection: Connection, run_id: int) -> Document:
    """One run with every call, and each list before and after. Raises UsageError for a run that is not there.

    The layout is that of `runs`; each tenant has also `keys`, `calls` and `states`.
    """
    records = _run_records(connection, run_id)
    document = _outline(records)
    for tenant in document["tenants"]:
        own = [record for record in records if record.tenant == tenant["tenant"]["id"]]
        started = _first(own, "tenant-started")
        tenant["keys"] = started.said["changes"] if started else {}
        tenant["calls"] = _calls(own)
        tenant["states"] = [_state_document(record) for record in own if record.kind == "state"]
    return document


def plan_of(connection: Connection, run_id: int) -> Document | None:
    """The plan document that the run carried out, or None. Raises UsageError for a run that is not there."""
    digest = _run_records(connection, run_id)[0].said["content"]
    return None if digest is None else dict(json.loads(_content(connection, digest)))


def last_state(connection: Connection, tenant_id: str, name: ListName) -> State | None:
    """The list as it was last seen by a run, or None."""
    record = last_line(connection, "state", tenant_id, name)
    return None if record is None else _state(connection, record)


def states_before(connection: Connection, run_id: int, tenant_id: str) -> dict[str, State]:
    """The tenant's lists as the run found them, by name; empty when it never came to read them.

    Raises LedgerError when a secret had to be hidden in them.
    """
    records = _select(connection, (RECORD.c.run == run_id) & (RECORD.c.tenant == tenant_id))
    found = {record.list: record for record in records if record.kind == "state" and record.said["moment"] == "before"}
    states = {str(name): _state(connection, record) for name, record in found.items()}
    if not all(state.whole for state in states.values()):
        raise LedgerError(f"the lists before run {run_id} hold a text that was hidden: they cannot be written back")
    return states


def memory_of(connection: Connection, tenant_id: str, name: ListName) -> Memory | None:
    """The list as a run last left it or found it in order, and which of its keys are in doubt since; None: never."""
    left = _last_left(connection, tenant_id, name)
    if left is None:
        return None
    kinds = RECORD.c.kind.in_(("tenant-started", "call-intended"))
    later = _select(connection, (RECORD.c.tenant == tenant_id) & kinds & (RECORD.c.seq > left.seq))
    wrote = {record.run for record in later if record.kind == "call-intended"}
    doubtful = [record.said["changes"] for record in later if record.kind == "tenant-started" and record.run in wrote]
    keys = {key for changes in doubtful for part in changes.get(name, {}).values() for key in part}
    return Memory(_state(connection, left).rows, frozenset(keys))


def remembered(connection: Connection, tenant_id: str) -> Remembered:
    """What the guards ask: how many rows each list had when a run last left it, and which keys the files protected.

    The keys are those of the last time that the live lists were as the files said. What a run merely found before its
    first call does not count: a list that reads empty by mistake must not make the next such read look right.
    """
    ended = (record.said for record in _latest(connection, "tenant-ended", tenant_id))
    keys: Document = next((said["protected"] for said in ended if "protected" in said), {})
    states = {kind.name: _last_left(connection, tenant_id, kind.name) for kind in KINDS}
    return Remembered(
        protected={kind.name: frozenset(keys[kind.name]) for kind in KINDS if kind.name in keys},
        rows={name: int(state.said["rows"]) for name, state in states.items() if state},
    )


def last_line(connection: Connection, kind: str, tenant_id: str, name: str | None = None) -> Record | None:
    """The tenant's last record of that kind, and of that list if one is named."""
    return next(_latest(connection, kind, tenant_id, name), None)


def _latest(connection: Connection, kind: str, tenant_id: str, name: str | None = None) -> Iterator[Record]:
    """The tenant's records of that kind, the last one first, one at a time: nearly always one is enough."""
    query = select(RECORD).where(RECORD.c.tenant == tenant_id, RECORD.c.kind == kind)
    if name is not None:
        query = query.where(RECORD.c.list == name)
    before: int | None = None
    while True:
        further = query if before is None else query.where(RECORD.c.seq < before)
        line = connection.execute(further.order_by(RECORD.c.seq.desc()).limit(1)).one_or_none()
        if line is None:
            return
        record = next(as_records([line]))
        yield record
        before = record.seq


def _last_left(connection: Connection, tenant_id: str, name: ListName) -> Record | None:
    """The list's last state that a run left, or found in order."""
    states = _latest(connection, "state", tenant_id, name)
    return next((state for state in states if state.said["moment"] != "before"), None)


def _select(connection: Connection, condition: Any) -> list[Record]:
    return list(as_records(connection.execute(select(RECORD).where(condition).order_by(RECORD.c.seq))))


def _run_records(connection: Connection, run_id: int) -> list[Record]:
    records = _select(connection, RECORD.c.run == run_id) if run_id.bit_length() < _BITS else []
    if not records:
        raise UsageError(f"there is no run {run_id} in the ledger", hint="`scopesync history` lists them")
    return records


def _tenants_called(connection: Connection, word: str) -> set[str]:
    """The ids of the tenants that have, or had once, this id or name."""
    named = _select(connection, RECORD.c.kind.in_(("tenant-started", "tenant-ended")))
    found = {record.tenant for record in named if record.tenant and word in (record.tenant, record.said["name"])}
    if not found:
        hint = "`scopesync history` names the tenants of each run"
        raise UsageError(f'no run in this ledger concerns a tenant with the name or id "{word}"', hint=hint)
    return found


def _touched_outline(connection: Connection, records: Sequence[Record], row: str) -> Document:
    """The outline, with only the tenants in which the row was touched."""
    started = (record for record in records if record.kind == "tenant-started")
    rows = {record.tenant: found for record in started if (found := _touches(connection, record, row))}
    document = _outline([record for record in records if record.tenant is None or record.tenant in rows])
    for tenant in document["tenants"]:
        tenant["rows"] = rows[tenant["tenant"]["id"]]
    return document


def _touches(connection: Connection, started: Record, row: str) -> list[Document]:
    """What the run did to the row in that tenant."""
    changes = {name: keys for name, keys in started.said["changes"].items() if may_concern(chain(*keys.values()), row)}
    if not changes:
        return []
    own = _select(connection, (RECORD.c.run == started.run) & (RECORD.c.tenant == started.tenant))
    traces = (_trace(connection, KIND_BY_NAME[name], changes[name], own) for name in changes)
    return [touch for trace in traces for touch in touches(trace, row)]


def _trace(connection: Connection, kind: Kind, keys: Mapping[str, Sequence[str]], records: Sequence[Record]) -> Trace:
    states = [record for record in records if record.kind == "state" and record.list == kind.name]
    rows = {record.said["moment"]: keyed(kind, _state(connection, record).rows) for record in states}
    calls = [call for call in _calls(records) if call["list"] == kind.name]
    return Trace(kind, keys, calls, rows.get("before", {}), rows.get("after"))


def _outline(records: Sequence[Record]) -> Document:
    started, ended = _first(records, "run-started"), _first(records, "run-ended")
    if started is None:
        raise LedgerError(f"the first record of run {records[0].run} is missing")
    said = started.said
    tenants = [_tenant_outline(record, records) for record in records if record.kind == "tenant-started"]
    return {
        "id": started.run,
        "started_at": started.at,
        "ended_at": ended and ended.at,
        "status": ended.said["status"] if ended else UNFINISHED,
        "command": said["command"],
        "who": said["who"],
        "process": said["process"],
        "tool_version": said["tool_version"],
        "plan": said["content"],
        "tenants": tenants,
    }


def _tenant_outline(started: Record, records: Iterable[Record]) -> Document:
    own = [record for record in records if record.tenant == started.tenant]
    ended = _first(own, "tenant-ended")
    said = ended.said if ended else {"status": UNFINISHED, "message": None, "calls": None}
    counts = {"create": 0, "update": 0, "delete": 0}
    for actions in started.said["changes"].values():
        for action, keys in actions.items():
            counts[action] += len(keys)
    return {
        "tenant": {"id": started.tenant, "name": started.said["name"]},
        "status": said["status"],
        "message": said["message"],
        "changes": counts,
        "sent": said["calls"],
        "took_over": started.said["took_over"],
    }


def _calls(records: Sequence[Record]) -> list[Document]:
    outcomes = {record.said["call"]: record for record in records if record.kind in ("call-answered", "call-failed")}
    return [
        {"seq": record.seq, "at": record.at, **record.said, **_outcome(outcomes.get(record.seq))}
        for record in records
        if record.kind == "call-intended"
    ]


def _outcome(record: Record | None) -> Document:
    if record is None:
        return {"outcome": UNKNOWN, "ended_at": None, "message": None, "landed": None}
    answered = record.kind == "call-answered"
    return {
        "outcome": "answered" if answered else "failed",
        "ended_at": record.at,
        "message": record.said.get("message"),
        "landed": True if answered else record.said["landed"],
    }


def _state_document(record: Record) -> Document:
    said = record.said
    return {"list": record.list, "at": record.at, **{key: said[key] for key in ("moment", "rows", "fingerprint")}}


def _state(connection: Connection, record: Record) -> State:
    said = record.said
    rows = tuple(json.loads(_content(connection, said["content"])))
    return State(rows, said["fingerprint"], record.at, record.run, said["moment"], said["whole"])


def _content(connection: Connection, digest: str) -> bytes:
    packed = connection.execute(select(CONTENT.c.packed).where(CONTENT.c.digest == digest)).scalar()
    if packed is None:
        raise LedgerError(f"the content {digest} is missing", hint="`history verify` names the record")
    return unpacked(digest, packed)


def _first(records: Iterable[Record], kind: str) -> Record | None:
    return next((record for record in records if record.kind == kind), None)
