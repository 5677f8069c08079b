"""A tree with comments -> YAML text in the one canonical layout.

Belongs here: lines, indentation, flow style. Does not belong here: the order of entries (`canonical_order`), quotes
(`yaml_scalars`).

The layout: an indent of two spaces, one value a line, lists of rows in block style. A collection in flow style (braces)
stays in flow style, on one line, unless it contains a comment. One space before a comment at the end of a line, as
Prettier does it.
"""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING

from scopesync.desired.layout.tree import BLANK, Collection, Scalar
from scopesync.desired.sources.yaml_scalars import quoted, scalar
from scopesync.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scopesync.desired.layout.tree import Entry, Value

IDS = frozenset(("tenant", *(name for kind in KINDS for name in kind.fields if name.endswith("_id"))))
"""Fields that are always quoted: an id that looks like a number must not become one."""

_SAFE_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")
"""YAML 1.1 tags that plain text may have: every parser reads a date alike, but not `no` or `12:30`."""
_INDENT = "  "


def printed(root: Collection) -> str:
    """The text of a whole file; ends with a line break."""
    lines = _empty(root) if not root.entries else _block(root, "")
    return "".join(f"{line.rstrip()}\n" for line in _without_doubles(lines))


def _empty(root: Collection) -> Iterator[str]:
    yield from (*root.head, _in_braces(root), *root.foot)


def _block(home: Collection, pad: str) -> Iterator[str]:
    yield from _margin(home.head, pad)
    for number, entry in enumerate(home.entries):
        is_top = number == 0 and not home.head
        lead = _trimmed(entry.lead) if is_top else entry.lead
        yield from _margin(lead, pad)
        if entry.key is None:
            yield from _item(entry, pad)
        else:
            yield from _pair(entry, pad)
    yield from _margin(home.foot, pad)


def _pair(entry: Entry, pad: str) -> Iterator[str]:
    value = entry.value
    key = f"{pad}{scalar(entry.key)}:"
    beside = _beside(entry)
    if isinstance(value, Scalar):
        yield f"{key} {_scalar(value, entry.key)}{beside}"
    elif value.flow or not value.entries:
        yield from _margin([*value.head, *value.foot], pad)
        yield f"{key} {_in_braces(value)}{beside}"
    else:
        yield f"{key}{beside}"
        yield from _block(value, pad + _INDENT)


def _item(entry: Entry, pad: str) -> Iterator[str]:
    """An item of a list. Comments above or beside the first line of a mapping are moved above the dash."""
    value = entry.value
    if isinstance(value, Scalar):
        yield f"{pad}- {_scalar(value, None)}{_beside(entry)}"
    elif value.flow or not value.entries:
        yield from _margin([*value.head, *value.foot], pad)
        yield f"{pad}- {_in_braces(value)}{_beside(entry)}"
    else:
        first = value.entries[0]
        above = [entry.trail] if entry.trail is not None else []
        above += [line for line in (*value.head, *first.lead) if line != BLANK]
        yield from _margin(above, pad)
        inner = pad + _INDENT
        lines = list(_block(Collection(value.is_mapping, value.entries, foot=value.foot), inner))
        printed_above = len(_trimmed(first.lead))
        yield f"{pad}- {lines[printed_above].removeprefix(inner)}"
        yield from lines[printed_above + 1 :]


def _in_braces(value: Value, key: str | None = None) -> str:
    if isinstance(value, Scalar):
        return _scalar(value, key)
    parts: list[str] = []
    for entry in value.entries:
        key_part = f"{scalar(entry.key)}: " if entry.key is not None else ""
        parts.append(key_part + _in_braces(entry.value, entry.key))
    inner = ", ".join(parts)
    return f"{{{inner}}}" if value.is_mapping else f"[{inner}]"


def _scalar(one: Scalar, key: str | None) -> str:
    """The text of a scalar: ids in quotes, other text plain if it was plain and is safe, the rest in canonical form."""
    if not isinstance(one.value, str):
        is_number = one.value is not None and not isinstance(one.value, bool)
        if is_number and one.plain is not None:
            return one.plain  # 8.0 stays 8.0
        return scalar(one.value)
    if key in IDS:
        return quoted(one.value)
    if one.plain is not None and one.tag in _SAFE_TAGS:
        return one.plain
    return quoted(one.value) if one.tag else scalar(one.value)


def _beside(entry: Entry) -> str:
    return f" {entry.trail}" if entry.trail is not None else ""


def _margin(lines: Iterable[str], pad: str) -> Iterator[str]:
    return (pad + line if line != BLANK else BLANK for line in lines)


def _trimmed(lines: list[str]) -> list[str]:
    """The lines without blank lines at the beginning."""
    return list(dropwhile(lambda line: line == BLANK, lines))


def _without_doubles(lines: Iterable[str]) -> Iterator[str]:
    """Merge several blank lines into one, and drop those at the beginning."""
    last = BLANK
    for line in lines:
        if line != BLANK or last != BLANK:
            yield line
        last = line
