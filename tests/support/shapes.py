"""Documents as types and as JSON Schemas, brought to one form so that the two can be compared.

Belongs here: what a test needs to hold `scopesync.documents` against the schemas, and real documents against
`scopesync.documents`. The form is itself a JSON Schema, of few words: `type`, `enum`, `properties`, `required`,
`additionalProperties`, `items`, and `anyOf` for what may be null.
"""

from __future__ import annotations

import types
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

Schema = dict[str, Any]

NULL: Schema = {"type": "null"}
SCALARS = {str: "string", int: "integer", bool: "boolean"}


def schema_of(form: Any) -> Schema:
    """The schema of a TypedDict, or of anything that stands in one."""
    if is_typeddict(form):
        return _object(form)
    if form in SCALARS:
        return {"type": SCALARS[form]}
    arguments = get_args(form)
    if get_origin(form) is Literal:
        return {"enum": sorted(arguments)}
    if get_origin(form) is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if get_origin(form) is types.UnionType or type(None) in arguments:
        (some,) = (one for one in arguments if one is not type(None))
        return {"anyOf": [schema_of(some), NULL]}
    assert get_origin(form) is dict, form
    return _mapping(*arguments)


def _object(form: Any) -> Schema:
    hints = get_type_hints(form, include_extras=True)
    optional = {name for name, hint in hints.items() if get_origin(hint) is NotRequired}
    inner = {name: get_args(hint)[0] if name in optional else hint for name, hint in hints.items()}
    properties = {name: schema_of(hint) for name, hint in inner.items()}
    return _closed(properties, required=hints.keys() - optional)


def _mapping(key: Any, value: Any) -> Schema:
    """A mapping of known names, any of which may be missing; or one of any names."""
    if get_origin(key) is Literal:
        return _closed({name: schema_of(value) for name in get_args(key)}, required=set())
    return {"type": "object"} if value is Any else {"type": "object", "additionalProperties": schema_of(value)}


def _closed(properties: dict[str, Schema], *, required: set[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(required),
        "additionalProperties": False,
    }


def reduced(rule: Schema, root: Schema, *, words: frozenset[str], name: str = "") -> Schema:
    """A rule of a JSON Schema in the same form: without descriptions, bounds, patterns and conditions.

    `words` are the keys whose values are texts in the types, and only in the schema one of a list.
    """
    if "$ref" in rule:
        rule = root["definitions"][rule["$ref"].removeprefix("#/definitions/")]
    some, may_be_null = _without_null(rule)
    found = _reduced(some, root, words=words, name=name)
    return {"anyOf": [found, NULL]} if may_be_null else found


def _without_null(rule: Schema) -> tuple[Schema, bool]:
    """The rule for what is not null, and whether null is allowed besides."""
    if None in rule.get("enum", ()):
        return {**rule, "enum": [one for one in rule["enum"] if one is not None]}, True
    if "oneOf" in rule:
        (some,) = (one for one in rule["oneOf"] if one != NULL)
        return some, True
    if isinstance(rule.get("type"), list):
        (only,) = (one for one in rule["type"] if one != "null")
        return {**rule, "type": only}, True
    return rule, False


def _reduced(rule: Schema, root: Schema, *, words: frozenset[str], name: str) -> Schema:
    if "const" in rule:
        return {"enum": [rule["const"]]}
    if "enum" in rule:
        return {"type": "string"} if name in words else {"enum": sorted(rule["enum"])}
    found: Schema = {"type": rule["type"]}
    if rule["type"] == "array":
        return {**found, "items": reduced(rule["items"], root, words=words)}
    if "properties" in rule:
        assert rule["additionalProperties"] is False, name
        inner = {key: reduced(one, root, words=words, name=key) for key, one in rule["properties"].items()}
        return _closed(inner, required=set(rule["required"]))
    if "additionalProperties" in rule:
        found["additionalProperties"] = reduced(rule["additionalProperties"], root, words=words)
    return found
