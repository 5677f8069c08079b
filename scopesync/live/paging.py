"""Reading a list to its proven end, over any way in which the server may number its pages.

Belongs here: what `paging.next` may mean, when a list has ended, when it must be read again. Does not belong here:
sending (a function `fetch` is passed in), JSON and the types of fields (`answer_shape`).

The API's page leaves open what `next` holds, how long a page may be, and whether rows move meanwhile. A page without
a `next` is the end of its list when one of these holds:

1. It is empty.
2. It is short: shorter than was asked for, and shorter than another page (of this list or of any other one, where the
   server is known to announce pages; of the same path, where it is not, for a server that cuts `page_size` to a maximum
   of its own and announces nothing looks short all the time).

Otherwise the end is not proved, and the following page is asked for by number. Where others of its list had a `next`,
rows on that page mean that one was lost, or that rows came in: the list is read to its end and once more.

So a list costs ceil(rows / page size) requests, one more where its last page is full, and one more while no list of the
connection had a second page.

What a reading in so few requests can promise, and what it cannot:

- Rows that come in or move to a later place while the pages are read show up twice: the list is read again.
- A page that was announced and holds nothing is an odd end, though some servers end every full page so: the list is
  read again. (It may have been a moment in which the server found nothing.)
- Rows that are *taken out* between two pages let others slide to a page that was read already. Such a row is shown on
  no page, and no page tells: a list read in that moment can lack as many rows as were taken out. Only a second
  reading would notice, at twice the cost; so `apply` makes one before its first write and compares.
- A server that gives a wrong answer of the right form is believed.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from scopesync.errors import AnswerError, HostError, UnstableReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scopesync.model import Row

MOST_PAGES = 10_000
MOST_ROWS = 1_000_000
MOST_EMPTY_PAGES = 50
"""Empty pages in a row that still announce another one."""
MOST_PASSES = 4
LONGEST_NEXT = 4096

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its rows, `paging.next` as it came, and the total of rows if the server claims one."""

    rows: tuple[Row, ...]
    next: Any = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The list that is read: a `next` that is a URL must lead to this origin and path and to no other."""

    origin: str
    path: str

    def __str__(self) -> str:
        return f"GET {self.path}"


@dataclass(slots=True)
class Habits:
    """What a connection has seen of its server's paging. Threads may share it: what one learns late costs a request.

    `announces`: a page had a `next`. `silent`: a page without one was followed by rows, so that its silence proves
    nothing. `longest`: the longest page seen, by path.
    """

    announces: bool = False
    silent: bool = False
    longest: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list is read: where, in pages of which size, by what a row is known again, and with whose habits."""

    place: Place
    page_size: int
    key: Callable[[Row], str]
    habits: Habits = field(default_factory=Habits)


def read_list(fetch: Callable[[Query], Page], how: Reading) -> tuple[Row, ...]:
    """Every row of the list, in the server's order; never a part of it.

    A pass in which a key shows up on two pages, or whose length is not the total that the server claims, or that ends
    with an empty page that was announced, may have missed rows: the list is read again, until two passes in a row hold
    the same rows. Raises UnstableReadError when they never do or the end cannot be proved, AnswerError and HostError
    on a bad `next`.
    """
    earlier = _read_once(fetch, how)
    if not earlier.doubtful:
        return tuple(earlier.rows)
    for _ in range(MOST_PASSES - 1):
        again = _read_once(fetch, how)
        if _content(again.rows) == _content(earlier.rows) and not again.miscounted:
            return tuple(again.rows)
        earlier = again
    raise UnstableReadError(
        f"{how.place}: {MOST_PASSES} readings of the list differ", hint="try again when it is quiet"
    )


def _read_once(fetch: Callable[[Query], Page], how: Reading) -> _Pass:
    whole = _Pass(how)
    query: Query | None = (("page", "0"), ("page_size", str(how.page_size)))
    while query is not None:
        query = whole.take(query, fetch(query))
    return whole


