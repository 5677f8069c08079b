"""Changes to a tree: rows come, go and change; what is around them stays.

Belongs here: editing. Does not belong here: what is to change (`reconciling`), order and layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from scopesync.desired.layout.tree import Collection, Entry, Scalar, data, laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.desired.layout.tree import Value
    from scopesync.model import Kind, Row


class Moves(NamedTuple):
    """What happens in one file: its rows before and after (None: removed), in their order, and new ones."""

    before: Sequence[Row]
    after: Sequence[dict[str, Any] | None]
    added: Sequence[dict[str, Any]]

    def __bool__(self) -> bool:
        return bool(self.added) or list(self.before) != list(self.after)


def edit(rows: Value, moves: Moves) -> None:
    """Bring the rows of a tree up to what was decided; the comments of a row that stays stay with it."""
    assert isinstance(rows, Collection)
    written = [entry for entry in rows.entries if isinstance(entry.value, Collection) and not entry.value.get("from")]
    for entry, before, after in zip(written, moves.before, moves.after, strict=True):
        if after is None:
            rows.entries.remove(entry)
        elif after != before:
            _rewrite(entry, after)
    rows.entries += [Entry(laid_out(fields)) for fields in moves.added]


def _rewrite(entry: Entry, fields: Row) -> None:
    """Make a row of a tree say `fields`; a field that says the same stays as it is written."""
    row = entry.value
    assert isinstance(row, Collection)
    row.entries = [one for one in row.entries if one.key in fields]
    said = {one.key: one for one in row.entries}
    for name, value in fields.items():
        if name not in said:
            row.entries.append(Entry(Scalar(value), name))
        elif data(said[name].value) != value:
            said[name].value = Scalar(value)


def manage_additively(root: Collection, kind: Kind) -> bool:
    """Let no plan remove what is in no file; whether that is new."""
    manage = root.get("manage")
    if manage is None:
        manage = Entry(Collection(is_mapping=True), "manage")
        root.entries.append(manage)
    assert isinstance(manage.value, Collection)
    said = manage.value.get(kind.name)
    if said is not None and data(said.value) == "additive":
        return False
    manage.value.entries = [one for one in manage.value.entries if one is not said]
    manage.value.entries.append(Entry(Scalar("additive"), kind.name))
    return True
