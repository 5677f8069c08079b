"""Texts from a server are data: made harmless here, before any of them is shown.

Belongs here: what could act on a terminal or on a web page. Does not belong here: secrets (live masks them).
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that are shown as escapes: controls, format and bidi marks, surrogates, separators of lines."""

_JOINERS = {"\u200c", "\u200d"}
"""Format characters that words of real scripts need, and that move nothing around."""

_MARKDOWN = re.compile(r"[^A-Za-z0-9 \-.,'/\u0080-\U0010ffff]")
"""What becomes an entity in Markdown: all but the plainest of ASCII. An entity is text, never markup (CommonMark)."""


_RUNNER = "##["
"""GitHub's runner takes what follows for a command, anywhere in a line of its log, and so does Azure's."""


def one_line(text: object) -> str:
    """The text without anything that moves a cursor, reverses a line or ends one; such characters become escapes.

    Nor is it a command to a runner of CI.
    """
    shown = str(text).replace(_RUNNER, "# #[")
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(_escaped(character) if _acts(character) else character for character in shown)


def markdown(text: object) -> str:
    """The text as inert Markdown: no markup, no HTML, no link, no mention (GitHub reads none inside `<code>`)."""
    return f"<code>{_MARKDOWN.sub(_entity, one_line(text))}</code>" if str(text) else ""


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE and character not in _JOINERS


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"