def _content(rows: Sequence[Row]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


@dataclass(slots=True)
class _Pass:
    """One pass over the list, as far as it has come."""

    how: Reading
    rows: list[Row] = field(default_factory=list)
    asked: set[Query] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    pages: set[tuple[str, ...]] = field(default_factory=set)
    announced: bool = False
    counting: bool = False
    checking: bool = False
    empty: int = 0
    moved: bool = False
    total: int | None = None

    @property
    def miscounted(self) -> bool:
        """Whether the server claims another number of rows."""
        return self.total not in (None, len(self.rows))

    @property
    def doubtful(self) -> bool:
        """Whether rows may have been missed."""
        return self.moved or self.miscounted or (self.announced and self.empty > 0 and not self.checking)

    def take(self, query: Query, page: Page) -> Query | None:
        """Add the page that answered `query`; the query for the following one, None at the proven end."""
        self.asked.add(query)
        self._add(page)
        following = self._following(query, page)
        self._learn(page)
        if following in self.asked:
            raise self._unstable("leads back to an earlier one")
        return following

    def _add(self, page: Page) -> None:
        keys = tuple(self.how.key(row) for row in page.rows)
        if keys and keys in self.pages:
            raise self._unstable("repeats an earlier one")
        self.moved = self.moved or not self.seen.isdisjoint(keys)
        self.total = page.total if page.total is not None else self.total
        self.empty = 0 if keys else self.empty + 1
        self.pages.add(keys)
        self.seen.update(keys)
        self.rows.extend(page.rows)
        if len(self.rows) > MOST_ROWS or len(self.asked) > MOST_PAGES or self.empty > MOST_EMPTY_PAGES:
            raise self._unstable(f"is still not the last, after {len(self.rows)} rows")

    def _following(self, query: Query, page: Page) -> Query | None:
        if self.checking and page.rows:  # a next was lost, or a row came in meanwhile: count on, and read it all again
            self.moved, self.checking, self.announced = True, False, False
        announced = next_query(page.next, query, self.how.place)
        if announced is not None:
            self.announced = True
            return announced
        if self._is_end(page):
            return None
        self.checking = self.announced
        self.counting = not self.announced
        return _merged(query, {"page": str(len(self.asked))})

    def _is_end(self, page: Page) -> bool:
        """The rule at the head of this module, for a page without a `next`: it is empty, or short."""
        habits, size = self.how.habits, len(page.rows)
        if self.counting:
            habits.silent = habits.silent or size > 0
        speaks = self.announced or (habits.announces and not habits.silent)
        longest = max(habits.longest.values(), default=0) if speaks else habits.longest.get(self.how.place.path, 0)
        return size == 0 or size < min(self.how.page_size, longest)

    def _learn(self, page: Page) -> None:
        """Remember for the other lists what this page shows of the server."""
        habits, path = self.how.habits, self.how.place.path
        habits.announces = habits.announces or self.announced
        habits.longest[path] = max(habits.longest.get(path, 0), len(page.rows))

    def _unstable(self, what: str) -> UnstableReadError:
        return UnstableReadError(
            f"{self.how.place}: page {len(self.asked) - 1} {what}", hint="the end of the list cannot be proved"
        )


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
        return _merged(query, _url_query(text, place))
    return _merged(query, {"page": text})


def _url_query(text: str, place: Place) -> dict[str, str]:
    here = urlsplit(place.origin)
    try:
        there = urlsplit(urljoin(place.origin + place.path, text))
        same = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError as error:
        raise AnswerError(f"{place}: paging.next is no URL") from error
    if not same and not _is_usual_port(there.scheme, there.hostname, there.port, place.origin):
        raise HostError(f"{place}: paging.next leads to another host; nothing was sent there")
    if there.path != place.path or there.username is not None:
        raise HostError(f"{place}: paging.next leads to another path; nothing was sent there")
    return dict(parse_qsl(there.query, keep_blank_values=True))


def _is_usual_port(scheme: str, host: str | None, port: int | None, origin: str) -> bool:
    """Whether the URL only spells out the port that the origin leaves unsaid."""
    usual = {"https": 443, "http": 80}.get(scheme)
    return port == usual and f"{scheme}://{host}" == origin


def _merged(query: Query, changes: dict[str, str]) -> Query:
    return tuple({**dict(query), **changes}.items())
