"""What one run did to one row, and how far that is known.

Belongs here: judging the records of one run and one list: the planned changes, the calls that were sent, the list
before and after. Does not belong here: finding these records (history).

A planned change does not count as a touch by itself: a call that concerns the row must have been sent, and not have
been refused. An item call names its rows; a call for a whole list names none, and concerns every row that the run
planned to change in that list.
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
    """The records of one run and one list: planned keys by action, calls as in `history.run`, rows before and after.

    `after` is None when the list was not read afterwards.
    """

    kind: Kind
    changes: Mapping[Action, Sequence[str]]
    calls: Sequence[RecordedCallDocument]
    before: KeyedRows
    after: KeyedRows | None


def may_concern(keys: Iterable[str], name: str) -> bool:
    """Whether one of the keys may belong to the row with this id or key. Only the lists themselves can prove it.

    The server gives an id to a row that is sent without one: so each key that holds a reference or a local id may. The
    keys of rows that share an id end in a number or a school.
    """
    asked = canonical_key(name)
    prefixes = (f"{asked}#", f"{asked}@", REFERENCE_KEY, LOCAL_ID_KEY)
    return any(key == asked or key.startswith(prefixes) for key in map(canonical_key, keys))


def touches(trace: Trace, name: str) -> Iterator[TouchDocument]:
    """What the run did to each row with this id or key, as far as that is known.

    `answered`: a call that concerns it was answered with success; if not, the outcome of the call is unknown. `seen`:
    whether the list, read afterwards, was as the call should make it; None when it was not read.
    """
    asked = canonical_key(name)
    for planned in _planned_changes(trace):
        ids = planned.ids(trace.kind)
        if asked not in ids and asked not in planned.stand_ins:
            continue
        sent = [call for call in trace.calls if call["landed"] is not False and _concerns(call, ids)]
        if not sent:
            continue
        row = planned.after or planned.before or {}
        yield {
            "list": trace.kind.name,
            "key": planned.key,
            "name": row.get("name"),
            "action": planned.action,
            "answered": any(call["landed"] for call in sent),
            "seen": None if trace.after is None else planned.is_done,
        }


class _PlannedChange(NamedTuple):
    """One change that the run planned, with its row before and after the run, where there was one."""

    action: Action
    key: str
    before: Row | None
    after: Row | None

    @property
    def stand_ins(self) -> tuple[str, str]:
        """The key without its prefix: people ask for a row by its bare reference or local id."""
        return self.key.removeprefix(REFERENCE_KEY), self.key.removeprefix(LOCAL_ID_KEY)

    @property
    def is_done(self) -> bool:
        """Whether the list, as read afterwards, shows the change."""
        if self.action == "delete":
            return self.after is None
        return self.after is not None and self.after != self.before

    def ids(self, kind: Kind) -> set[str]:
        """The key, and every id that the row had before or after."""
        return {self.key, *_ids(kind, self.before), *_ids(kind, self.after)}


def _planned_changes(trace: Trace) -> Iterator[_PlannedChange]:
    after = trace.after or {}
    after_by_every_key = _by_every_key(trace.kind, after)
    for action, keys in trace.changes.items():
        # A row that is deleted and created anew with the same reference must not count as still there.
        rows_after = after if action == "delete" else after_by_every_key
        for key in map(canonical_key, keys):
            yield _PlannedChange(action, key, trace.before.get(key), rows_after.get(key))


def _concerns(call: RecordedCallDocument, ids: set[str]) -> bool:
    is_for_the_whole_list = not call["keys"]
    return is_for_the_whole_list or not ids.isdisjoint(map(canonical_key, call["keys"]))


def _ids(kind: Kind, row: Row | None) -> list[str]:
    if row is None:
        return []
    return [canonical_id(row[field]) for field in (kind.id_field, "id") if row.get(field)]


def _by_every_key(kind: Kind, rows: KeyedRows) -> dict[str, Row]:
    """The rows by key, and by the reference and local id that were their keys before the server gave them an id."""
    found: dict[str, Row] = {}
    for prefix, field in ((LOCAL_ID_KEY, "local_id"), (REFERENCE_KEY, kind.ref_field)):
        for row in rows.values():
            if row.get(field):
                found[f"{prefix}{row[field]}"] = row
    found.update(rows)  # a key of a row's own goes before one that it may have had
    return found
