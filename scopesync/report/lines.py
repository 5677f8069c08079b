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
    """The lines, cleaned and ended, of at most `width` cells; what is too long goes on in the next, further right."""
    return "".join(f"{part}\n" for line in lines for part in fitted(one_line(line), max(width, NARROWEST)))
