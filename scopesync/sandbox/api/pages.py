"""Pages: which one a request asks for, and what `paging` says about the next.

Belongs here: the page's two parameters and every form of `paging.next`. Does not belong here: rows.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scopesync.sandbox.api.messages import refusal

if TYPE_CHECKING:
    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.messages import Request

_LARGEST = 2**31 - 1  # the vendor's page: both parameters are int32
_TOKEN = "next:"  # noqa: S105 - the readable part of a page token, no secret


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its number counts from 0, its size is that of a full page."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return self.number * self.size


def asked_page(request: Request, behaviour: Behaviour) -> Page:
    """The page that the request asks for; refuses numbers that are none, and a size below 1."""
    number = request.parameter("page")
    size = request.parameter("page_size")
    if number is not None and behaviour.paging_next == "token":
        number = _from_token(number)
    return Page(_integer("page", number, least=0, default=0), _size(size, behaviour))


def paging(request: Request, page: Page, *, total: int, behaviour: Behaviour) -> dict[str, Any]:
    """The `paging` object that goes with that page of a list of `total` rows."""
    end = page.offset + page.size
    more = end < total or (behaviour.next_after_full_page and end == total and total > 0)
    if behaviour.paging_next == "absent":
        return {}
    if behaviour.paging_next == "null":
        return {"next": None}
    if more:
        return {"next": _next(request, page.number + 1, behaviour)}
    ends: dict[str, dict[str, Any]] = {"absent": {}, "null": {"next": None}, "empty": {"next": ""}}
    return ends[behaviour.paging_end]


def _size(sent: str | None, behaviour: Behaviour) -> int:
    size = _integer("page_size", sent, least=1, default=behaviour.max_page_size)
    if not behaviour.honours_page_size:
        return behaviour.max_page_size
    if size > behaviour.max_page_size and behaviour.oversized_page == "reject":
        raise refusal(
            400, "invalid_parameter", f"page_size may be {behaviour.max_page_size} at most.", details="page_size"
        )
    return min(size, behaviour.max_page_size)


def _integer(name: str, sent: str | None, *, least: int, default: int) -> int:
    if sent is None:
        return default
    # not int() alone: it takes blanks, underscores and the digits of every script
    if not re.fullmatch(r"[0-9]{1,10}", sent) or not least <= int(sent) <= _LARGEST:
        raise refusal(400, "invalid_parameter", f"{name} must be a whole number from {least} on.", details=name)
    return int(sent)


def _next(request: Request, number: int, behaviour: Behaviour) -> str | int:
    kind = behaviour.paging_next
    if kind == "integer":
        return number
    if kind == "token":
        return base64.urlsafe_b64encode(f"{_TOKEN}{number}".encode()).decode()
    if kind in ("url", "relative"):
        origin = f"{request.scheme}://{request.header('Host') or '127.0.0.1'}" if kind == "url" else ""
        return f"{origin}{request.path}?{urlencode({**request.parameters, 'page': number}, doseq=True)}"
    return str(number)


def _from_token(sent: str) -> str:
    """The number in a token; anything else as it came, for numbers work beside tokens."""
    try:
        text = base64.urlsafe_b64decode(sent).decode()
    except ValueError:
        return sent
    return text.removeprefix(_TOKEN) if text.startswith(_TOKEN) else sent
