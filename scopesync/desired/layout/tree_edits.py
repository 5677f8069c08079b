"""Edit a tree: add, remove and change rows, and keep everything around them.

Belongs here: editing. Does not belong here: deciding what changes (`reconciling`), order and layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from scopesync.desired.layout.tree import Collection, Entry, Scalar, data, laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.desired.layout.tree import Value
    from scopesync.model import Kind, Row


class Moves(NamedTuple):
    """The changes to one file: its rows before and after (None: removed), in their order, and the added rows."""

    before: Sequence[Row]
    after: Sequence[dict[str, Any] | None]
    added: Sequence[dict[str, Any]]

    def __bool__(self) -> bool:
        return bool(self.added) or list(self.before) != list(self.after)


def edit(rows: Value, moves: Moves) -> None:
    """Apply the changes to the rows of a tree; a row that stays keeps its comments."""
    assert isinstance(rows, Collection)
    written = [entry for entry in rows.entries if isinstance(entry.value, Collection) and not entry.value.get("from")]
    for entry, before, after in zip(written, moves.before, moves.after, strict=True):
        if after is None:
            rows.entries.remove(entry)
        elif after != before:
            _rewrite(entry, after)
    rows.entries += [Entry(laid_out(fields)) for fields in moves.added]


def _rewrite(entry: Entry, fields: Row) -> None:
    """Set a row of a tree to `fields`; a field whose value is unchanged keeps its spelling."""
    row = entry.value
    assert isinstance(row, Collection)
    row.entries = [one for one in row.entries if one.key in fields]
    present = {one.key: one for one in row.entries}
    for name, value in fields.items():
        if name not in present:
            row.entries.append(Entry(Scalar(value), name))
        elif data(present[name].value) != value:
            present[name].value = Scalar(value)


def manage_additively(root: Collection, kind: Kind) -> bool:
    """Set `manage` of the list to `additive`, so that no plan removes rows; returns whether that is a change."""
    manage = root.get("manage")
    if manage is None:
        manage = Entry(Collection(is_mapping=True), "manage")
        root.entries.append(manage)
    assert isinstance(manage.value, Collection)
    current = manage.value.get(kind.name)
    if current is not None and data(current.value) == "additive":
        return False
    manage.value.entries = [one for one in manage.value.entries if one is not current]
    manage.value.entries.append(Entry(Scalar("additive"), kind.name))
    return True
