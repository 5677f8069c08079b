"""What a server makes of texts before it stores them.

Belongs here: one function for each such habit, and their order. Does not belong here: other fields than texts
(`stored_rows`), what is only shown otherwise (`shown_rows`).
"""

from __future__ import annotations

import html
import unicodedata
from typing import TYPE_CHECKING

from scopesync.sandbox.api.row_fields import FIELDS, ID_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.row_fields import ListName, Row


def with_stored_texts(row: Row, list_name: ListName, behaviour: Behaviour) -> Row:
    """The row with its known texts as the server stores them; a field that is no text, or not there, stays so."""
    texts = {name: value for name, value in row.items() if _is_text(name, value, list_name)}
    return {**row, **{name: _stored(name, value, behaviour) for name, value in texts.items()}}


def with_roster_name(row: Row, list_name: ListName, behaviour: Behaviour, *, live: Mapping[str, object] | None) -> Row:
    """The row with the name that the roster has for it, where the server asks its roster.

    The roster calls a row what it is called already; a row that is not `live` yet has a name made from its id.
    """
    asks = {
        "never": False,
        "missing": not row.get("name"),
        "always": True,
    }
    if not asks[behaviour.names_from_roster]:
        return row
    known = (live or {}).get("name")
    return {**row, "name": known or f"{list_name[:-1].title()} {str(row.get(ID_FIELD[list_name]))[:8]}"}


def _is_text(name: str, value: object, list_name: ListName) -> bool:
    return FIELDS[list_name].get(name) == "text" and isinstance(value, str)


def _stored(name: str, text: str, behaviour: Behaviour) -> str:
    if behaviour.trims_text:
        text = text.strip()
    if behaviour.normalises_names and name == "name":
        text = " ".join(unicodedata.normalize("NFC", text).split())
    if behaviour.sorts_keywords and name == "keywords":
        text = ",".join(sorted(word.strip() for word in text.split(",")))
    if behaviour.lower_cases_text:
        text = text.lower()
    if behaviour.escapes_html:
        text = html.escape(text)
    if behaviour.decomposes_text:
        text = unicodedata.normalize("NFD", text)
    # a column of the database: its length is that of the text as it is stored in the end
    return text[: behaviour.cuts_text_at]
