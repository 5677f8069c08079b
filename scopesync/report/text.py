"""Outline -> text for a terminal or a log.

Belongs here: layout and colour. Does not belong here: what is said (outline), Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.report.outline import ListPart, Outline, RowLine, TenantPart, Tone

ROWS = 50
"""So many rows of a list are shown before the rest is only counted."""

_STYLE: dict[str, dict[str, object]] = {
    "bad": {"fg": "red"},
    "good": {"fg": "green"},
    "change": {"fg": "yellow"},
    "quiet": {"dim": True},
    "title": {"bold": True},
}


def text(outline: Outline, *, color: bool) -> str:
    """The outline as lines of text, each ended; with ANSI colours if asked. Nothing in it acts on a terminal."""
    pen = _Pen(color=color)
    lines = [line for tenant in outline.tenants for line in _tenant(tenant, pen)]
    if lines:
        lines.append("")
    lines.extend(pen.write("title", f"{outline.title}: {sentence}") for sentence in outline.summary)
    return "".join(f"{line}\n" for line in lines)


class _Pen:
    """Writes in colour, or does not."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def write(self, tone: Tone | str, words: str) -> str:
        style = _STYLE.get(tone)
        return click.style(words, **style) if self._color and style else words  # type: ignore[arg-type]  # a table of click's own keywords


def _tenant(tenant: TenantPart, pen: _Pen) -> Iterator[str]:
    facts = ", ".join((tenant.id, *tenant.facts))
    head = f"{pen.write('title', one_line(tenant.name))}  {pen.write('quiet', one_line(facts))}"
    yield f"{head}  in sync" if tenant.quiet else head
    if tenant.error:
        yield pen.write("bad", f"  error {one_line(tenant.error)}")
    if tenant.quiet or tenant.error:
        return
    for part in tenant.lists:
        yield from _list(part, pen)
    if tenant.calls:
        yield "  calls"
        yield from (f"    {one_line(call)}" for call in tenant.calls)
    for refusal in tenant.refusals:
        yield pen.write("bad", f"  refused by {refusal.guard} ({refusal.list}): {one_line(refusal.message)}")
        yield f"    to allow it: {one_line(refusal.allow)}" if refusal.allow else "    nothing allows it"


def _list(part: ListPart, pen: _Pen) -> Iterator[str]:
    yield f"  {part.name}: {one_line(', '.join(part.facts))}"
    for row in part.rows:
        yield from _row(row, pen)
    for words in part.left_out:
        yield pen.write("quiet", f"    … {words} (all of them: --format json)")


def _row(row: RowLine, pen: _Pen) -> Iterator[str]:
    name = one_line(row.name) if row.name else "(no name)"
    origin = f"  {row.origin}" if row.origin else ""
    yield pen.write(row.tone, f"    {row.mark} {name}  {one_line(row.key)}{one_line(origin)}")
    yield from (f"        {one_line(detail)}" for detail in row.details)
