"""What differs between two rows, field by field, as a person reads it.

Belongs here: the only use of deepdiff. It costs about 0.4 ms a row, so it is asked only about rows that are known to
differ and are shown, and only where a differing field is no plain value.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from deepdiff import DeepDiff

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping


def field_lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """A line for each difference, in the order of the fields: `name: "Algebra" -> "Algebra I"`; nothing is `none`."""
    fields = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if not any(isinstance(row.get(name), dict | list) for name in fields for row in (before, after)):
        return tuple(f"{one_line(name)}: {_shown(before.get(name))} -> {_shown(after.get(name))}" for name in fields)
    tree = DeepDiff(_only(before, fields), _only(after, fields), view="tree", verbose_level=2)
    lines = [
        (tuple(str(step) for step in level.path(output_format="list")), level.t1, level.t2)
        for levels in tree.values()
        for level in levels
    ]
    return tuple(
        f"{one_line('.'.join(path))}: {_shown(old)} -> {_shown(new)}" for path, old, new in sorted(lines, key=_path)
    )


def _only(row: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    return {name: row[name] for name in fields if name in row}


def _path(line: tuple[tuple[str, ...], Any, Any]) -> tuple[str, ...]:
    return line[0]


def _shown(value: Any) -> str:
    """The value as JSON, which tells the text `true` from the boolean; what is not there is `none`."""
    if value is None or repr(value) == "not present":
        return "none"
    return one_line(json.dumps(value, ensure_ascii=False))
