"""The canonical order: of keys, as the schemas list them, and of rows.

Belongs here: sorting a tree, merging duplicate rows. Does not belong here: layout (`tree_printer`),
files.

The order depends on the rows alone, so that a change to another file never changes the order in this one.
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
    """Schools by name, courses by the id of their school and by name; the fields that identify a row break ties."""
    school = "" if kind is SCHOOLS else school_word(row)
    name = row.get("name") or ""
    identity = (row.get(field) or "" for field in identity_fields(kind))
    return school, name.casefold(), name, *identity


def arrange(value: Value, rule: Mapping[str, Any]) -> None:
    """Sort the keys of a tree as `rule`, a schema, lists them; keys that it does not list come last, in their order."""
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
            arrange(entry.value, _inner_rule(rule, entry.key))


def _inner_rule(rule: Mapping[str, Any], key: str | None) -> Mapping[str, Any]:
    """The schema of the value at `key`, or of an item (`key` is None); an empty one if `rule` has none."""
    inner = rule.get("items")
    if key is not None:
        inner = rule.get("properties", {}).get(key, rule.get("additionalProperties"))
    return inner if isinstance(inner, dict) else {}


def arrange_rows(rows: Collection, kind: Kind) -> None:
    """Sort a list of rows, with the files that it names first, and remove duplicates."""
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
    """Keep only the first of several equal rows, with the comments of all of them."""
    first: dict[frozenset[tuple[str, Any]], Entry] = {}
    for entry in rows.entries:
        kept = first.setdefault(frozenset(data(entry.value).items()), entry)
        if kept is not entry:
            kept.lead += [line for line in _comments(entry) if line != BLANK]
    rows.entries = list(first.values())


def _comments(entry: Entry) -> Iterator[str]:
    """Every comment in an entry, from top to bottom."""
    yield from entry.lead
    if entry.trail is not None:
        yield entry.trail
    if isinstance(entry.value, Collection):
        yield from entry.value.head
        for inner in entry.value.entries:
            yield from _comments(inner)
        yield from entry.value.foot
