"""A YAML file as a tree: its values, and the comments and blank lines that stand with them.

Belongs here: the nouns that `tree_reader`, `canonical_order`, `tree_edits` and `tree_printer` speak of, and turning
them into plain data and back. Does not belong here: any of that work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

BLANK = ""
"""Stands for a blank line among comments."""


@dataclass(slots=True)
class Scalar:
    """A single value; `plain` is how it was written without quotes, None where it had some, or several lines.

    `tag` is what YAML 1.1 takes it for.
    """

    value: Any
    plain: str | None = None
    tag: str = ""


@dataclass(slots=True, eq=False)
class Collection:
    """A mapping or a list; `flow` where it is written in braces and holds no comment.

    `head` are comments on the whole of it, `foot` those behind its last entry.
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
