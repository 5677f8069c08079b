"""The rows that the server reports as refused in the body of a 207.

Belongs here: the usual forms of such a body; the API's page names none. Does not belong here: proving what really
happened to the rows (the caller reads back, and relies on that alone).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.live.answer_shape import reason_of, says_error, server_line
from scopesync.model import KINDS
from scopesync.row_identity import identity_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_REFUSAL = 400
REFUSALS = ("errors", "failed", "failures", "refused", "rejected")
"""Names of lists that hold nothing but refusals."""
NAMES = ("id", *dict.fromkeys(field for kind in KINDS for field in identity_fields(kind)))


def refused_rows(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The refused rows, each as its id and the server's reason; empty where the body names none.

    A row counts as refused when it is in a list of refusals, has a status of 400 or more, or has an error of its own.
    """
    found = []
    for name, entries in content.items():
        if not isinstance(entries, list):
            continue
        for number, entry in enumerate(entries):
            if isinstance(entry, dict) and (name in REFUSALS or _is_refused(entry)):
                found.append(_in_words(entry, number))
    return tuple(found)


def _is_refused(entry: Mapping[str, Any]) -> bool:
    if says_error(entry.get("error")):
        return True
    status = entry.get("status")
    is_number = isinstance(status, int) or (isinstance(status, str) and status.isascii() and status.isdecimal())
    return is_number and int(status or 0) >= FIRST_REFUSAL


def _in_words(entry: Mapping[str, Any], number: int) -> str:
    """The row's id, taken from the entry or from the row inside of it, else its number; and the server's reason."""
    inner_rows = (entry.get("data"), entry.get("row"))
    row = next((value for value in inner_rows if isinstance(value, dict)), entry)
    name = next((row[field] for field in NAMES if row.get(field)), f"number {number}")
    reason = reason_of({"error": entry.get("error") or entry})
    return f"{server_line(name)} ({reason})"
