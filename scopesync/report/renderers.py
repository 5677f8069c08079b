"""Document -> text, by the format that a command was asked for.

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

    from scopesync.report.outline import Outline


def json_text(document: Mapping[str, Any]) -> str:
    """The document as JSON. ASCII: valid in any locale, and nothing in it acts on a terminal."""
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: coloured or not, in how many columns, with every row or only the first of a long list."""

    color: bool = False
    width: int = 120
    full: bool = False


PLAIN = Look()


def plan_text(document: Mapping[str, Any], *, form: str, look: Look = PLAIN) -> str:
    """A plan document as `text`, `json` or `markdown`."""
    return _rendered(document, plan_outline, form=form, look=look)


def drift_text(document: Mapping[str, Any], *, form: str, look: Look = PLAIN) -> str:
    """A drift document as `text`, `json` or `markdown`."""
    return _rendered(document, drift_outline, form=form, look=look)


def _rendered(document: Mapping[str, Any], outline: Callable[..., Outline], *, form: str, look: Look) -> str:
    if form == "json":
        return json_text(document)
    if form == "markdown":
        return markdown(lambda rows: outline(document, rows=rows))
    return text(outline(document, rows=EVERY if look.full else ROWS), color=look.color, width=look.width)
