"""A YAML text -> the tree that remembers its comments.

Belongs here: which comment belongs to what. Does not belong here: the right order (`canonical_order`), how a tree is
written (`tree_printer`), what may be in a file (`yaml_reader` has read every text that comes here, so that there are no
aliases, no duplicate keys and no depths).

Why not ruamel.yaml: it hangs a comment on the token *before* it, so that a row that moves leaves its own comment behind
and takes its neighbour's along. Here a comment stands with what it is about: the line's own, or what follows.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from scopesync.desired.layout.tree import BLANK, Collection, Entry, Scalar
from scopesync.desired.sources.yaml_reader import LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.desired.layout.tree import Value
    from scopesync.desired.sources.yaml_file import YamlFile

_COMMENT = re.compile(r"#[^\n]*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(?P<comment>#[^\n]*)")
_OPENINGS = " \t-?:,[{"
"""What may stand before a comment that is about the next thing, not about one on its own line."""


def layout(file: YamlFile) -> Collection:
    """The tree of a file without a problem, which holds a mapping or a list."""
    text = file.source.text.replace("\r\n", "\n")
    root = _Tree(text).read(file.value)
    assert isinstance(root, Collection)
    return root


@dataclass(slots=True, eq=False)
class _Spot:
    """Where an entry stands: at an index of the text, `line` and `column` from 0, inside of the spot `outer`.

    `closes` is the index behind its value where that is in braces, None elsewhere.
    """

    entry: Entry
    index: int
    line: int
    column: int
    home: Collection | None
    outer: _Spot | None
    closes: int | None = None

    @property
    def is_in_braces(self) -> bool:
        return self.outer is not None and self.outer.closes is not None

    def outwards(self) -> Iterator[_Spot]:
        """This spot, then those around it."""
        spot: _Spot | None = self
        while spot is not None:
            yield spot
            spot = spot.outer


class _Tree:
    """One text becoming a tree: first the entries with their places, then every comment to its entry."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.spots: list[_Spot] = []
        self.scalars: list[tuple[int, int]] = []

    def read(self, value: Any) -> Value:
        node = yaml.compose(self.text, Loader=LOADER)
        assert node is not None
        root = Entry(Scalar(None))
        spot = _Spot(root, -1, -1, -1, None, None)
        self.spots.append(spot)
        self._fill(spot, node, value)
        self.indexes = [one.index for one in self.spots]
        self._attach_all()
        _keep_heads(root.value, is_root=True)
        return root.value

    def _fill(self, spot: _Spot, node: yaml.Node, value: Any) -> None:
        """The value of an entry, from its node and from what the strict reader made of it."""
        if isinstance(node, yaml.ScalarNode):
            spot.entry.value = self._scalar(spot.entry, node, value)
            return
        assert isinstance(node, yaml.CollectionNode)
        made = Collection(isinstance(node, yaml.MappingNode), flow=bool(node.flow_style))
        spot.entry.value = made
        spot.closes = node.end_mark.index if node.flow_style else None
        for key, inner, one in _pairs(node, value):
            mark = (key or inner).start_mark
            entry = Entry(Scalar(None), key.value if key is not None else None)
            made.entries.append(entry)
            column = mark.column if key is not None or node.flow_style else node.start_mark.column  # that of the dash
            self.spots.append(_Spot(entry, mark.index, mark.line, column, made, spot))
            if key is not None:
                self.scalars.append((mark.index, key.end_mark.index))
            self._fill(self.spots[-1], inner, one)

    def _scalar(self, entry: Entry, node: yaml.ScalarNode, value: Any) -> Scalar:
        start, end = node.start_mark, node.end_mark
        self.scalars.append((start.index, end.index))
        if node.style in ("|", ">") and (header := _BLOCK_HEADER.match(self.text, start.index)):
            entry.trail = header["comment"].rstrip()
        plain = not node.style and start.line == end.line
        return Scalar(value, node.value if plain else None, node.tag)

    def _attach_all(self) -> None:
        """Go through the text line by line: blank lines and comments go to what they belong to."""
        comments, inside = self._comments(), self._lines_inside()
        first = {spot.line: spot for spot in reversed(self.spots)}
        blank = False
        for number, line in enumerate(self.text.split("\n")):
            comment = comments.get(number)
            if comment is not None and not line[: comment - self.starts[number]].strip(_OPENINGS):
                target = self._target(comment, comment - self.starts[number])
                target += [BLANK] * blank + [self._words(comment)]
                blank = False
                continue
            if comment is not None:
                self._put_beside(comment)
            if number in first:
                first[number].entry.lead += [BLANK] * blank
                blank = False
            elif not line.strip() and number not in inside:
                blank = True

    def _comments(self) -> dict[int, int]:
        """Line -> index of its comment: a # outside of all scalars, for what comes behind it is no scalar either."""
        found: list[int] = []
        start = 0
        for begin, end in [*sorted(self.scalars), (len(self.text), 0)]:
            found += (match.start() for match in _COMMENT.finditer(self.text, start, begin))
            start = end
        return {self._line(index): index for index in found}

    def _lines_inside(self) -> set[int]:
        """Lines that continue a scalar: a blank one among them is a part of its text."""
        inside: set[int] = set()
        for start, end in self.scalars:
            if (breaks := self.text[start:end].rstrip().count("\n")) > 0:
                line = self._line(start) + 1
                inside.update(range(line, line + breaks))
        return inside

    def _target(self, comment: int, column: int) -> list[str]:
        """The lines that a comment on a line of its own belongs to: above the next entry, or behind the last one."""
        number = bisect_left(self.indexes, comment)
        before, after = self.spots[number - 1], self.spots[number] if number < len(self.spots) else None
        if (around := _opened(before, comment)) is not None:
            home = around.entry.value
            assert isinstance(home, Collection)
            return after.entry.lead if after is not None and after.home is home else home.foot
        least = after.column if after is not None else -1
        for spot in before.outwards():
            if spot.home is not None and least < spot.column <= column and not spot.is_in_braces:
                return spot.home.foot
        root = self.spots[0].entry.value
        assert isinstance(root, Collection)
        return after.entry.lead if after is not None else root.foot

    def _put_beside(self, comment: int) -> None:
        """Give a comment to the entry that ends before it on its line; a second one goes above that entry."""
        spot = self.spots[bisect_left(self.indexes, comment) - 1]
        _opened(spot, comment)
        while spot.outer is not None and spot.outer.closes is not None and spot.outer.closes <= comment:
            spot = spot.outer
        if spot.entry.trail is None:
            spot.entry.trail = self._words(comment)
        else:
            spot.entry.lead.append(self._words(comment))

    def _words(self, comment: int) -> str:
        end = self.text.find("\n", comment)
        return self.text[comment : end if end >= 0 else None].rstrip()

    def _line(self, index: int) -> int:
        return bisect_right(self.starts, index) - 1


