"""Text of single values in YAML.

Belongs here: quoting, so that YAML 1.1 and YAML 1.2 parsers read the same value. Does not belong here:
layout (`tree_printer`), which values there are.

Why not PyYAML's dumper: it quotes by YAML 1.1 alone. It leaves `1e3`, `-.5e3` and `0o17` plain, which are numbers in
YAML 1.2 and refused by our own reader (a test shows it), and it has no way to quote ids, to leave names plain and to
keep comments, short of replacing its representer and its emitter: most of what this module and `tree_printer` are.
"""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[^\W\d_](?:[\w .,'()&/-]*[\w.')])?\Z")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""Words that are not text in YAML 1.1 or 1.2 when they are not quoted."""


def scalar(value: Any) -> str:
    """A boolean, null, a number, or text: plain if every YAML parser reads the same text, else quoted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    plain = _PLAIN.match(value) and value.lower() not in _WORDS
    return value if plain else quoted(value)


def quoted(text: str) -> str:
    """Text in double quotes; invisible characters are escaped, letters of any language are not."""
    literal = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(char) for char in literal)


def _escape(char: str) -> str:
    return f"\\U{ord(char):08x}"
