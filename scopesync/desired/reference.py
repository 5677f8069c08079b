"""docs/reference.md, from the schemas: every key that people may write, in the words that editors show.

Belongs here: schema -> Markdown. `python -m scopesync.desired.reference > docs/reference.md` writes it anew; a test
says when that is due. Does not belong here: any word on a key; the schemas have them.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from scopesync.schemas import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INTRODUCTION = """\
# Every key

Made by `python -m scopesync.desired.reference` from the schemas, which `scopesync schema project` and
`scopesync schema tenant` print. In a key, `NAME` is a word of your own, and `[]` stands for each entry of a list.
"""
_TYPE_NAMES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "array": "list",
}


class _Key(NamedTuple):
    """One key, by its path from the root of the file."""

    path: str
    rule: Mapping[str, Any]
    is_required: bool


def reference() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *(_section(name) for name in ("project", "tenant"))])


def _section(name: str) -> str:
    schema = json.loads(schema_text(name))
    title = {"project": "The project: `scopesync.yaml`", "tenant": "A tenant file"}[name]
    rows = "".join(f"| `{key.path}` | {_type(key)} | {_cell(key.rule['description'])} |\n" for key in _keys(schema, ""))
    return f"## {title}\n\n{schema['description']}\n\n| Key | Holds | Meaning |\n|---|---|---|\n{rows}"


def _keys(rule: Mapping[str, Any], prefix: str, schema: Mapping[str, Any] | None = None) -> Iterator[_Key]:
    """The keys of a mapping and of everything in it, each before those that it holds."""
    root = schema if schema is not None else rule
    for name, inner in rule.get("properties", {}).items():
        yield _Key(f"{prefix}{name}", inner, name in rule.get("required", ()))
        yield from _keys(inner, f"{prefix}{name}.", root)
    if isinstance(inner := rule.get("additionalProperties"), dict):
        yield _Key(f"{prefix}NAME", inner, is_required=False)
        yield from _keys(inner, f"{prefix}NAME.", root)
    if isinstance(items := rule.get("items"), dict):
        each = f"{prefix.removesuffix('.')}[]."
        if "if" in items:  # two types of entry: no key is required in both
            refs = [items[part]["$ref"].rpartition("/")[2] for part in ("then", "else")]
            for one in (root["definitions"][ref] for ref in refs):
                yield from _keys({**one, "required": ()}, each, root)
        else:
            yield from _keys(items, each, root)


def _type(key: _Key) -> str:
    """The valid values of a key, in words: the choices, or the type with its bounds."""
    rule = key.rule
    if "enum" in rule:
        words = " or ".join(f"`{value}`" for value in rule["enum"])
    elif "const" in rule:
        words = f"`{rule['const']}`"
    else:
        types = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
        words = " or ".join(map(_type_name, types)) + _bounds(rule)
    return f"**required**, {words}" if key.is_required else words


def _type_name(name: str) -> str:
    return "`null`" if name == "null" else _TYPE_NAMES.get(name, "mapping")


def _bounds(rule: Mapping[str, Any]) -> str:
    if "maximum" not in rule:
        return ""
    least = f"more than {rule['exclusiveMinimum']}" if "exclusiveMinimum" in rule else f"{rule['minimum']}"
    return f", {least} to {rule['maximum']}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(reference())
