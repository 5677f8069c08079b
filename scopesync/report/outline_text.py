"""Outline -> text for a terminal or a log.

Belongs here: layout, width and colour. Does not belong here: what a report shows (outline), Markdown.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len, chop_cells

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.report.outline import ListPart, Outline, RefusalLine, RowLine, TenantPart, Tone

ROWS = 50
"""At most so many rows of a list are shown; the rest is counted."""

NARROWEST = 40
"""The least width that lines are wrapped to; a narrower terminal wraps them itself."""

_STYLE: dict[str, dict[str, object]] = {
    "bad": {"fg": "red"},
    "good": {"fg": "green"},
    "change": {"fg": "yellow"},
    "quiet": {"dim": True},
    "title": {"bold": True},
}


def text(outline: Outline, *, color: bool, width: int) -> str:
    """The outline as lines of at most `width` cells, each ending in a newline; with ANSI colours if `color`.

    No text of the server can act on the terminal. A line that is too long is wrapped, with a deeper indent.
    """
    pen = _Pen(color=color, width=max(width, NARROWEST))
    lines: list[str] = []
    for sentence in outline.summary:
        lines += pen.write("title", f"{outline.title}: {sentence}")
    for tenant in outline.tenants:
        if not tenant.quiet:
            lines.append("")
        lines += _tenant(tenant, pen)
    if outline.digest:
        lines += ["", *pen.write("quiet", f"digest {outline.digest}")]
    return "".join(f"{line}\n" for line in lines)


class _Pen:
    """Writes lines of at most a width, in colour or not."""

    def __init__(self, *, color: bool, width: int) -> None:
        self._color = color
        self._width = width

    def write(self, tone: Tone | str, words: str) -> Iterator[str]:
        """The words, cleaned, as one line or as many as it takes."""
        style = _STYLE.get(tone) if self._color else None
        for line in fitted(one_line(words), self._width):
            if style is None:
                yield line
            else:
                yield click.style(line, **style)  # type: ignore[arg-type]  # a table of click's own keywords


def fitted(line: str, width: int) -> Iterator[str]:
    """The line in parts of at most `width` cells, wrapped between words, or inside a word longer than a line."""
    own_indent = len(line) - len(line.lstrip(" "))
    indent = " " * (own_indent + 4)
    while cell_len(line) > width:
        longest_part = chop_cells(line, width)[0]
        cut = _cut(line, len(longest_part), len(indent))
        yield line[:cut].rstrip(" ")
        line = indent + line[cut:].lstrip(" ")
    yield line


def _cut(line: str, most: int, indent: int) -> int:
    """Where to cut the line: at most after `most` characters, at the last blank behind the indent if there is one."""
    is_between_words = line[most : most + 1] == " "
    if is_between_words:
        return most
    last_blank = line.rfind(" ", indent, most)
    if last_blank == -1:
        return most
    return last_blank


def _tenant(tenant: TenantPart, pen: _Pen) -> Iterator[str]:
    head = f"{tenant.name}  {tenant.id}, {', '.join(tenant.facts)}"
    if tenant.quiet:
        yield from pen.write("quiet", f"{head}  in sync")
    else:
        yield from pen.write("title", head)
    if tenant.error:
        yield from pen.write("bad", f"  error {tenant.error}")
        return
    for note in tenant.notes:
        yield from pen.write("change", f"  note: {note}")
    for refusal in tenant.refusals:
        yield from _refusal(refusal, pen)
    for exception in tenant.allowed:
        yield from pen.write("change", f"  allowed: {exception}")
    if tenant.quiet:
        return
    for part in tenant.lists:
        yield from _list(part, pen)
    if tenant.calls:
        yield "  calls"
        for call in tenant.calls:
            yield from pen.write("plain", f"    {call}")


def _refusal(refusal: RefusalLine, pen: _Pen) -> Iterator[str]:
    yield from pen.write("bad", f"  refused by {refusal.guard} ({refusal.list}): {refusal.message}")
    if refusal.allow:
        yield from pen.write("plain", f"    to allow it, under allow: in its file: - {refusal.allow}")
    else:
        yield from pen.write("plain", "    nothing allows it")


def _list(part: ListPart, pen: _Pen) -> Iterator[str]:
    yield from pen.write("plain", f"  {part.name}: {', '.join(part.facts)}")
    if part.strategy:
        yield from pen.write("quiet", f"    {part.strategy}")
    for (_, group), rows in groupby(part.rows, key=attrgetter("mark", "group")):
        if group:
            yield from pen.write("plain", f"    at {group}")
        for row in rows:
            yield from _row(row, pen, indent=6 if group else 4)
    for words in part.left_out:
        yield from pen.write("quiet", f"    … {words} (--full shows all)")


def _row(row: RowLine, pen: _Pen, *, indent: int) -> Iterator[str]:
    margin = " " * indent
    name = row.name or "(no name)"
    origin = f"  {row.origin}" if row.origin else ""
    yield from pen.write(row.tone, f"{margin}{row.mark} {name}  {row.key}{origin}")
    for detail in row.details:
        yield from pen.write("plain", f"{margin}    {detail}")
