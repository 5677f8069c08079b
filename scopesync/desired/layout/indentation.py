"""In which column a line of YAML should begin.

Belongs here: the parts of one line as a person reads it, and which lines above it could continue. Does not belong here:
deciding that something is wrong (`yaml_slips`). Used only for texts that the parser has refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from scopesync.desired.sources.text_file import EXCERPT_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.desired.sources.text_file import SourceText

_PARTS = re.compile(
    r"\s*(?P<dashes>(?:- +)*)(?P<rest>"
    r"(?P<key>\"[^\"]*\"|'[^']*'|[^\s\"'#\[{-][^#]*?)\s*(?P<colon>:)(?:\s+(?P<value>[^\s#].*?))?(?:\s+#.*|\s*)\Z|.*)"
)
_WORD = re.compile(r"[\w.-]{1,64}\Z")


@dataclass(frozen=True)
class Line:
    """A line by its number. Columns count from 1; the column of a part that the line lacks is 0."""

    source: SourceText
    number: int

    @cached_property
    def text(self) -> str:
        """The line without its line break; empty behind the end of the text."""
        lines = self.source.lines
        return lines[self.number - 1] if self.number <= len(lines) else ""

    @property
    def head(self) -> str:
        """The beginning of the line, which is all that is matched: a hostile long line must not cost time."""
        return self.text[:EXCERPT_LENGTH]

    @cached_property
    def _parts(self) -> re.Match[str]:
        found = _PARTS.match(self.head)
        assert found is not None
        return found

    @property
    def start(self) -> int:
        """The column of the first character that is not whitespace."""
        return len(self.text) - len(self.text.lstrip()) + 1

    @property
    def is_item(self) -> bool:
        """Whether it begins with a dash."""
        return bool(self._parts["dashes"])

    @property
    def is_bracket(self) -> bool:
        """Whether it begins, behind its dashes, with a bracket, or with a quote."""
        return self._parts["rest"].startswith(("{", "[", '"', "'"))

    @property
    def key(self) -> str | None:
        """The first key, None if the line has none or begins with a bracket."""
        return self._parts["key"]

    @property
    def value(self) -> str | None:
        """The text behind the key, without a comment."""
        return self._parts["value"]

    def column(self, part: str) -> int:
        """The column of a part: `rest` (behind the dashes, where a key begins), `colon` or `value`."""
        return self._parts.start(part) + 1

    @property
    def is_private(self) -> bool:
        """Whether the line may hold a secret, so that no part of it may be shown."""
        return self.source.is_private(self.number)


class _Spot(NamedTuple):
    """A column in which a line may begin, and the line above that has something there."""

    column: int
    line: Line

    def __str__(self) -> str:
        word = self.line.key or ""
        if self.line.is_private or not _WORD.match(word):
            return f"in column {self.column}, as on line {self.line.number}"
        is_dash = self.column < self.line.column("rest")
        what = "the dash" if is_dash else f'"{word}"'
        return f"in column {self.column}, under {what} of line {self.line.number}"


def line_above(line: Line) -> Line | None:
    """The nearest line above that has content, None at the top."""
    return next(_lines_above(line), None)


def fitting(line: Line) -> str:
    """A hint: the valid column nearest to where the line begins; two columns if both are equally near."""
    if not line.is_item and not line.key:
        return "line it up with the text that it goes on with, or write `key: value`"
    spots_by_distance: dict[int, list[_Spot]] = {}
    for spot in _spots(line):
        distance = abs(spot.column - line.start)
        spots_by_distance.setdefault(distance, []).append(spot)
    nearest = min(spots_by_distance, default=0)
    if nearest == 0:
        return "line up the dashes of a list, and the fields of a row"
    choices = ", or ".join(map(str, spots_by_distance[nearest]))
    return f"begin it {choices}"


def _spots(line: Line) -> Iterator[_Spot]:
    """Where the open collections above begin, from below: lists for a line with a dash, else mappings."""
    limit = len(line.source.text)
    for above in _lines_above(line):
        if above.start >= limit:
            continue
        column = above.start if line.is_item else above.column("rest")
        if column < limit and above.is_item >= line.is_item:
            yield _Spot(column, above)
        limit = above.start
        if limit == 1:
            return


def _lines_above(line: Line) -> Iterator[Line]:
    """The lines above that have content (not only whitespace or a comment), from below."""
    lines = line.source.lines
    for number in range(line.number - 1, 0, -1):
        first_char = lines[number - 1].lstrip()[:1]
        if first_char not in ("", "#"):
            yield Line(line.source, number)
