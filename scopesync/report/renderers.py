"""Document -> text, in the format that the user asked for.

Belongs here: the one table of formats. Does not belong here: any format's layout.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.report.outline import EVERY, drift_outline, plan_outline
from scopesync.report.outline_markdown import markdown
from scopesync.report.outline_text import ROWS, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scopesync.documents import DriftDocument, PlanDocument
    from scopesync.report.outline import Outline


def json_text(document: Mapping[str, Any]) -> str:
    """The document as JSON in ASCII: valid in any locale, and harmless on a terminal."""
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: in colour or not, how wide, and with every row (`full`) or only the first of a long list."""

    color: bool = False
    width: int = 120
    full: bool = False


PLAIN = Look()


def plan_text(document: PlanDocument, *, form: str, look: Look = PLAIN) -> str:
    """A plan document as `text`, `json` or `markdown`."""
    if form == "json":
        return json_text(document)
    return _rendered(lambda rows: plan_outline(document, rows=rows), form=form, look=look)


def drift_text(document: DriftDocument, *, form: str, look: Look = PLAIN) -> str:
    """A drift document as `text`, `json` or `markdown`."""
    if form == "json":
        return json_text(document)
    return _rendered(lambda rows: drift_outline(document, rows=rows), form=form, look=look)


def _rendered(outline: Callable[[int], Outline], *, form: str, look: Look) -> str:
    """The outline as Markdown or text; `outline` makes it with at most so many rows of a list."""
    if form == "markdown":
        return markdown(outline)
    rows = EVERY if look.full else ROWS
    return text(outline(rows), color=look.color, width=look.width)
