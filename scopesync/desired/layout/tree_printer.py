"""A tree with comments -> YAML text in the one canonical layout.

Belongs here: lines, indents, what stays in braces. Does not belong here: the order of anything (`canonical_order`),
quotes (`yaml_scalars`).

Two blanks an indent, one value a line, lists of rows in block layout; what was in braces stays there, on one line,
unless a comment stands inside. One blank before a comment beside something, as editors' formatters (Prettier) do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.desired.layout.tree import BLANK, Collection, Scalar
from scopesync.desired.sources.yaml_scalars import quoted, scalar
from scopesync.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scopesync.desired.layout.tree import Entry, Value

IDS = frozenset(("tenant", *(name for kind in KINDS for name in kind.fields if name.endswith("_id"))))
"""Fields that are quoted whatever they hold: an id that looks like a number must not come to be one."""

_SAFE_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")
"""What plain text may be in YAML 1.1: a day is a day to every reader, `no` and `12:30` are not."""
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
        lead = entry.lead
        yield from _margin(_trimmed(lead) if number == 0 and not home.head else lead, pad)
        yield from _item(entry, pad) if entry.key is None else _pair(entry, pad)
    yield from _margin(home.foot, pad)


def _pair(entry: Entry, pad: str) -> Iterator[str]:
    value, key, beside = entry.value, f"{pad}{scalar(entry.key)}:", _beside(entry)
    if isinstance(value, Scalar):
        yield f"{key} {_scalar(value, entry.key)}{beside}"
    elif value.flow or not value.entries:
        yield from _margin([*value.head, *value.foot], pad)
        yield f"{key} {_in_braces(value)}{beside}"
    else:
        yield f"{key}{beside}"
        yield from _block(value, pad + _INDENT)


def _item(entry: Entry, pad: str) -> Iterator[str]:
    """An item of a list; what stands above or beside the first line of a mapping goes above its dash."""
    value = entry.value
    if isinstance(value, Scalar):
        yield f"{pad}- {_scalar(value, None)}{_beside(entry)}"
    elif value.flow or not value.entries:
        yield from _margin([*value.head, *value.foot], pad)
        yield f"{pad}- {_in_braces(value)}{_beside(entry)}"
    else:
        first = value.entries[0]
        above = [entry.trail] if entry.trail is not None else []
        yield from _margin([*above, *(line for line in (*value.head, *first.lead) if line != BLANK)], pad)
        inner = pad + _INDENT
        lines = list(_block(Collection(value.is_mapping, value.entries, foot=value.foot), inner))
        skipped = len(_trimmed(first.lead))
        yield f"{pad}- {lines[skipped].removeprefix(inner)}"
        yield from lines[skipped + 1 :]


def _in_braces(value: Value, key: str | None = None) -> str:
    if isinstance(value, Scalar):
        return _scalar(value, key)
    inner = ", ".join(
        (f"{scalar(entry.key)}: " if entry.key is not None else "") + _in_braces(entry.value, entry.key)
        for entry in value.entries
    )
    return f"{{{inner}}}" if value.is_mapping else f"[{inner}]"


def _scalar(one: Scalar, key: str | None) -> str:
    """Ids in quotes; other text plain where it was plain and is safe so; everything else in its one form."""
    if not isinstance(one.value, str):
        is_number = one.plain is not None and one.value is not None and not isinstance(one.value, bool)
        return str(one.plain) if is_number else scalar(one.value)
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
    """Without blank lines at the beginning."""
    number = next((number for number, line in enumerate(lines) if line != BLANK), len(lines))
    return lines[number:]


def _without_doubles(lines: Iterable[str]) -> Iterator[str]:
    """One blank line where there would be several."""
    last = BLANK
    for line in lines:
        if line != BLANK or last != BLANK:
            yield line
        last = line
