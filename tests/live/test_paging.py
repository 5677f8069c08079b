from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scopesync.errors import AnswerError, HostError, UnstableReadError
from scopesync.live.next_page import Place, next_query
from scopesync.live.paging import Habits, NoSuchPageError, Page, Reading, read_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.live.next_page import Query
    from scopesync.model import Row

ORIGIN = "https://api.us2.kimonocloud.com"
PLACE = Place(ORIGIN, "/v2/interop/tenant/scoping/schools")
FIRST: Query = (("page", "0"), ("page_size", "10"))

Form = Literal["number", "text", "absolute", "relative", "query", "token", "silent"]
FORMS: tuple[Form, ...] = ("number", "text", "absolute", "relative", "query", "token", "silent")


@dataclass
class Pages:
    """A server of one list: `form` is what `next` holds, `most` its own largest page, `end` its last `next`."""

    rows: list[dict[str, Any]]
    form: Form = "text"
    most: int = 1000
    end: str | None = None
    total: int | None = None
    asked: list[Query] = field(default_factory=list)

    def __call__(self, query: Query) -> Page:
        self.asked.append(query)
        sent = dict(query)
        page, size = int(sent["page"].removeprefix("token-")), min(int(sent["page_size"]), self.most)
        rows = self.rows[page * size : (page + 1) * size]
        more = (page + 1) * size < len(self.rows)
        return Page(tuple(rows), self.next(page + 1) if more else self.end, self.total)

    def next(self, page: int) -> Any:
        forms: dict[Form, Any] = {
            "number": page,
            "text": str(page),
            "absolute": f"{ORIGIN}{PLACE.path}?page={page}",
            "relative": f"{PLACE.path}?page={page}",
            "query": f"?page={page}",
            "token": f"token-{page}",
            "silent": None,
        }
        return forms[self.form]


def _rows(count: int) -> list[dict[str, Any]]:
    return [{"id": f"row-{n}"} for n in range(count)]


def _read(fetch: Callable[[Query], Page], habits: Habits | None = None, size: int = 10) -> tuple[Row, ...]:
    return read_list(fetch, Reading(PLACE, size, lambda row: row["id"], habits or Habits()))


@given(
    count=st.integers(0, 60),
    size=st.integers(1, 20),
    most=st.integers(1, 20),
    form=st.sampled_from(FORMS),
    end=st.sampled_from([None, ""]),
)
def test_the_whole_list_from_any_server(count: int, size: int, most: int, form: Form, end: str | None) -> None:
    server = Pages(_rows(count), form, most, end)
    assert list(_read(server, size=size)) == server.rows
    least = max(1, ceil(count / min(size, most)))
    assert len(server.asked) <= least + 1


Past = Literal["empty", "refused", "last"]


@dataclass
class PastTheEnd(Pages):
    """A server that refuses a page past the end, or gives the last one again."""

    past: Past = "empty"

    def __call__(self, query: Query) -> Page:
        size = min(int(dict(query)["page_size"]), self.most)
        last = max(0, ceil(len(self.rows) / size) - 1)
        if self.past == "empty" or int(dict(query)["page"].removeprefix("token-")) <= last:
            return super().__call__(query)
        if self.past == "refused":
            self.asked.append(query)
            raise NoSuchPageError("GET /list (page 1) answered 404")
        return super().__call__((("page", str(last)), *query[1:]))


@given(
    count=st.integers(0, 60),
    size=st.integers(1, 20),
    most=st.integers(2, 20),
    form=st.sampled_from(FORMS),
    past=st.sampled_from(["empty", "refused", "last"]),
)
def test_fault_47_the_whole_list_whatever_a_page_past_the_end_answers(
    count: int, size: int, most: int, form: Form, past: Past
) -> None:
    server = PastTheEnd(_rows(count), form, most, past=past)
    assume(past != "last" or size > 1)  # a page of one row that repeats proves nothing: see below
    assert list(_read(server, size=size)) == server.rows
    least = max(1, ceil(count / min(size, most)))
    assert len(server.asked) <= least + {"empty": 1, "refused": 2, "last": 3}[past]


