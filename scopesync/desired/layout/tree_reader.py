"""YAML text -> a tree with its comments.

Belongs here: which entry a comment belongs to. Does not belong here: the canonical order (`canonical_order`), writing a
tree (`tree_printer`), what a file may contain (`yaml_reader` has already read the text, so there are no aliases, no
duplicate keys and no deep nesting).

Why not ruamel.yaml: it attaches a comment to the token *before* it, so a row that moves leaves its own comment behind
and takes the comment of the next row along. Here a comment belongs to the entry on its line, or else to the next entry.
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
"""Characters that may stand before a comment that belongs to the next entry, not to one on the same line."""


def layout(file: YamlFile) -> Collection:
    """The tree of a file without problems, whose root is a mapping or a list."""
    text = file.source.text.replace("\r\n", "\n")
    root = _Tree(text).read(file.value)
    assert isinstance(root, Collection)
    return root


@dataclass(slots=True, eq=False)
class _Spot:
    """The position of an entry: `index` into the text, `line` and `column` from 0; `outer` is the spot around it.

    `closes` is the index behind the value if that is in flow style (braces), None otherwise.
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
    """Builds the tree of one text: first the entries with their positions, then the comments of each."""

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
        """Set the value of an entry from its node and from `value`, as the strict reader returned it."""
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
            is_block_item = key is None and not node.flow_style
            column = node.start_mark.column if is_block_item else mark.column  # an item begins at its dash
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
        """Go through the text line by line and attach each comment and blank line to an entry."""
        comments = self._comments()
        inside = self._lines_inside()
        first = {spot.line: spot for spot in reversed(self.spots)}
        blank = False
        for number, line in enumerate(self.text.split("\n")):
            comment = comments.get(number)
            if comment is not None:
                column = comment - self.starts[number]
                is_on_its_own = not line[:column].strip(_OPENINGS)
                if is_on_its_own:
                    target = self._target(comment, column)
                    target += [BLANK] * blank + [self._words(comment)]
                    blank = False
                    continue
                self._put_beside(comment)
            if number in first:
                first[number].entry.lead += [BLANK] * blank
                blank = False
            elif not line.strip() and number not in inside:
                blank = True

    def _comments(self) -> dict[int, int]:
        """Line -> index of its comment. A `#` begins a comment wherever it is not inside a scalar."""
        found: list[int] = []
        start = 0
        for begin, end in [*sorted(self.scalars), (len(self.text), 0)]:
            found += (match.start() for match in _COMMENT.finditer(self.text, start, begin))
            start = end
        return {self._line(index): index for index in found}

    def _lines_inside(self) -> set[int]:
        """Lines that continue a scalar: a blank line among them is part of the text."""
        inside: set[int] = set()
        for start, end in self.scalars:
            breaks = self.text[start:end].rstrip().count("\n")
            if breaks > 0:  # most scalars have none: no search for their line
                line = self._line(start) + 1
                inside.update(range(line, line + breaks))
        return inside

    def _target(self, comment: int, column: int) -> list[str]:
        """The list for a comment on a line of its own: the `lead` of the next entry, or the `foot` of a collection."""
        number = bisect_left(self.indexes, comment)
        before = self.spots[number - 1]
        after = self.spots[number] if number < len(self.spots) else None
        around = _opened(before, comment)
        if around is not None:
            home = around.entry.value
            assert isinstance(home, Collection)
            if after is not None and after.home is home:
                return after.entry.lead
            return home.foot
        # A comment that is indented deeper than the next entry belongs to a collection that ends here.
        least = after.column if after is not None else -1
        for spot in before.outwards():
            if spot.home is not None and least < spot.column <= column and not spot.is_in_braces:
                return spot.home.foot
        root = self.spots[0].entry.value
        assert isinstance(root, Collection)
        return after.entry.lead if after is not None else root.foot

    def _put_beside(self, comment: int) -> None:
        """Attach a comment to the entry that ends before it on its line; a second comment goes above that entry."""
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
    """The innermost spot whose braces are open at a comment, None if no braces are open there.

    All collections that are open there change to block style, because a comment ends its line.
    """
    opened = [one for one in spot.outwards() if one.closes is not None and one.closes > comment]
    for one in opened:
        assert isinstance(one.entry.value, Collection)
        one.entry.value.flow = False
    return opened[0] if opened else None


def _pairs(node: yaml.CollectionNode, value: Any) -> list[tuple[yaml.Node | None, yaml.Node, Any]]:
    """For each entry of a collection: the key node (None in a list), the value node, the value."""
    if isinstance(node, yaml.MappingNode):
        return [(key, inner, value[key.value]) for key, inner in node.value]
    return [(None, inner, one) for inner, one in zip(node.value, value, strict=True)]


def _keep_heads(value: Value, *, is_root: bool = False) -> None:
    """Move comments on the whole collection from its first entry to `head`.

    In a file these are all comments above the first entry, elsewhere only those above a blank line.
    """
    if isinstance(value, Scalar) or not value.entries:
        return
    first = value.entries[0]
    while first.lead and first.lead[0] == BLANK:
        del first.lead[0]
    if is_root:
        end = len(first.lead)
    elif BLANK in first.lead:
        end = len(first.lead) - first.lead[::-1].index(BLANK)  # behind the last blank line
    else:
        end = 0
    value.head = first.lead[:end]
    first.lead = first.lead[end:]
    for entry in value.entries:
        _keep_heads(entry.value)
