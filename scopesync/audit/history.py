"""History: what the records say, as plain JSON and as lists of rows.

Belongs here: finding records. Does not belong here: writing them (ledger), the layout of a run's document
(run_document), how a document looks to people (report).
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
from scopesync.audit.run_document import calls_document, first, run_document, state_document
from scopesync.errors import LedgerError, UsageError
from scopesync.model import KIND_BY_NAME, KINDS, Remembered
from scopesync.row_identity import keyed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scopesync.audit.ledger.chain import Record
    from scopesync.documents import Action, RunDocument, TouchDocument
    from scopesync.model import Kind, ListName, Row

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
) -> tuple[RunDocument, ...]:
    """The runs, newest first, in outline.

    With a tenant (id or name): the runs that had anything to change in it, without their other tenants. With a row (id
    or key): the runs that touched it, without the tenants in which they did not; each tenant then has `rows` too, as
    `row_history.touches` gives them. Raises UsageError for a tenant that no record names.
    """
    ids = None if tenant is None else _tenants_called(connection, tenant)
    documents = []
    for records in _outline_records(connection, since, ids):
        document = run_document(records) if row is None else _touched_outline(connection, records, row)
        is_narrowed = tenant is not None or row is not None
        if document["tenants"] or not is_narrowed:
            documents.append(document)
    return tuple(documents)


def _outline_records(
    connection: Connection, since: datetime | None, tenant_ids: Collection[str] | None
) -> Iterable[list[Record]]:
    """The records that make a run's outline, run by run, newest first; of tenants, only those (None: all)."""
    query = select(RECORD.c.run).where(RECORD.c.kind == "run-started")
    if since is not None:
        query = query.where(RECORD.c.at >= since.isoformat(timespec="milliseconds"))
    newest_first = sorted(connection.execute(query).scalars(), reverse=True)
    grouped: dict[int, list[Record]] = {run: [] for run in newest_first}
    oldest = min(grouped, default=0)
    for record in _select(connection, RECORD.c.kind.in_(_OUTLINE) & (RECORD.c.run >= oldest)):
        is_wanted = tenant_ids is None or record.tenant is None or record.tenant in tenant_ids
        if record.run in grouped and is_wanted:
            grouped[record.run].append(record)
    return grouped.values()


def run(connection: Connection, run_id: int) -> RunDocument:
    """One run with every call, and each list before and after. Raises UsageError for a run that is not there.

    The layout is that of `runs`; each tenant has also `keys`, `calls` and `states`.
    """
    records = _run_records(connection, run_id)
    document = run_document(records)
    for tenant in document["tenants"]:
        own = [record for record in records if record.tenant == tenant["tenant"]["id"]]
        started = first(own, "tenant-started")
        tenant["keys"] = started.said["changes"] if started else {}
        tenant["calls"] = calls_document(own)
        tenant["states"] = [state_document(record) for record in own if record.kind == "state"]
    return document


def plan_of(connection: Connection, run_id: int) -> dict[str, Any] | None:
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
    before = [record for record in records if record.kind == "state" and record.said["moment"] == "before"]
    states = {str(record.list): _state(connection, record) for record in before}
    if not all(state.whole for state in states.values()):
        raise LedgerError(f"the lists before run {run_id} hold a text that was hidden: they cannot be written back")
    return states


def memory_of(connection: Connection, tenant_id: str, name: ListName) -> Memory | None:
    """The list as a run last left it or found it in order, and which of its keys are in doubt since; None: never.

    In doubt are the keys that a later run set out to change, if it recorded any call.
    """
    left = _last_left(connection, tenant_id, name)
    if left is None:
        return None
    kinds = RECORD.c.kind.in_(("tenant-started", "call-intended"))
    later = _select(connection, (RECORD.c.tenant == tenant_id) & kinds & (RECORD.c.seq > left.seq))
    runs_with_calls = {record.run for record in later if record.kind == "call-intended"}
    doubtful: set[str] = set()
    for record in later:
        if record.kind == "tenant-started" and record.run in runs_with_calls:
            doubtful.update(*record.said["changes"].get(name, {}).values())
    return Memory(_state(connection, left).rows, frozenset(doubtful))


def remembered(connection: Connection, tenant_id: str) -> Remembered:
    """What the guards ask: how many rows each list had when a run last left it, and which keys the files protected.

    The keys are those of the last time that the live lists were as the files said. What a run merely found before its
    first call does not count: a list that reads empty by mistake must not make the next such read look right.
    """
    ended = (record.said for record in _latest(connection, "tenant-ended", tenant_id))
    keys: Mapping[str, list[str]] = next((said["protected"] for said in ended if "protected" in said), {})
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
    found = set()
    for record in _select(connection, RECORD.c.kind.in_(("tenant-started", "tenant-ended"))):
        if record.tenant and word in (record.tenant, record.said["name"]):
            found.add(record.tenant)
    if not found:
        hint = "`scopesync history` names the tenants of each run"
        raise UsageError(f'no run in this ledger concerns a tenant with the name or id "{word}"', hint=hint)
    return found


def _touched_outline(connection: Connection, records: Sequence[Record], row: str) -> RunDocument:
    """The outline, with only the tenants in which the row was touched."""
    rows_by_tenant: dict[str | None, list[TouchDocument]] = {}
    for record in records:
        if record.kind != "tenant-started":
            continue
        rows = _touches(connection, record, row)
        if rows:
            rows_by_tenant[record.tenant] = rows
    document = run_document([record for record in records if record.tenant is None or record.tenant in rows_by_tenant])
    for tenant in document["tenants"]:
        tenant["rows"] = rows_by_tenant[tenant["tenant"]["id"]]
    return document


def _touches(connection: Connection, started: Record, row: str) -> list[TouchDocument]:
    """What the run did to the row in that tenant."""
    changes = {name: keys for name, keys in started.said["changes"].items() if may_concern(chain(*keys.values()), row)}
    if not changes:
        return []
    own = _select(connection, (RECORD.c.run == started.run) & (RECORD.c.tenant == started.tenant))
    traces = (_trace(connection, KIND_BY_NAME[name], changes[name], own) for name in changes)
    return [touch for trace in traces for touch in touches(trace, row)]


def _trace(
    connection: Connection, kind: Kind, keys: Mapping[Action, Sequence[str]], records: Sequence[Record]
) -> Trace:
    states = [record for record in records if record.kind == "state" and record.list == kind.name]
    rows = {record.said["moment"]: keyed(kind, _state(connection, record).rows) for record in states}
    calls = [call for call in calls_document(records) if call["list"] == kind.name]
    return Trace(kind, keys, calls, rows.get("before", {}), rows.get("after"))


def _state(connection: Connection, record: Record) -> State:
    said = record.said
    rows = tuple(json.loads(_content(connection, said["content"])))
    return State(rows, said["fingerprint"], record.at, record.run, said["moment"], said["whole"])


def _content(connection: Connection, digest: str) -> bytes:
    packed = connection.execute(select(CONTENT.c.packed).where(CONTENT.c.digest == digest)).scalar()
    if packed is None:
        raise LedgerError(f"the content {digest} is missing", hint="`history verify` names the record")
    return unpacked(digest, packed)
