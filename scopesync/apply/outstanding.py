"""Outstanding: what is left of a plan, by a list as it is now.

Belongs here: telling a change that is done from one that is not, purely. Does not belong here: reading the list, or
deciding what follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from scopesync.model import KINDS, SERVER_FIELDS
from scopesync.plan.changes import resulting
from scopesync.plan.writes import item_id
from scopesync.row_identity import RowIndex, alike, differing_fields, key_of, listing, says_something
from scopesync.school_links import names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from scopesync.model import Kind, ListName, LiveTenant, Row
    from scopesync.plan.types import Change, ListPlan, TenantPlan
    from scopesync.plan.writes import Write
    from scopesync.row_identity import KeyedRows


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Changes that are not done, by list.

    `foreign` are keys that are neither as they were nor as they shall be, and keys of rows that should have stayed and
    are not there: somebody else is at work, or the list was not read whole.
    """

    changes: Mapping[ListName, tuple[Change, ...]]
    foreign: tuple[str, ...]


def outstanding(plan: TenantPlan, before: LiveTenant, live: LiveTenant) -> Outstanding:
    """What is left of the plan, which was made for `before`, in the lists as they are now."""
    left: dict[ListName, tuple[Change, ...]] = {}
    foreign: list[str] = []
    for part in plan.lists:
        old = before.listing(part.kind).by_key
        seen = Seen(part.kind, live.listing(part.kind).by_key)
        copies = _states_of_copies(part, old, seen)
        states = [(change, copies.get(change.key) or seen.state(change)) for change in part.changes]
        left[part.kind.name] = tuple(change for change, state in states if state == "not done")
        foreign += [change.key for change, state in states if state == "foreign"]
        stays = old.keys() - copies.keys() - {change.key for change in part.changes}
        foreign += sorted(key for key in stays if seen.key(key, old[key]) is None)
    return Outstanding(left, tuple(foreign))


def _states_of_copies(part: ListPlan, old: KeyedRows, seen: Seen) -> dict[str, str]:
    """The state of every row that shares what it is called with others, where one of them shall change.

    They are judged together: only a replace can change them, and which of them bears which key follows from what is in
    them (see `keyed`).
    """
    sharing: dict[str, list[str]] = {}
    for key, row in old.items():
        sharing.setdefault(key_of(part.kind, row), []).append(key)
    changed = {change.key for change in part.changes}
    groups = {name: keys for name, keys in sharing.items() if len(keys) > 1 and not changed.isdisjoint(keys)}
    final = resulting(old, part.changes) if groups else {}
    return {
        key: seen.state_of_all(name, [old[one] for one in keys], [final[one] for one in keys if one in final])
        for name, keys in groups.items()
        for key in keys
    }


def on_paper(live: LiveTenant, writes: Iterable[Write]) -> LiveTenant:
    """The lists as they are if the server does what it answers, and nothing else."""
    rows: dict[ListName, Sequence[Row]] = {kind.name: live.listing(kind).rows for kind in KINDS}
    for (kind, is_item), group in groupby(writes, key=lambda write: (write.kind, write.item_id is not None)):
        if is_item:  # all at once: one by one, each would cost a pass over the list
            rows[kind.name] = _with_items(rows[kind.name], tuple(group))
        else:
            for write in group:
                rows[kind.name] = (*(rows[kind.name] if write.op == "append" else ()), *write.rows)
    schools, courses = (listing(kind, rows[kind.name]) for kind in KINDS)
    return replace(live, schools=schools, courses=courses)


def _with_items(rows: Sequence[Row], writes: Sequence[Write]) -> list[Row]:
    """The rows after updates and deletes of single ones."""
    kind, named = writes[0].kind, {write.item_id for write in writes}
    stays = [row for row in rows if item_id(kind, row) not in named]
    return [*stays, *(row for write in writes for row in write.rows)]


def is_as(promised: LiveTenant, seen: LiveTenant) -> bool:
    """Whether the lists are just as they were promised, but for what the server says of whose rows they are."""
    return all(
        rows.keys() == now.keys()
        and not any(wrong_fields(kind, row, now[key]) for key, row in rows.items())
        and all(_said(row) - set(SERVER_FIELDS) <= _said(rows[key]) for key, row in now.items())
        for kind in KINDS
        for rows, now in [(promised.listing(kind).by_key, seen.listing(kind).by_key)]
    )


def unkept(left: Outstanding, promised: Outstanding) -> tuple[str, ...]:
    """Keys of changes that are `left` though they should not be: on paper they were done."""
    return tuple(
        change.key
        for name, changes in left.changes.items()
        for still in [{change.key for change in promised.changes[name]}]
        for change in changes
        if change.key not in still
    )


class Seen:
    """A list as it is now. A row that was sent without an id may have been given one: its reference finds it."""

    def __init__(self, kind: Kind, rows: KeyedRows) -> None:
        self._kind = kind
        self.rows = rows
        self._index = RowIndex(kind, rows)

    def key(self, key: str, row: Row) -> str | None:
        """The key under which the row is there now, None when it is not."""
        if key in self.rows:
            return key
        found = self._index.meant_by(row)
        at_its_school = (one for one in found if names_of(self.rows[one]) == names_of(row))
        return next(at_its_school, found[0] if found else None)

    def state(self, change: Change) -> str:
        """`done`, `not done`, or `foreign`: neither as it was nor as it shall be."""
        wanted = change.after if change.after is not None else change.before or {}
        key = self.key(change.key, wanted) if change.after is not None else change.key
        if key is None or key not in self.rows:
            return "not done" if change.action == "create" else "done" if change.action == "delete" else "foreign"
        now = self.rows[key]
        if change.after is not None and not wrong_fields(self._kind, change.after, now):
            return "done"
        return "not done" if change.before is not None and self._untouched(change.before, now) else "foreign"

    def state_of_all(self, identity: str, before: Sequence[Row], after: Sequence[Row]) -> str:
        """The one state of all rows that are called that."""
        now = [row for row in self.rows.values() if key_of(self._kind, row) == identity]
        if _fit(after, now, lambda row, one: not wrong_fields(self._kind, row, one)):
            return "done"
        return "not done" if _fit(before, now, self._untouched) else "foreign"

    def _untouched(self, before: Row, now: Row) -> bool:
        """Whether nobody has written to the row: no field that we know differs, and none has come or gone."""
        fields = {*self._kind.fields, *SERVER_FIELDS}
        known = not differing_fields(fields, before, now)
        return known and _said(before) == _said(now)


def wrong_fields(kind: Kind, expected: Row, seen: Row) -> tuple[str, ...]:
    """The fields of a row that are not as they were sent.

    Two rules tell a lost field from a server at work. A field that we know must have the expected value. A field that
    we do not know must still be there, but may have moved (a server may keep a time of change in it).
    """
    known = {*kind.fields, *SERVER_FIELDS}
    return tuple(
        field
        for field, value in expected.items()
        if value != seen.get(field)  # nearly always the answer
        and not alike(field, value, seen.get(field))
        and (field in known or seen.get(field) is None)
    )


def _said(row: Row) -> set[str]:
    """The fields that hold something."""
    return {name for name, value in row.items() if says_something(name, value)}


def _fit(rows: Sequence[Row], now: Sequence[Row], fits: Callable[[Row, Row], bool]) -> bool:
    """Whether each of the rows is there, once, and nothing else."""
    left = list(now)
    for row in rows:
        found = next((one for one in left if fits(row, one)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def concerned(kind: Kind, rows: Iterable[Row]) -> list[str]:
    """What the rows are called."""
    return [key_of(kind, row) for row in rows]
