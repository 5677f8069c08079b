"""Where in a YAML text a value is, found only when there is something to say about it.

Belongs here: path -> line, column and the scalar as it was written. Does not belong here: deciding what is wrong.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import yaml

from scopesync.desired.sources.yaml_reader import LOADER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.desired.sources.text_file import SourceText
    from scopesync.errors import Problem, Severity

Path: TypeAlias = "tuple[str | int, ...]"
"""Keys and indexes from the root of a document down to a value."""


class Places:
    """The places in one text that `yaml_reader.load` has read to its end (its depth is known to be harmless)."""

    def __init__(self, source: SourceText) -> None:
        self.source = source

    def problem(
        self,
        path: Path,
        message: str,
        *,
        at_key: bool = False,
        hint: str | None = None,
        severity: Severity = "error",
    ) -> Problem:
        """A Problem at the value, or at the nearest thing around it that exists; `at_key`: at its key."""
        place = self._find(path, at_key=at_key)
        return self.source.problem(message, *place, hint=hint, severity=severity)

    def written(self, path: Path) -> str | None:
        """The scalar there as it was written, None where there is none, or where it may be a secret."""
        node = self._root
        for step in path:
            node = _child(node, step)[1] if node is not None else None
        if not isinstance(node, yaml.ScalarNode) or self.source.is_private(node.start_mark.line + 1):
            return None
        return str(node.value)

    def _find(self, path: Sequence[str | int], *, at_key: bool) -> tuple[int, int] | tuple[()]:
        node = place = self._root
        for step in path:
            key, node = _child(node, step) if node is not None else (None, None)
            place = (key if at_key and key is not None else node) or place
        return (place.start_mark.line + 1, place.start_mark.column + 1) if place is not None else ()

    @cached_property
    def _root(self) -> yaml.Node | None:
        """The text once more, as nodes with marks; None where an alias (refused already) leads nowhere."""
        try:
            return yaml.compose(self.source.text, Loader=LOADER)
        except yaml.YAMLError:
            return None


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key node and the value node of one step; both None where the step leads nowhere."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return (None, node.value[step]) if step < len(node.value) else (None, None)
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), (None, None))
    return None, None
