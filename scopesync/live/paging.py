"""Reading a list to its proven end, over any way in which the server may number its pages.

Belongs here: when a list has ended, when it must be read again. Does not belong here: what `paging.next` may hold
(`next_page`), sending (a function `fetch` is passed in), JSON and the types of fields (`answer_shape`).

The API's page leaves open what `next` holds, how long a page may be, what a page past the end answers, and whether rows
move meanwhile. A page without a `next` is the end of its list when one of these holds:

1. It is empty, and it is not the first page.
2. It is short: shorter than was asked for, and shorter than another page (of this list or of any other one, where the
   server is known to announce pages; of the same path, where it is not, for a server that cuts `page_size` to a maximum
   of its own and announces nothing looks short all the time).

Otherwise the end is not proved, and the following page is asked for by number. Where others of its list had a `next`,
rows on that page mean that one was lost, or that rows came in: the list is read to its end and once more.

Servers answer a page past the end in different ways. Where it was asked for by number and no `next` announced it, each
of these is the end: an empty page; a refusal (204, 400, 404, 416), given twice; the last page, given twice. An
announced page that is refused is a failure.

- An empty first page proves nothing: a server that counts its pages from 1 would hide its whole list behind it. So page
  1 is asked for too. Where that holds rows, there is no list.
- A second page that repeats the first may come from a server that ignores `page`. So the second half of the first page
  is asked for, as page 1 of half the size: only a server that counts as we do can give it.

So a list costs ceil(rows / page size) requests, one more where it is empty or its last page is full, and one more while
no list of the connection had a second page. Servers that refuse a page past the end cost one more there, those that
repeat the last one two at most.

What a reading in so few requests can promise, and what it cannot:

- Rows that come in or move to a later place while the pages are read show up twice: the list is read again.
- A page that was announced and holds nothing is an odd end, though some servers end every full page so: the list is
  read again. (It may have been a moment in which the server found nothing.)
- Rows that are *taken out* between two pages let others slide to a page that was read already. Such a row is shown on
  no page, and no page tells: a list read in that moment can lack as many rows as were taken out. Only a second
  reading would notice, at twice the cost; so `apply` makes one before its first write and compares.
- Where every page begins with the rows that the page before it ended with, the list is read again in pages of another
  size. A row that is really there twice is then at no break any more, and is shown twice. A server that cuts its pages
  wrongly, and so may leave rows out as well, shows other rows twice, or overlaps again at each of its breaks: there is
  no list. (One break alone, on a server that does not let us choose the size, proves nothing: the row is shown twice.)
- A server that gives a wrong answer of the right form is believed.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scopesync.errors import AnswerError, UnstableReadError
from scopesync.live.next_page import merged, next_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.live.next_page import Place, Query
    from scopesync.model import Row

MOST_PAGES = 10_000
MOST_ROWS = 1_000_000
MOST_EMPTY_PAGES = 50
"""Empty pages in a row that still announce another one."""
MOST_PASSES = 4
NO_PROOF = "the end of the list cannot be proved"
LEAST_FOR_OVERLAPS = 3
"""Pages of one or two rows say nothing: rows that are really there twice stand at their breaks all the time."""
OVERLAPPING = "every page begins with rows that the page before it ended with"
TELL_THE_VENDOR = "a server that cuts its pages so may leave rows out too; tell the vendor"


class NoSuchPageError(AnswerError):
    """The server refuses a page in one of the ways that may mean: that page is past the end."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its rows, `paging.next` as it came, and the total of rows if the server claims one."""

    rows: tuple[Row, ...]
    next: Any = None
    total: int | None = None


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
    """How a list is read: where, in pages of which size, by what a row is known again, and with whose habits.

    `filters` are sent with every page. `content` is what two readings must agree on: a server may renew the rest of
    a row at each reading.
    """

    place: Place
    page_size: int
    key: Callable[[Row], str]
    habits: Habits = field(default_factory=Habits)
    filters: Query = ()
    content: Callable[[Row], Row] = dict

    def query(self, page: int, size: int) -> Query:
        """The query for that page."""
        return (("page", str(page)), ("page_size", str(size)), *self.filters)


def read_list(fetch: Callable[[Query], Page], how: Reading) -> tuple[Row, ...]:
    """Every row of the list, in the server's order; never a part of it.

    A pass in which a key shows up on two pages, or whose length is not the total that the server claims, or that ends
    with an empty page that was announced, may have missed rows: the list is read again, until two passes in a row hold
    the same rows. Raises UnstableReadError when they never do, when every page overlaps the one before it, or when the
    end cannot be proved; NoSuchPageError on an announced page that is refused; AnswerError and HostError on a bad
    `next`.
    """
    earlier = _read_once(fetch, how)
    if not earlier.doubtful:
        return tuple(earlier.rows)
    for _ in range(MOST_PASSES - 1):
        again = _read_once(fetch, earlier.how_to_read_again(how))
        if again.content == earlier.content and not again.miscounted:
            if again.overlapping and again.breaks > 1:
                raise UnstableReadError(f"{how.place}: {OVERLAPPING}", hint=TELL_THE_VENDOR)
            return tuple(again.rows)
        earlier = again
    raise UnstableReadError(
        f"{how.place}: {MOST_PASSES} readings of the list differ",
        hint=f"{OVERLAPPING}: {TELL_THE_VENDOR}" if earlier.overlapping else "try again when it is quiet",
    )