def _opened(spot: _Spot, comment: int) -> _Spot | None:
    """The innermost spot whose braces are open at a comment; none of those open there can stay braces."""
    opened = [one for one in spot.outwards() if one.closes is not None and one.closes > comment]
    for one in opened:
        assert isinstance(one.entry.value, Collection)
        one.entry.value.flow = False
    return opened[0] if opened else None


def _pairs(node: yaml.CollectionNode, value: Any) -> list[tuple[yaml.Node | None, yaml.Node, Any]]:
    """Key node (None in a list), value node and value of everything in a collection."""
    if isinstance(node, yaml.MappingNode):
        return [(key, inner, value[key.value]) for key, inner in node.value]
    return [(None, inner, one) for inner, one in zip(node.value, value, strict=True)]


def _keep_heads(value: Value, *, is_root: bool = False) -> None:
    """Comments above the first entry that are about the whole: all of them in a file, else those above a blank line."""
    if isinstance(value, Scalar) or not value.entries:
        return
    first = value.entries[0]
    while first.lead and first.lead[0] == BLANK:
        del first.lead[0]
    last = len(first.lead) if is_root else len(first.lead) - first.lead[::-1].index(BLANK) if BLANK in first.lead else 0
    value.head, first.lead = first.lead[:last], first.lead[last:]
    for entry in value.entries:
        _keep_heads(entry.value)