def test_fault_47_an_announced_page_that_is_refused_is_a_failure() -> None:
    server = PastTheEnd(_rows(10), end="1", past="refused")
    with pytest.raises(NoSuchPageError, match="page 1"):
        _read(server)


def test_fault_47_a_page_that_is_refused_once_is_not_the_end() -> None:
    server = Pages(_rows(25), "silent")
    refusals = [NoSuchPageError("404")]

    def fetch(query: Query) -> Page:
        if dict(query)["page"] == "1" and refusals:
            raise refusals.pop()
        return server(query)

    assert len(_read(fetch)) == 25


@pytest.mark.parametrize("most", [2, 5, 10])
def test_fault_47_a_server_that_ignores_the_page_hides_no_rows(most: int) -> None:
    server = Pages(_rows(12), "silent", most)
    with pytest.raises(UnstableReadError, match="page 1 repeats page 0"):
        _read(lambda query: server((("page", "0"), *query[1:])))


def test_fault_47_a_page_of_one_row_that_is_repeated_proves_no_end() -> None:
    server = Pages(_rows(12), "silent")
    with pytest.raises(UnstableReadError, match="page 1 repeats an earlier one"):
        _read(lambda query: server((("page", "0"), *query[1:])), size=1)


@pytest.mark.parametrize("pages", ["ab ab", "ab ab cd", "ab cd cd", "ab cd cd ef", "ab aa aa aa cd"])
def test_fault_47_rows_that_are_there_twice_are_not_taken_for_the_end(pages: str) -> None:
    rows = [{"id": letter} for letter in pages.replace(" ", "")]
    with pytest.raises(UnstableReadError, match="repeats an earlier one"):
        _read(Pages(rows, "silent"), size=2)


def test_fault_49_an_empty_first_page_is_proved_by_the_page_after_it() -> None:
    server = Pages([])
    assert _read(server) == ()
    assert [dict(query)["page"] for query in server.asked] == ["0", "1"]


@pytest.mark.parametrize("count", [1, 10, 25])
def test_fault_49_a_server_that_counts_pages_from_1_is_never_believed(count: int) -> None:
    server = Pages(_rows(count))

    def fetch(query: Query) -> Page:
        number = int(dict(query)["page"])
        return Page(()) if number == 0 else server((("page", str(number - 1)), *query[1:]))

    with pytest.raises(UnstableReadError, match="page 0 is empty, and page 1 is not") as caught:
        _read(fetch)
    assert caught.value.hint == "the server seems to count pages from 1; the API's page says that it counts from 0"


def test_fault_49_a_server_that_takes_page_0_for_page_1_is_never_believed() -> None:
    server = Pages(_rows(25), "silent")
    with pytest.raises(UnstableReadError, match="page 1 repeats"):
        _read(lambda query: server((("page", str(max(0, int(dict(query)["page"]) - 1))), *query[1:])))


@pytest.mark.parametrize("overlap", [1, 3, 9])
@pytest.mark.parametrize("form", ["text", "silent"])
def test_fault_54_the_same_overlap_at_every_page_is_no_list(overlap: int, form: Form) -> None:
    rows = _rows(25)
    step = 10 - overlap

    def fetch(query: Query) -> Page:
        number = int(dict(query)["page"])
        more = form == "text" and number * step + 10 < len(rows)
        return Page(tuple(rows[number * step : number * step + 10]), str(number + 1) if more else None)

    with pytest.raises(UnstableReadError) as caught:
        _read(fetch)
    assert "every page begins with rows that the page before it ended with" in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("count", [12, 25, 40])
def test_fault_54_also_where_the_overlap_goes_with_the_size_of_the_page(count: int) -> None:
    rows = _rows(count)

    def fetch(query: Query) -> Page:
        number, size = int(dict(query)["page"]), int(dict(query)["page_size"])
        start = number * (size - 1)
        more = start + size < count
        return Page(tuple(rows[start : start + size]), str(number + 1) if more else None)

    with pytest.raises(UnstableReadError) as caught:
        _read(fetch)
    assert "every page begins with rows that the page before it ended with" in f"{caught.value} {caught.value.hint}"


