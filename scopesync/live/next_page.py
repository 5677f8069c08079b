"""The value of `paging.next`, and the query for the next page that it stands for.

Belongs here: page numbers, tokens and URLs, and where a URL may lead. Does not belong here: when a list has ended
(`paging`), sending.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from scopesync.errors import AnswerError, HostError

LONGEST_NEXT = 4096
INNER_DOMAINS = ("internal", "local", "localdomain", "lan", "svc")
"""Last labels of host names that only resolve inside of a network."""
LONGEST_NAMED = 200

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The list that is read. Every page is requested from this origin and path, whatever `next` holds."""

    origin: str
    path: str

    def __str__(self) -> str:
        return f"GET {self.path}"


def next_query(value: Any, query: Query, place: Place) -> Query | None:
    """The query that `paging.next` asks for after `query`; None when it announces nothing.

    It may be a page number, an opaque token (both are sent as `page`), or an absolute or relative URL, of which only
    the query is used: what it leaves out, above all `page_size`, stays as it was. Raises HostError when a URL leads
    elsewhere, AnswerError on anything else.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise AnswerError(f"{place}: paging.next is neither a text nor a number")
    text = str(value)
    if len(text) > LONGEST_NEXT or text.startswith("-"):
        raise AnswerError(f"{place}: paging.next is no page")
    if "://" in text or "?" in text or text.startswith("//"):
        return merged(query, _url_query(text, place))
    return merged(query, {"page": text})


def _url_query(text: str, place: Place) -> dict[str, str]:
    """The query of a URL that leads to this list. Nothing is sent to the URL itself.

    A server behind a gateway may write its own inner scheme or host name into the URL: only the query is used.
    """
    here = urlsplit(place.origin)
    try:
        there = urlsplit(urljoin(place.origin + place.path, text))
        there.port  # noqa: B018 - raises where it is no port
    except ValueError as error:
        raise AnswerError(f"{place}: paging.next is no URL") from error
    if there.username is not None or there.password is not None:
        raise HostError(f"{place}: paging.next ({_named(there)}) holds a user name; nothing was sent there")
    if there.scheme not in ("http", "https") or not _is_same_side(here, there):
        raise HostError(f"{place}: paging.next ({_named(there)}) leads to another host; nothing was sent there")
    if there.path != place.path:
        raise HostError(f"{place}: paging.next ({_named(there)}) leads to another path; nothing was sent there")
    return dict(parse_qsl(there.query, keep_blank_values=True))


def _named(url: SplitResult) -> str:
    """Scheme, host and port of a URL from the server, for a message; bounded in length."""
    port = "" if url.port is None else f":{url.port}"
    text = f"{url.scheme}://{url.hostname or ''}{port}"
    return "".join(character for character in text if character.isprintable())[:LONGEST_NAMED]


def _is_same_side(here: SplitResult, there: SplitResult) -> bool:
    """Whether the host is ours, of the same domain, or a name or address that only works inside of a network."""
    host = there.hostname or ""
    if host == here.hostname:
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        labels = host.split(".")
    is_inner = len(labels) == 1 or labels[-1] in INNER_DOMAINS
    return bool(host) and (is_inner or labels[-2:] == (here.hostname or "").split(".")[-2:])


def merged(query: Query, changes: dict[str, str]) -> Query:
    """The query with these parameters set, the others as they were."""
    return tuple({**dict(query), **changes}.items())
