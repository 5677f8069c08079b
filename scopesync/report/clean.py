"""Cleaning: text from a server is data, and is escaped here before it is shown.

Belongs here: what could act on a terminal or on a web page. Does not belong here: secrets (live masks them).
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that are shown as escapes: controls, format and bidi marks, surrogates, line separators."""

_JOINERS = {"\u200c", "\u200d"}
"""Format characters that real scripts need inside words, and that cannot reorder text."""

_MARKDOWN = re.compile(r"[^A-Za-z0-9 \-.,'/\u0080-\U0010ffff]")
"""What becomes an entity in Markdown: all ASCII but letters, digits and a few marks. An entity is never markup
(CommonMark)."""

_RUNNER = re.compile(r"#(?=#\[)|(?<!\S):(?=:)")
"""Where GitHub's runner sees a command in a log: at `##[` anywhere in a line, at `::` where a line begins (TryParse and
TryParseV2 of its ActionCommand). A line may begin wherever one was wrapped: at any blank."""


def one_line(text: object) -> str:
    """The text as one line: characters that move the cursor, reorder text or end a line become escapes.

    A CI runner cannot read it as a command either.
    """
    shown = _RUNNER.sub(r"\g<0> ", str(text))
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(_harmless(character) for character in shown)


def markdown(text: object) -> str:
    """The text as inert Markdown: no markup, no HTML, no link, no mention (GitHub reads none inside `<code>`)."""
    if not str(text):
        return ""
    return f"<code>{_MARKDOWN.sub(_entity, one_line(text))}</code>"


def _harmless(character: str) -> str:
    """The character itself, or its escape when it could act on a terminal."""
    if unicodedata.category(character) not in _INVISIBLE or character in _JOINERS:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"
