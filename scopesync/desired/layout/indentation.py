"""In which column a line of YAML should begin.

Belongs here: one line of a text taken apart as a person sees it, and which lines above could go on with it. Does not
belong here: deciding that something is wrong (`yaml_slips`). All of it is asked only of texts that no parser can read.
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
    """A line by its number; columns count from 1, and are 0 for what the line has not."""

    source: SourceText
    number: int

    @cached_property
    def text(self) -> str:
        """The line without its break; nothing behind the end of the text."""
        lines = self.source.lines
        return lines[self.number - 1] if self.number <= len(lines) else ""

    @property
    def head(self) -> str:
        """As much of it as is taken apart: a line that was made to harm costs no more than an honest one."""
        return self.text[:EXCERPT_LENGTH]

    @cached_property
    def _parts(self) -> re.Match[str]:
        found = _PARTS.match(self.head)
        assert found is not None
        return found

    @property
    def start(self) -> int:
        """The column of the first character that is no blank."""
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
        """The first key, None without one, and before a bracket."""
        return self._parts["key"]

    @property
    def value(self) -> str | None:
        """What stands behind the key, without a comment."""
        return self._parts["value"]

    def column(self, part: str) -> int:
        """The column of the `rest` behind the dashes, which is that of a key, of its `colon`, or of the `value`."""
        return self._parts.start(part) + 1

    @property
    def is_private(self) -> bool:
        """Whether nothing of it may be shown."""
        return self.source.is_private(self.number)


class _Spot(NamedTuple):
    """A column in which a line may begin, and the line above that has something there."""

    column: int
    line: Line

    def __str__(self) -> str:
        word = self.line.key or ""
        if self.line.is_private or not _WORD.match(word):
            return f"in column {self.column}, as on line {self.line.number}"
        what = "the dash" if self.column < self.line.column("rest") else f'"{word}"'
        return f"in column {self.column}, under {what} of line {self.line.number}"


def line_above(line: Line) -> Line | None:
    """The nearest line above that says something, None at the top."""
    return next(_lines_above(line), None)


def fitting(line: Line) -> str:
    """A hint: the column in which the line would fit, the nearest to its own; two where both are as near."""
    if not line.is_item and not line.key:
        return "line it up with the text that it goes on with, or write `key: value`"
    spots = list(_spots(line))
    nearest = min((abs(spot.column - line.start) for spot in spots), default=0)
    if nearest == 0:
        return "line up the dashes of a list, and the fields of a row"
    return "begin it " + ", or ".join(str(spot) for spot in spots if abs(spot.column - line.start) == nearest)


def _spots(line: Line) -> Iterator[_Spot]:
    """Where the rows (for a line with a dash) or the keys begin that are open above it, from below."""
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
    """Those that hold more than blanks and a comment, from below."""
    lines = line.source.lines
    for number in range(line.number - 1, 0, -1):
        if lines[number - 1].lstrip()[:1] not in ("", "#"):
            yield Line(line.source, number)
