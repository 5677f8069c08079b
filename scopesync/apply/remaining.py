"""What is left of a plan, in the lists as they are now.

Belongs here: telling a change that is done from one that is not, purely. Does not belong here: reading the lists
(`looking`), what is sent next (`resuming`), the verdict at the end (`proof`).

A change is judged by the fields that it asks for, and by no others: what the server or another client does to the rest
of a row is no reason to stop.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from scopesync.model import KINDS
from scopesync.plan.changes import resulting
from scopesync.plan.writes import item_id
from scopesync.row_identity import RowIndex, canonical_id, differing_fields, key_at_school, key_of, listing
from scopesync.school_links import names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from scopesync.model import Kind, ListName, LiveTenant, Row
    from scopesync.plan.types import Change, ListPlan, TenantPlan
    from scopesync.plan.writes import Write
    from scopesync.row_identity import KeyedRows

RowKey = tuple["ListName", str]
"""A row of one of the two lists, by its key."""


class State(StrEnum):
    """How a change stands."""

    DONE = "done"
    """The row is as the change asks."""

    NOT_DONE = "not done"
    """The row is as it was before."""

    DIFFERENT = "different"
    """The row is neither: the server wrote something else, or another client wrote."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a plan.

    `changes`: by list and by the plan's key, the changes that are not done, each on top of its row as it is now.
    `different`: rows that are neither as they were nor as they shall be. `vanished`: rows that should have stayed, and
    are not there.
    """

    changes: Mapping[ListName, Mapping[str, Change]]
    different: frozenset[RowKey]
    vanished: tuple[str, ...]

    @property
    def keys(self) -> frozenset[RowKey]:
        """The rows whose changes are not done."""
        return frozenset((name, key) for name, changes in self.changes.items() for key in changes)


def remaining(plan: TenantPlan, before: LiveTenant, live: LiveTenant) -> Remaining:
    """What is left of the plan, which was made for `before`, in the lists as they are now."""
    changes: dict[ListName, dict[str, Change]] = {}
    different: set[RowKey] = set()
    vanished: list[str] = []
    for part in plan.lists:
        old = before.listing(part.kind).by_key
        seen = SeenList(part.kind, live.listing(part.kind).by_key)
        copies = _states_of_copies(part, old, seen)
        left = changes[part.kind.name] = {}
        for change in part.changes:
            state = copies.get(change.key) or seen.state(change)
            if state is State.NOT_DONE:
                left[change.key] = change if change.key in copies else seen.rebased(change)
            elif state is State.DIFFERENT:
                different.add((part.kind.name, change.key))
        staying = old.keys() - copies.keys() - {change.key for change in part.changes}
        vanished += sorted(key for key in staying if seen.key(key, old[key]) is None)
    return Remaining(changes, frozenset(different), tuple(vanished))


def asked_fields(kind: Kind, change: Change) -> tuple[str, ...]:
    """The fields that the change asks for: those that an update names, all that people may write of a new row."""
    if change.action == "update":
        return change.fields
    return tuple(field for field in kind.fields if field in (change.after or {}))


class SeenList:
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
        at_its_school = next((one for one in found if names_of(self.rows[one]) == names_of(row)), None)
        is_one_of_several = key != key_of(self._kind, row) and key == key_at_school(self._kind, row)
        if at_its_school is not None or is_one_of_several or not found:
            return at_its_school
        return found[0]

    def state(self, change: Change) -> State:
        """How the change stands, by the fields that it asks for."""
        if change.after is None:
            return State.NOT_DONE if change.key in self.rows else State.DONE
        key = self.key(change.key, change.after)
        if key is None:
            return State.NOT_DONE if change.action == "create" else State.DIFFERENT
        now = self.rows[key]
        asked = asked_fields(self._kind, change)
        if not differing_fields(asked, change.after, now):
            return State.DONE
        if change.before is not None and not differing_fields(asked, change.before, now):
            return State.NOT_DONE
        return State.DIFFERENT

    def rebased(self, change: Change) -> Change:
        """The change on top of the row as it is now, so that fields which others wrote meanwhile survive it."""
        if change.before is None:
            return change
        key = self.key(change.key, change.before)
        if key is None:
            return change
        now = self.rows[key]
        after = None
        if change.after is not None:
            after = {**now, **{field: change.after.get(field) for field in change.fields}}
        return replace(change, key=key, before=now, after=after)

    def state_of_all(self, identity: str, before: Sequence[Row], after: Sequence[Row]) -> State:
        """The one state of all rows with that key of their own."""
        now = [row for row in self.rows.values() if key_of(self._kind, row) == identity]
        if _fit(after, now, self._say_the_same):
            return State.DONE
        return State.NOT_DONE if _fit(before, now, self._say_the_same) else State.DIFFERENT

    def _say_the_same(self, one: Row, other: Row) -> bool:
        return not differing_fields(self._kind.fields, one, other)


def _states_of_copies(part: ListPlan, old: KeyedRows, seen: SeenList) -> dict[str, State]:
    """The state of every row that shares its id with others, where one of them shall change.

    They are judged together: only a replace can change them, and which of them bears which key follows from what is in
    them (see `row_identity.keyed`).
    """
    sharing: dict[str, list[str]] = {}
    for key, row in old.items():
        sharing.setdefault(key_of(part.kind, row), []).append(key)
    changed = {change.key for change in part.changes}
    groups = {name: keys for name, keys in sharing.items() if len(keys) > 1 and not changed.isdisjoint(keys)}
    final = resulting(old, part.changes) if groups else {}
    states = {}
    for name, keys in groups.items():
        before = [old[key] for key in keys]
        after = [final[key] for key in keys if key in final]
        state = seen.state_of_all(name, before, after)
        states.update(dict.fromkeys(keys, state))
    return states


def _fit(rows: Sequence[Row], now: Sequence[Row], fits: Callable[[Row, Row], bool]) -> bool:
    """Whether each of the rows is there, once, and nothing else."""
    left = list(now)
    for row in rows:
        found = next((one for one in left if fits(row, one)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


# The lists on paper


def on_paper(live: LiveTenant, writes: Iterable[Write]) -> LiveTenant:
    """The lists as they are if the server does what these writes ask, and nothing else."""
    rows: dict[ListName, Sequence[Row]] = {kind.name: live.listing(kind).rows for kind in KINDS}
    for (kind, is_item), group in groupby(writes, key=lambda write: (write.kind, write.item_id is not None)):
        if is_item:  # all at once: one by one, each would cost a pass over the list
            rows[kind.name] = _with_items(rows[kind.name], tuple(group))
        else:
            for write in group:
                rows[kind.name] = (*(rows[kind.name] if write.op == "append" else ()), *write.rows)
    schools, courses = (listing(kind, rows[kind.name]) for kind in KINDS)
    return replace(live, schools=schools, courses=courses)


def has_the_rows_of(promised: LiveTenant, seen: LiveTenant) -> bool:
    """Whether both lists hold just the rows that were promised, whatever is in them."""
    for kind in KINDS:
        expected = promised.listing(kind).by_key
        found = SeenList(kind, seen.listing(kind).by_key)
        if {found.key(key, row) for key, row in expected.items()} != found.rows.keys():
            return False
    return True


def _with_items(rows: Sequence[Row], writes: Sequence[Write]) -> list[Row]:
    """The rows after updates and deletes of single ones."""
    kind, named = writes[0].kind, {write.item_id for write in writes}
    stays = [row for row in rows if item_id(kind, row) not in named]
    return [*stays, *(row for write in writes for row in write.rows)]


def rows_of(plan: TenantPlan, writes: Iterable[Write]) -> frozenset[RowKey]:
    """The rows that these writes change, by the keys that the plan gives them."""
    written: set[tuple[ListName, str]] = set()
    whole: set[ListName] = set()
    for write in writes:
        name = write.kind.name
        if write.op in {"replace", "clear"}:
            whole.add(name)
        elif write.item_id is not None:
            written.add((name, canonical_id(write.item_id)))
        for row in write.rows if write.op == "append" else ():
            written |= {(name, key_of(write.kind, row)), (name, key_at_school(write.kind, row))}
    return frozenset(
        (part.kind.name, change.key)
        for part in plan.lists
        for change in part.changes
        if part.kind.name in whole or (part.kind.name, _name_in_a_write(part.kind, change)) in written
    )


def _name_in_a_write(kind: Kind, change: Change) -> str:
    """By what a write names the row of the change: the id in its path; for a new row, its key."""
    if change.before is None:
        return change.key
    return canonical_id(item_id(kind, change.before) or "")
