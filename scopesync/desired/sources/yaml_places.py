"""The place of a value in a YAML text, computed only when a problem is reported.

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
    """The places in one text that `yaml_reader.load` has read to its end (so it is not nested too deeply)."""

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
        """A Problem at the value, or at the nearest collection around it that exists; `at_key`: at its key."""
        place = self._find(path, at_key=at_key)
        return self.source.problem(message, *place, hint=hint, severity=severity)

    def written(self, path: Path) -> str | None:
        """The scalar as it is written in the file, None if there is none or if it may be a secret."""
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
        if place is None:
            return ()
        return place.start_mark.line + 1, place.start_mark.column + 1

    @cached_property
    def _root(self) -> yaml.Node | None:
        """The text parsed again, as nodes with marks; None if an alias (already refused) has no anchor."""
        try:
            return yaml.compose(self.source.text, Loader=LOADER)
        except yaml.YAMLError:
            return None


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key node and the value node at one key or index; both None if there is nothing."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        item = node.value[step] if step < len(node.value) else None
        return None, item
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
    return None, None
