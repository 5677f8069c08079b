"""The canonical order: of keys, as the schemas list them, and of rows.

Belongs here: sorting a tree, collapsing rows that are there twice. Does not belong here: layout (`tree_printer`),
files.

The order of rows is a matter of the row alone, so that a file keeps its order whatever happens to other files.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from scopesync.desired.layout.tree import BLANK, Collection, Scalar, data
from scopesync.model import KIND_BY_NAME, SCHOOLS
from scopesync.row_identity import ID_FIELDS, canonical_id, identity_fields
from scopesync.school_links import school_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scopesync.desired.layout.tree import Entry, Value
    from scopesync.model import Kind, Row


def row_order(row: Row, kind: Kind) -> tuple[Any, ...]:
    """Schools by name, courses by the id of their school, then by name; what a row is matched by settles every tie."""
    school = "" if kind is SCHOOLS else school_word(row)
    name = row.get("name") or ""
    identity = (row.get(field) or "" for field in identity_fields(kind))
    return school, name.casefold(), name, *identity


def arrange(value: Value, rule: Mapping[str, Any]) -> None:
    """Put everything in order that `rule`, a schema, has an order for: keys it does not name stay as they are."""
    if isinstance(value, Scalar):
        return
    known: Mapping[str, Any] = rule.get("properties", {})
    if value.is_mapping:
        _sort_keys(value, tuple(known))
        _spell_ids(value, ("tenant",))
    for entry in value.entries:
        kind = KIND_BY_NAME.get(entry.key or "")
        if kind is not None and isinstance(entry.value, Collection) and not entry.value.is_mapping:
            arrange_rows(entry.value, kind)
        else:
            inner = rule.get("items") if entry.key is None else known.get(entry.key, rule.get("additionalProperties"))
            arrange(entry.value, inner if isinstance(inner, dict) else {})


def arrange_rows(rows: Collection, kind: Kind) -> None:
    """Put a list of rows in order: files that it names first, each row and each file once."""
    rows.flow = False
    for entry in rows.entries:
        if isinstance(entry.value, Collection):
            _spell_ids(entry.value, tuple(ID_FIELDS))
    _collapse(rows)
    rows.entries.sort(key=partial(_item_order, kind=kind))
    for entry in rows.entries:
        if isinstance(entry.value, Collection):
            _sort_keys(entry.value, (*kind.fields, "protect"))


def spelled(row: Row) -> Row:
    """The row with its ids in their one spelling."""
    return {
        field: canonical_id(value) if field in ID_FIELDS and isinstance(value, str) else value
        for field, value in row.items()
    }


def _spell_ids(mapping: Collection, fields: tuple[str, ...]) -> None:
    for entry in mapping.entries:
        value = entry.value
        if entry.key in fields and isinstance(value, Scalar) and isinstance(value.value, str):
            identifier = canonical_id(value.value)
            if identifier != value.value:
                entry.value = Scalar(identifier)


def _sort_keys(mapping: Collection, order: tuple[str, ...]) -> None:
    places = {key: place for place, key in enumerate(order)}
    mapping.entries.sort(key=lambda entry: places.get(entry.key or "", len(order)))


def _item_order(entry: Entry, kind: Kind) -> tuple[Any, ...]:
    row = data(entry.value)
    return (0, row["from"]) if "from" in row else (1, *row_order(row, kind))


def _collapse(rows: Collection) -> None:
    """Rows that say exactly the same become the first of them; their comments go there too."""
    first: dict[frozenset[tuple[str, Any]], Entry] = {}
    for entry in rows.entries:
        kept = first.setdefault(frozenset(data(entry.value).items()), entry)
        if kept is not entry:
            kept.lead += [line for line in _comments(entry) if line != BLANK]
    rows.entries = list(first.values())


def _comments(entry: Entry) -> Iterator[str]:
    """Every comment in an entry, from the top."""
    yield from entry.lead
    if entry.trail is not None:
        yield entry.trail
    if isinstance(entry.value, Collection):
        yield from entry.value.head
        for inner in entry.value.entries:
            yield from _comments(inner)
        yield from entry.value.foot
