"""Plain lines -> text for a terminal or a log.

Belongs here: cleaning and width, for reports that are lines and no outline. Does not belong here: what a line says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.report.clean import one_line
from scopesync.report.outline_text import NARROWEST, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable


def lines_text(lines: Iterable[str], *, width: int) -> str:
    """The lines, cleaned, each ending in a newline; one of more than `width` cells is wrapped, with a deeper indent."""
    width = max(width, NARROWEST)
    text = []
    for line in lines:
        text += [f"{part}\n" for part in fitted(one_line(line), width)]
    return "".join(text)