def test_fault_54_a_row_that_is_really_there_twice_may_stand_at_one_break() -> None:
    for count in (15, 25):
        rows = _rows(count)
        rows.insert(10, rows[9])
        assert [row["id"] for row in _read(Pages(rows))].count("row-9") == 2


@pytest.mark.parametrize("size", [2, 3, 4])
def test_fault_54_also_where_pages_are_small(size: int) -> None:
    rows = _rows(2 * size)
    rows.insert(size, rows[size - 1])
    assert list(_read(Pages(rows), size=size)) == rows


@given(count=st.integers(11, 60), form=st.sampled_from([form for form in FORMS if form != "silent"]))
def test_a_list_of_several_announced_pages_costs_nothing_more(count: int, form: Form) -> None:
    server = Pages(_rows(count), form)
    _read(server)
    assert len(server.asked) == count // 10 + 1  # one more behind a last page that is full


def test_a_server_that_once_announced_is_believed_about_short_and_full_lists() -> None:
    habits = Habits()
    _read(Pages(_rows(25)), habits)
    for count in (0, 3, 10):
        server = Pages(_rows(count))
        assert len(_read(server, habits)) == count
        assert len(server.asked) == (count // 10 + 1 if count else 2)


def test_a_silent_server_is_asked_once_more_only_for_the_longest_list_so_far() -> None:
    habits = Habits()
    costs = []
    for count in (4, 3, 2, 4, 7, 6):
        server = Pages(_rows(count), "silent")
        _read(server, habits)
        costs.append(len(server.asked))
    assert costs == [2, 1, 1, 2, 2, 1]


def test_a_server_that_was_silent_in_the_middle_is_not_believed_because_it_spoke_elsewhere() -> None:
    habits = Habits()
    _read(Pages(_rows(25), "silent", most=5), habits)
    _read(Pages(_rows(25)), habits)
    assert (habits.silent, habits.announces) == (True, True)
    server = Pages(_rows(25), "silent")
    assert len(_read(server, habits)) == 25


@given(lists=st.lists(st.integers(0, 40), min_size=1, max_size=8), most=st.integers(1, 12), announced=st.booleans())
def test_no_order_of_lists_makes_a_part_look_whole(lists: list[int], most: int, announced: bool) -> None:  # noqa: FBT001 - drawn
    habits = Habits()
    for count in lists:
        server = Pages(_rows(count), "text" if announced else "silent", most)
        assert len(_read(server, habits)) == count


def test_fault_14_an_empty_page_in_the_middle() -> None:
    pages = [Page((), "1"), Page(({"id": "a"},), "2"), Page((), "3"), Page(({"id": "b"},)), Page(())]
    assert [row["id"] for row in _read(lambda query: pages[int(dict(query)["page"])])] == ["a", "b"]


def test_fault_14_a_changing_page_size() -> None:
    pages = [Page(tuple(_rows(9)[:5]), "1"), Page(tuple(_rows(9)[5:6]), "2"), Page(tuple(_rows(9)[6:]))]
    assert len(_read(lambda query: pages[int(dict(query)["page"])])) == 9


def test_fault_14_a_full_last_page_without_an_end_marker() -> None:
    server = Pages(_rows(10), "silent")
    assert len(_read(server)) == 10
    assert [dict(query)["page"] for query in server.asked] == ["0", "1"]


def test_fault_14_a_next_that_repeats() -> None:
    with pytest.raises(UnstableReadError, match="leads back"):
        _read(lambda query: Page(({"id": str(query)},), "0"))


def test_fault_14_a_next_that_never_ends() -> None:
    with pytest.raises(UnstableReadError, match="still not the last"):
        _read(lambda query: Page((), str(int(dict(query)["page"]) + 1)))
    with pytest.raises(UnstableReadError, match="still not the last"):
        _read(lambda query: Page(({"id": dict(query)["page"]},), str(int(dict(query)["page"]) + 1)))


@pytest.mark.parametrize("form", ["text", "silent"])
def test_fault_14_the_same_page_for_ever(form: Form) -> None:
    def page(query: Query) -> Page:
        following = str(int(dict(query)["page"]) + 1) if form == "text" else None
        return Page(tuple(_rows(10)), following)

    with pytest.raises(UnstableReadError, match="repeats"):
        _read(page)


def test_a_server_that_announces_some_pages_and_not_others_is_read_to_the_end_twice() -> None:
    pages = [
        Page(tuple(_rows(10))),
        Page(({"id": "a"},), "2"),
        Page(tuple({"id": f"b{n}"} for n in range(10))),
        Page(({"id": "c"},)),
    ]
    asked: list[str] = []

    def fetch(query: Query) -> Page:
        asked.append(dict(query)["page"])
        return pages[int(asked[-1])]

    assert len(_read(fetch)) == 22
    assert asked == ["0", "1", "2", "3"] * 2


@dataclass
class Moving:
    """A list that changes before each request: a row is put in at the front as long as there are some to put."""

    rows: list[dict[str, Any]]
    coming: list[dict[str, Any]]
    asked: int = 0

    def __call__(self, query: Query) -> Page:
        if self.asked and self.coming:
            self.rows.insert(0, self.coming.pop())
        self.asked += 1
        return Pages(self.rows)(query)


def test_fault_15_rows_that_move_are_read_again() -> None:
    server = Moving(_rows(25), [{"id": "new"}])
    assert len(_read(server)) == 26
    assert server.asked == 9  # a pass that saw a row twice, and two that agree


def test_fault_15_a_list_that_never_rests_is_no_list() -> None:
    with pytest.raises(UnstableReadError, match="readings of the list differ"):
        _read(Moving(_rows(25), [{"id": f"new-{n}"} for n in range(100)]))


def test_an_announced_page_that_is_empty_is_not_the_end_until_a_second_pass_agrees() -> None:
    server = Pages(_rows(25))
    hiccup = Page(())
    answers = [hiccup if number == 1 else None for number in range(9)]
    assert len(_read(lambda query: answers.pop(0) or server(query))) == 25
    ends = [Page(tuple(_rows(10)), "1"), Page(())] * 2
    assert len(_read(lambda _: ends.pop(0))) == 10


def test_fault_15_passes_with_other_contents_do_not_agree() -> None:
    version = 0

    def page(query: Query) -> Page:
        nonlocal version
        version += 1
        rows: list[Row] = (
            [{"id": "a"}, {"id": "b", "version": version}] if dict(query)["page"] == "0" else [{"id": "a"}]
        )
        return Page(tuple(rows), "1" if dict(query)["page"] == "0" else None)

    with pytest.raises(UnstableReadError):
        _read(page)


def test_fault_18_real_duplicates_are_shown() -> None:
    across = Pages([*_rows(10), {"id": "row-0"}])
    assert [row["id"] for row in _read(across)].count("row-0") == 2
    within = Pages([{"id": "a"}, {"id": "a"}, *_rows(10)])
    assert len(_read(within)) == 12
    assert len(within.asked) == 2


def test_a_total_that_disagrees_is_never_believed_away() -> None:
    with pytest.raises(UnstableReadError):
        _read(Pages(_rows(25), total=26))
    server = Pages(_rows(25), total=25)
    assert len(_read(server)) == 25
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("value", "page"),
    [
        (3, "3"),
        ("3", "3"),
        ("b3BhcXVlPQ==", "b3BhcXVlPQ=="),
        ("/a+b/token", "/a+b/token"),
        (f"{ORIGIN}{PLACE.path}?page=3", "3"),
        (f"{ORIGIN}:443{PLACE.path}?page=3", "3"),
        (f"{PLACE.path}?page=3", "3"),
        ("?page=3", "3"),
        ("schools?page=3", "3"),
    ],
)
def test_every_form_of_next_keeps_the_page_size(value: Any, page: str) -> None:
    assert dict(next_query(value, FIRST, PLACE) or ()) == {"page": page, "page_size": "10"}


