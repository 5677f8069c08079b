"""Touched: what one run did to one row, and how far that is known.

Belongs here: judging what a run left of one list: what it meant to change, the calls that it sent, the list before and
after. Does not belong here: finding these (history).

A plan is no touch: a call that concerns the row must have been sent, and not have been refused. An item call names its
rows; a call for a whole list names none, and concerns every row that was to change in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scopesync.documents import Action, RecordedCallDocument, TouchDocument
    from scopesync.model import Kind, Row
    from scopesync.row_identity import KeyedRows

_REFERENCE, _LOCAL = "ref:", "local:"


class Trace(NamedTuple):
    """What one run left of one list: keys by action, calls as in `history.run`, its rows; `after` None: not read."""

    kind: Kind
    changes: Mapping[Action, Sequence[str]]
    calls: Sequence[RecordedCallDocument]
    before: KeyedRows
    after: KeyedRows | None


def may_concern(keys: Iterable[str], name: str) -> bool:
    """Whether one of the keys may be that of the row with this id or key; only the lists tell for certain.

    A row that is sent without an id is given one, and a further row with the same id has a number behind it. Ids that
    differ only in the case of letters are the same.
    """
    asked = name.casefold()
    spelled = (key.casefold() for key in keys)
    return any(key == asked or key.startswith((f"{asked}#", _REFERENCE, _LOCAL)) for key in spelled)


def touches(trace: Trace, name: str) -> Iterator[TouchDocument]:
    """What the run did to each row with this id or key, as far as that is known.

    `answered`: a call that concerns it was answered with success; if not, nobody knows what became of the call. `seen`:
    whether the list, read afterwards, was as the call should make it; None when it was not read.
    """
    after = _by_every_key(trace.kind, trace.after or {})
    for action, key in ((action, key) for action, keys in trace.changes.items() for key in keys):
        once = trace.before.get(key)
        now = (trace.after or {}).get(key) if action == "delete" else after.get(key)
        ids = {key, *_ids(trace.kind, once), *_ids(trace.kind, now)}
        if not _is_called(name, ids | {key.removeprefix(_REFERENCE), key.removeprefix(_LOCAL)}):
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


def _is_called(name: str, names: Iterable[str]) -> bool:
    return name.casefold() in map(str.casefold, names)


def _done(action: str, once: Row | None, now: Row | None) -> bool:
    return now is None if action == "delete" else now is not None and now != once


def _concerns(call: RecordedCallDocument, ids: set[str]) -> bool:
    return not call["keys"] or not ids.isdisjoint(call["keys"])


def _ids(kind: Kind, row: Row | None) -> Iterator[str]:
    return (row[field] for field in (kind.id_field, "id") if row and row.get(field))


def _by_every_key(kind: Kind, rows: KeyedRows) -> dict[str, Row]:
    """The rows by their keys, and by those that they had before they were given an id."""
    fields = ((_LOCAL, "local_id"), (_REFERENCE, kind.ref_field))
    return {f"{sort}{row[field]}": row for sort, field in fields for row in rows.values() if row.get(field)} | rows
