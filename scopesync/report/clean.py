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


_RUNNER = re.compile(r"#(?=#\[)|(?<!\S):(?=:)")
"""Where GitHub's runner sees a command in a log: at `##[` anywhere in a line, at `::` where a line begins (TryParse and
TryParseV2 of its ActionCommand). A line may begin wherever one was wrapped: at any blank."""


def one_line(text: object) -> str:
    """The text without anything that moves a cursor, reverses a line or ends one; such characters become escapes.

    Nor is it a command to a runner of CI.
    """
    shown = _RUNNER.sub(r"\g<0> ", str(text))
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
