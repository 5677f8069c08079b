"""The quick answer to one question: would the schema take this row?

Belongs here: a check compiled from the tenant schema itself, for lists of hundreds of thousands of rows. Does not
belong here: why a row is wrong. A row that fails here goes to jsonschema: it decides.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from scopesync.schemas import validator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from scopesync.model import Kind

_NOTES = frozenset(("title", "description", "errorMessage", "patternErrorMessage"))
_OTHERS: Mapping[str, type] = {"boolean": bool, "null": type(None)}
"""Types that text is not; every other type in the schema stays unknown here, and so nothing passes for it."""


@cache
def row_check(kind: Kind) -> Callable[[Mapping[str, Any]], bool]:
    """A function that is True for exactly those mappings that the schema takes as a row of that kind.

    What the schema may say of a row is fixed: properties of text, booleans and null, nothing required. Anything else
    in the schema raises ValueError here, before it could be overlooked.
    """
    texts, others = _checks(kind)

    def check(fields: Mapping[str, Any]) -> bool:
        for name, value in fields.items():
            if type(value) is str:
                test = texts.get(name)
                if test is None or test(value) is None:
                    return False
            elif type(value) not in others.get(name, ()):
                return False
        return True

    return check


def values_check(kind: Kind, columns: Mapping[str, Collection[Any]]) -> bool:
    """Whether `row_check` takes every row that is made of these values, by field: few values can make many rows."""
    texts, others = _checks(kind)
    for name, values in columns.items():
        types = set(map(type, values))
        strings = [value for value in values if type(value) is str]
        if not types - {str} <= others.get(name, frozenset()):
            return False
        if strings and not (name in texts and all(map(texts[name], strings))):
            return False
    return True


@cache
def _checks(kind: Kind) -> tuple[Mapping[str, Callable[[str], object]], Mapping[str, frozenset[type | None]]]:
    """By field: what text must pass, and which types beside text it takes."""
    schema = validator("tenant").schema
    assert isinstance(schema, dict)
    row = schema["definitions"][kind.singular]
    _only(row, _NOTES | {"type", "additionalProperties", "properties"})
    texts = {name: _text_check(rule) for name, rule in row["properties"].items() if "string" in _types(rule)}
    others = {name: frozenset(map(_OTHERS.get, _types(rule))) for name, rule in row["properties"].items()}
    return texts, others


def _text_check(rule: Mapping[str, Any]) -> Callable[[str], object]:
    """All that a property says of text as one regular expression: calls are most of what a row costs."""
    _only(rule, _NOTES | {"type", "pattern", "minLength", "maxLength"})
    pattern = rule.get("pattern", "^")
    if not pattern.startswith("^"):
        raise ValueError(f"the row check knows only patterns that begin with ^, not {pattern}")
    shortest, longest = rule.get("minLength", 0), rule.get("maxLength")
    bounds = f"(?=.{{{shortest}}})" + (f"(?!.{{{longest + 1}}})" if longest is not None else "")
    return re.compile(f"\\A(?s:{bounds})(?:{pattern})").search


def _types(rule: Mapping[str, Any]) -> list[str]:
    return [rule["type"]] if isinstance(rule["type"], str) else list(rule["type"])


def _only(rule: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := rule.keys() - known:
        raise ValueError(f"the row check does not know what the schema means by {sorted(unknown)}")
