"""What one run did to one row, and how far that is known.

Belongs here: judging what a run left of one list: what it meant to change, the calls that it sent, the list before and
after. Does not belong here: finding these (history).

A plan is no touch: a call that concerns the row must have been sent, and not have been refused. An item call names its
rows; a call for a whole list names none, and concerns every row that was to change in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scopesync.row_identity import LOCAL_ID_KEY, REFERENCE_KEY, canonical_id, canonical_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scopesync.documents import Action, RecordedCallDocument, TouchDocument
    from scopesync.model import Kind, Row
    from scopesync.row_identity import KeyedRows


class Trace(NamedTuple):
    """What one run left of one list: keys by action, calls as in `history.run`, its rows; `after` None: not read."""

    kind: Kind
    changes: Mapping[Action, Sequence[str]]
    calls: Sequence[RecordedCallDocument]
    before: KeyedRows
    after: KeyedRows | None


def may_concern(keys: Iterable[str], name: str) -> bool:
    """Whether one of the keys may be that of the row with this id or key; only the lists tell for certain.

    A row that is sent without an id is given one by the server. Rows that share an id have a number or a school behind
    it.
    """
    asked = canonical_key(name)
    spelled = map(canonical_key, keys)
    prefixes = (f"{asked}#", f"{asked}@", REFERENCE_KEY, LOCAL_ID_KEY)
    return any(key == asked or key.startswith(prefixes) for key in spelled)


def touches(trace: Trace, name: str) -> Iterator[TouchDocument]:
    """What the run did to each row with this id or key, as far as that is known.

    `answered`: a call that concerns it was answered with success; if not, nobody knows what became of the call. `seen`:
    whether the list, read afterwards, was as the call should make it; None when it was not read.
    """
    after = _by_every_key(trace.kind, trace.after or {})
    changes = ((action, canonical_key(key)) for action, keys in trace.changes.items() for key in keys)
    for action, key in changes:
        once = trace.before.get(key)
        now = (trace.after or {}).get(key) if action == "delete" else after.get(key)
        ids = {key, *_ids(trace.kind, once), *_ids(trace.kind, now)}
        if canonical_key(name) not in ids | {key.removeprefix(REFERENCE_KEY), key.removeprefix(LOCAL_ID_KEY)}:
            continue
        sent = [call for call in trace.calls if call["landed"] is not False and _concerns(call, ids)]
        if sent:
            yield {
                "list": trace.kind.name,
                "key": key,
                "name": (now or once or {}).get("name"),
                "action": action,
                "answered": any(call["landed"] for call in sent),
                "seen": None if trace.after is None else _done(action, once, now),
            }


def _done(action: str, once: Row | None, now: Row | None) -> bool:
    return now is None if action == "delete" else now is not None and now != once


def _concerns(call: RecordedCallDocument, ids: set[str]) -> bool:
    return not call["keys"] or not ids.isdisjoint(map(canonical_key, call["keys"]))


def _ids(kind: Kind, row: Row | None) -> Iterator[str]:
    return (canonical_id(row[field]) for field in (kind.id_field, "id") if row and row.get(field))


def _by_every_key(kind: Kind, rows: KeyedRows) -> dict[str, Row]:
    """The rows by their keys, and by those that they had before they were given an id."""
    fields = ((LOCAL_ID_KEY, "local_id"), (REFERENCE_KEY, kind.ref_field))
    stand_ins = {f"{sort}{row[field]}": row for sort, field in fields for row in rows.values() if row.get(field)}
    return {**stand_ins, **rows}