def test_a_url_may_bring_its_own_page_size_and_more() -> None:
    query = next_query("?page=1&page_size=7&cursor=a%2Fb", FIRST, PLACE)
    assert dict(query or ()) == {"page": "1", "page_size": "7", "cursor": "a/b"}


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_announced(value: Any) -> None:
    assert next_query(value, FIRST, PLACE) is None


@pytest.mark.parametrize("value", [True, False, 1.5, [1], {"page": 1}, -1, "-1", "x" * 5000, "http://[::1?page=1"])
def test_a_next_that_is_no_page(value: Any) -> None:
    with pytest.raises(AnswerError):
        next_query(value, FIRST, PLACE)


@pytest.mark.parametrize(
    "value",
    [
        f"https://evil.example{PLACE.path}?page=1",
        f"//evil.example{PLACE.path}?page=1",
        f"https://api.us2.kimonocloud.com@evil.example{PLACE.path}?page=1",
        f"https://user@api.us2.kimonocloud.com{PLACE.path}?page=1",
        f"{ORIGIN}/v2/interop/tenants?page=1",
        "../courses?page=1",
        "courses?page=1",
        "ftp://x",
    ],
)
def test_fault_21_a_next_that_leads_elsewhere(value: str) -> None:
    with pytest.raises(HostError, match="nothing was sent"):
        next_query(value, FIRST, PLACE)