def _read_once(fetch: Callable[[Query], Page], how: Reading) -> _Pass:
    whole = _Pass(how)
    query: Query | None = how.query(0, how.page_size)
    while query is not None:
        page = _page_or_end(fetch, query, by_number=whole.by_number)
        if whole.repeats(page):
            _prove_end(fetch, whole)
            page = Page(())
        query = whole.take(query, page)
    return whole


def _page_or_end(fetch: Callable[[Query], Page], query: Query, *, by_number: bool) -> Page:
    """The page that answers `query`; an empty one where the server refuses, twice, a page that nothing announced."""
    try:
        return fetch(query)
    except NoSuchPageError:
        if not by_number:
            raise
    try:
        return fetch(query)
    except NoSuchPageError:
        return Page(())


def _prove_end(fetch: Callable[[Query], Page], whole: _Pass) -> None:
    """Return if a page that repeats the one before it is the end. Raises UnstableReadError where it may not be.

    A server that gives its last page for every one past the end gives it for the following one too; rows that are there
    twice are followed by others, or by nothing.

    Two pages that differ have shown already that the server counts its pages. One page has not: the server may ignore
    `page`, or count from 1 and take 0 for 1. Then the second half of that page is asked for by its number.
    """
    last, number = whole.last, len(whole.asked)
    tells_nothing = len(set(last)) < len(last) or whole.how.page_size == 1
    following = _page_or_end(fetch, whole.how.query(number + 1, whole.how.page_size), by_number=True)
    if tells_nothing or whole.keys(following) != last:
        raise UnstableReadError(f"{whole.how.place}: page {number} repeats an earlier one", hint=NO_PROOF)
    if number > 1 or len(last) == 1:
        return
    half = (len(last) + 1) // 2
    second_half = whole.keys(_page_or_end(fetch, whole.how.query(1, half), by_number=True))
    if second_half != last[half:]:
        raise UnstableReadError(
            f"{whole.how.place}: page 1 repeats page 0",
            hint=f"the server seems to ignore `page`, or to count pages from 1: {NO_PROOF}",
        )


@dataclass(slots=True)
class _Pass:
    """One pass over the list, as far as it has come."""

    how: Reading
    rows: list[Row] = field(default_factory=list)
    asked: set[Query] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    pages: set[tuple[str, ...]] = field(default_factory=set)
    last: tuple[str, ...] = ()
    announced: bool = False
    by_number: bool = False
    counting: bool = False
    checking: bool = False
    breaks: int = 0
    overlaps: int = 0
    longest: int = 0
    empty: int = 0
    moved: bool = False
    total: int | None = None

    @property
    def content(self) -> Counter[str]:
        """What the rows say, in any order."""
        return Counter(json.dumps(self.how.content(row), sort_keys=True) for row in self.rows)

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

    def keys(self, page: Page) -> tuple[str, ...]:
        """By what the rows of that page are known again."""
        return tuple(self.how.key(row) for row in page.rows)

    def repeats(self, page: Page) -> bool:
        """Whether it is the last page once more, asked for by number and not announced."""
        return self.by_number and bool(page.rows) and self.keys(page) == self.last

    @property
    def overlapping(self) -> bool:
        """Whether every page began with the rows that the page before it ended with."""
        return self.longest >= LEAST_FOR_OVERLAPS and 0 < self.overlaps == self.breaks

    def how_to_read_again(self, how: Reading) -> Reading:
        """The same list; after pages that overlap cut at other places, and then at the first ones again."""
        if not self.overlapping or self.how is not how:
            return how
        return replace(how, page_size=self.longest - 1)

    def _add(self, page: Page) -> None:
        keys = self.keys(page)
        if keys and keys in self.pages:
            raise self._unstable("repeats an earlier one")
        if keys and self.by_number and not self.rows:
            raise UnstableReadError(
                f"{self.how.place}: page 0 is empty, and page {len(self.asked) - 1} is not",
                hint="the server seems to count pages from 1; the API's page says that it counts from 0",
            )
        if keys and self.last:
            self.breaks += 1
            self.overlaps += _overlap(self.last, keys)
        self.last = keys or self.last
        self.longest = max(self.longest, len(keys))
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
        self.by_number = announced is None
        if announced is not None:
            self.announced = True
            return announced
        if self._is_end(page):
            return None
        self.checking = self.announced
        self.counting = not self.announced
        return merged(query, {"page": str(len(self.asked))})

    def _is_end(self, page: Page) -> bool:
        """The rule at the head of this module, for a page without a `next`: it is empty, or short."""
        habits, size = self.how.habits, len(page.rows)
        if size == 0:
            return len(self.asked) > 1
        if self.counting:
            habits.silent = habits.silent or size > 0
        speaks = self.announced or (habits.announces and not habits.silent)
        longest = max(habits.longest.values(), default=0) if speaks else habits.longest.get(self.how.place.path, 0)
        return size < min(self.how.page_size, longest)

    def _learn(self, page: Page) -> None:
        """Remember for the other lists what this page shows of the server."""
        habits, path = self.how.habits, self.how.place.path
        habits.announces = habits.announces or self.announced
        habits.longest[path] = max(habits.longest.get(path, 0), len(page.rows))

    def _unstable(self, what: str) -> UnstableReadError:
        return UnstableReadError(f"{self.how.place}: page {len(self.asked) - 1} {what}", hint=NO_PROOF)


def _overlap(last: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    """Whether a page begins with the rows that the page before it ended with."""
    starts = (number for number, key in enumerate(last) if key == keys[0])
    return any(last[start:] == keys[: len(last) - start] for start in starts)
