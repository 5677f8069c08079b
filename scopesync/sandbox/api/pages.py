"""Pages: which one a request asks for, and what `paging` says about the next.

Belongs here: the page's two parameters, what stands on a page, every form of `paging.next`. Does not belong here: rows.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scopesync.sandbox.api.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.messages import Request

_LARGEST = 2**31 - 1  # the vendor's page: both parameters are int32
_INNER_HOST = "interop-7c9f.internal:8080"
_END: Mapping[str, dict[str, Any]] = {"absent": {}, "null": {"next": None}, "empty": {"next": ""}}
_TOKEN = "next:"  # noqa: S105 - the readable part of a page token, no secret


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its number counts from 0, its size is that of a full page, `overlap` rows were seen before.

    The number -1 is the page before the first one, on a server that counts from 1.
    """

    number: int
    size: int
    overlap: int = 0

    @property
    def step(self) -> int:
        """How many rows each page goes on by; never 0, for then a list had no end."""
        return max(1, self.size - self.overlap)

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return self.number * self.step


def paged(
    request: Request, behaviour: Behaviour, *, total: int, rows: Callable[[Page], Iterable[Any]]
) -> dict[str, Any]:
    """The document that answers a request for a page of a list of `total` rows; `rows` gives those of one page."""
    page = asked_page(request, behaviour)
    if page.number < 0:
        return {"data": [], "paging": _END[behaviour.paging_end]}
    page = _there(page, total, behaviour)
    return {"data": list(rows(page)), "paging": paging(request, page, total=total, behaviour=behaviour)}


def asked_page(request: Request, behaviour: Behaviour) -> Page:
    """The page that the request asks for; refuses numbers that are none, and a size below 1."""
    number = request.parameter("page")
    size = request.parameter("page_size")
    if number is not None and behaviour.paging_next == "token":
        number = _from_token(number)
    asked = _integer("page", number, least=0, default=behaviour.first_page)
    return Page(asked - behaviour.first_page, _size(size, behaviour), behaviour.page_overlap)


def paging(request: Request, page: Page, *, total: int, behaviour: Behaviour) -> dict[str, Any]:
    """The `paging` object that goes with that page of a list of `total` rows."""
    if behaviour.paging_next == "absent":
        return {}
    if behaviour.paging_next == "null":
        return {"next": None}
    if _announces_more(page, total, behaviour):
        return {"next": _next(request, page.number + 1, behaviour)}
    return _END[behaviour.paging_end]


def _announces_more(page: Page, total: int, behaviour: Behaviour) -> bool:
    end = page.offset + page.size
    return end < total or (behaviour.next_after_full_page and end == total and total > 0)


def _there(page: Page, total: int, behaviour: Behaviour) -> Page:
    """The page that is answered: the one that was asked for, or what stands for one past the end."""
    last = max(0, -(-(total - page.size) // page.step))
    announced = page.number == last + 1 and _announces_more(replace(page, number=last), total, behaviour)
    if page.number <= last or announced or behaviour.page_past_end == "empty":
        return page
    if behaviour.page_past_end == "last-page":
        return replace(page, number=last)
    raise refusal(int(behaviour.page_past_end), "no_such_page", "The list has no such page.", details="page")


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
    number += behaviour.first_page
    kind = behaviour.paging_next
    if kind == "integer":
        return number
    if kind == "token":
        return base64.urlsafe_b64encode(f"{_TOKEN}{number}".encode()).decode()
    if kind in ("url", "relative"):
        origin = _origin(request, behaviour) if kind == "url" else ""
        return f"{origin}{request.path}?{urlencode({**request.parameters, 'page': number}, doseq=True)}"
    return str(number)


def _origin(request: Request, behaviour: Behaviour) -> str:
    scheme, host = request.scheme, request.header("Host") or "127.0.0.1"
    if behaviour.paging_url == "other-scheme":
        scheme = "http" if scheme == "https" else "https"
    if behaviour.paging_url == "inner-host":
        scheme, host = "http", _INNER_HOST
    return f"{scheme}://{host}"


def _from_token(sent: str) -> str:
    """The number in a token; anything else as it came, for numbers work beside tokens."""
    try:
        text = base64.urlsafe_b64decode(sent).decode()
    except ValueError:
        return sent
    return text.removeprefix(_TOKEN) if text.startswith(_TOKEN) else sent
