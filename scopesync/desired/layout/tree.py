"""A YAML file as a tree: its values, with their comments and blank lines.

Belongs here: the types that `tree_reader`, `canonical_order`, `tree_edits` and `tree_printer` share, and conversion to
plain data and back. Does not belong here: reading, sorting, editing, printing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

BLANK = ""
"""Stands for a blank line among comments."""


@dataclass(slots=True)
class Scalar:
    """A single value; `plain` is its text if it was written without quotes on one line, else None.

    `tag` is the type that YAML 1.1 resolves it to.
    """

    value: Any
    plain: str | None = None
    tag: str = ""


@dataclass(slots=True, eq=False)
class Collection:
    """A mapping or a list; `flow` if it is written in braces and contains no comment.

    `head` are the comments on the whole collection, `foot` those behind its last entry.
    """

    is_mapping: bool
    entries: list[Entry] = field(default_factory=list)
    flow: bool = False
    head: list[str] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)

    def get(self, key: str) -> Entry | None:
        """The entry of a mapping at that key."""
        return next((entry for entry in self.entries if entry.key == key), None)


@dataclass(slots=True, eq=False)
class Entry:
    """A pair of a mapping, or an item of a list (`key` is None): `lead` are lines above it, `trail` is beside it."""

    value: Value
    key: str | None = None
    lead: list[str] = field(default_factory=list)
    trail: str | None = None


Value: TypeAlias = Scalar | Collection


def data(value: Value) -> Any:
    """The value without its layout."""
    if isinstance(value, Scalar):
        return value.value
    if value.is_mapping:
        return {entry.key: data(entry.value) for entry in value.entries}
    return [data(entry.value) for entry in value.entries]


def laid_out(value: Any) -> Value:
    """The tree of plain data, in block layout."""
    if isinstance(value, dict):
        return Collection(is_mapping=True, entries=[Entry(laid_out(item), key) for key, item in value.items()])
    if isinstance(value, list):
        return Collection(is_mapping=False, entries=[Entry(laid_out(item)) for item in value])
    return Scalar(value)