@pytest.mark.parametrize(
    "host",
    [
        "http://api.us2.kimonocloud.com",
        f"{ORIGIN}:8443",
        "http://interop-7f9c:8080",
        "http://10.0.3.7",
        "http://[fd00::7]:8080",
        "https://interop.prod.svc.cluster.local",
        "https://backend.internal",
        "https://inner.kimonocloud.com",
        "http://localhost:9000",
    ],
)
def test_fault_53_of_a_url_with_another_scheme_or_an_inner_host_only_the_query_is_used(host: str) -> None:
    query = next_query(f"{host}{PLACE.path}?page=3&page_size=10", FIRST, PLACE)
    assert dict(query or ()) == {"page": "3", "page_size": "10"}


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (f"http://evil.example:81{PLACE.path}?page=1", r"\(http://evil.example:81\) leads to another host;"),
        ("http://interop-7f9c:8080/v2/interop/tenants?page=1", r"\(http://interop-7f9c:8080\) leads to another path;"),
        (f"http://me:you@10.0.0.7{PLACE.path}?page=1", r"\(http://10.0.0.7\) holds a user name"),
        (f"ftp://10.0.0.7{PLACE.path}?page=1", r"\(ftp://10.0.0.7\) leads to another host"),
    ],
)
def test_fault_53_a_url_that_leads_elsewhere_is_refused_by_its_scheme_and_host(value: str, named: str) -> None:
    with pytest.raises(HostError, match=named) as caught:
        next_query(value, FIRST, PLACE)
    assert "you" not in str(caught.value)


def test_a_next_that_is_lost_on_a_full_page_loses_no_row() -> None:
    """A server that announces pages, and on one page does not: the rest of the list is there, and must be asked for."""

    def fetch(query: Query) -> Page:
        number = int(dict(query)["page"])
        return Page(
            tuple(_rows(60)[number * 10 : number * 10 + 10]), next=number + 1 if number in (0, 2, 3, 4) else None
        )

    assert _read(fetch) == tuple(_rows(60))


def test_a_list_that_announces_nothing_where_others_did_is_read_to_its_end() -> None:
    def fetch(query: Query) -> Page:
        number = int(dict(query)["page"])
        return Page(tuple(_rows(25)[number * 10 : number * 10 + 10]))

    assert len(_read(fetch, Habits(announces=True, longest={"elsewhere": 10}))) == 25
