from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.sandbox.api.engine import Behaviour, Request
from scopesync.sandbox.api.messages import Refusal
from scopesync.sandbox.api.pages import Page, asked_page, paging

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

COURSES = "/tenant/scoping/courses"


def next_of(query: str, *, total: int, **behaviour: Any) -> Any:
    """What `paging` holds for that query on a list of `total` rows."""
    request = Request.to("GET", f"https://api.example/v2/x?{query}")
    chosen = Behaviour(**behaviour)
    return paging(request, asked_page(request, chosen), total=total, behaviour=chosen)


def test_pages_count_from_0_and_have_the_maximum_size_by_default() -> None:
    assert asked_page(Request("GET", "/"), Behaviour(max_page_size=40)) == Page(0, 40)
    assert asked_page(Request("GET", "/", "page=3&page_size=7"), Behaviour()) == Page(3, 7)
    assert Page(3, 7).offset == 21


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=",
        "page=1.0",
        "page=%D9%A1",
        "page=+1",
        "page=2147483648",
        "page=99999999999",
        "page=1&page=1",
        "page_size=0",
        "page_size=ten",
    ],
)
def test_numbers_that_are_none_are_refused(query: str) -> None:
    with pytest.raises(Refusal) as caught:
        asked_page(Request("GET", "/", query), Behaviour())
    assert caught.value.response.status == 400
    assert caught.value.response.document()["error"]["details"] == query.partition("=")[0]


def test_a_page_larger_than_the_maximum_is_cut_or_refused() -> None:
    request = Request("GET", "/", "page_size=50")
    assert asked_page(request, Behaviour(max_page_size=20)).size == 20
    with pytest.raises(Refusal):
        asked_page(request, Behaviour(max_page_size=20, oversized_page="reject"))


def test_a_server_may_ignore_the_size_that_was_asked_for() -> None:
    behaviour = Behaviour(max_page_size=20, honours_page_size=False)
    assert asked_page(Request("GET", "/", "page_size=3"), behaviour).size == 20


def test_next_as_a_number_in_text_or_in_json() -> None:
    assert next_of("page_size=2", total=5) == {"next": "1"}
    assert next_of("page_size=2", total=5, paging_next="integer") == {"next": 1}


def test_next_as_a_url_keeps_origin_path_and_parameters() -> None:
    absolute = urlsplit(next_of("page_size=2&page=1", total=9, paging_next="url")["next"])
    assert (absolute.scheme, absolute.netloc, absolute.path) == ("https", "api.example", "/v2/x")
    assert parse_qs(absolute.query) == {"page_size": ["2"], "page": ["2"]}
    assert next_of("page_size=2", total=9, paging_next="relative") == {"next": "/v2/x?page_size=2&page=1"}


def test_next_as_a_token_is_taken_back_as_page() -> None:
    token = next_of("page_size=2", total=5, paging_next="token")["next"]
    assert not token.isdigit()
    behaviour = Behaviour(paging_next="token")
    assert asked_page(Request("GET", "/", f"page={token}&page_size=2"), behaviour) == Page(1, 2)
    assert asked_page(Request("GET", "/", "page=1&page_size=2"), behaviour) == Page(1, 2)
    with pytest.raises(Refusal):
        asked_page(Request("GET", "/", "page=bm90IG1pbmU="), behaviour)


def test_a_server_may_announce_nothing_at_all() -> None:
    assert next_of("page_size=2", total=5, paging_next="absent") == {}
    assert next_of("page_size=2", total=5, paging_next="null") == {"next": None}


def test_the_three_ways_to_say_that_this_was_the_last_page() -> None:
    assert next_of("page=2&page_size=2", total=5) == {}
    assert next_of("page=2&page_size=2", total=5, paging_end="null") == {"next": None}
    assert next_of("page=2&page_size=2", total=5, paging_end="empty") == {"next": ""}


def test_a_full_last_page_may_announce_an_empty_one() -> None:
    assert next_of("page=1&page_size=2", total=4) == {}
    assert next_of("page=1&page_size=2", total=4, next_after_full_page=True) == {"next": "2"}
    assert next_of("page=2&page_size=2", total=4, next_after_full_page=True) == {}
    assert next_of("", total=0, next_after_full_page=True) == {}


@given(total=st.integers(0, 60), size=st.integers(1, 25), eager=st.booleans())
def test_following_next_meets_every_row_once(*, total: int, size: int, eager: bool) -> None:
    rows, number, requests = list(range(total)), 0, 0
    read: list[int] = []
    while True:
        page = Page(number, size)
        read += rows[page.offset : page.offset + size]
        requests += 1
        answer = next_of(f"page={number}&page_size={size}", total=total, next_after_full_page=eager)
        if "next" not in answer:
            break
        number = int(answer["next"])
    assert read == rows
    assert requests - ceil(total / size) in ((0, 1) if eager or not total else (0,))


def test_a_listing_is_read_to_its_end_through_the_engine(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(max_page_size=3))
    pages = [api.get(f"{COURSES}?page={number}").document() for number in range(4)]
    assert [len(page["data"]) for page in pages] == [3, 3, 1, 0]
    assert [page["paging"] for page in pages] == [{"next": "1"}, {"next": "2"}, {}, {}]
    assert tuple(row for page in pages for row in page["data"]) == api.rows("courses")


def pages_of(api: Api, *queries: str) -> list[tuple[int, list[str], Any]]:
    """Status, ids and `next` of these pages of two courses each; a page that is refused has none."""
    found = []
    for query in queries:
        answer = api.get(f"{COURSES}?page_size=2{query}")
        document = answer.document()
        ids = [row["course_id"] for row in document.get("data", [])]
        found.append((answer.status, ids, document.get("paging", {}).get("next")))
    return found


@pytest.mark.parametrize("status", ["404", "400", "416"])
def test_a_page_past_the_end_may_be_refused(make_api: Callable[..., Api], status: Any) -> None:
    api = make_api(behaviour=Behaviour(page_past_end=status))
    ids = [row["course_id"] for row in api.rows("courses")]
    last, past, far = pages_of(api, "&page=3", "&page=4", "&page=400")
    assert last == (200, ids[6:], None)
    assert past == far == (int(status), [], None)
    api.store.replace(api.district.id, "courses", ())
    assert pages_of(api, "&page=0", "&page=1") == [(200, [], None), (int(status), [], None)]


def test_a_page_past_the_end_may_be_the_last_one_again(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(page_past_end="last-page"))
    last, past, far = pages_of(api, "&page=3", "&page=4", "&page=400")
    assert len(last[1]) == 1
    assert last == past == far


def test_a_page_that_was_announced_is_never_past_the_end(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(page_past_end="404", next_after_full_page=True))
    api.store.replace(api.district.id, "courses", api.rows("courses")[:4])
    full, announced, past = pages_of(api, "&page=1", "&page=2", "&page=3")
    assert (full[2], announced, past[0]) == ("2", (200, [], None), 404)


@pytest.mark.parametrize("paging_next", ["number", "integer", "url", "relative", "token"])
def test_pages_may_count_from_1_and_then_page_0_is_empty(make_api: Callable[..., Api], paging_next: Any) -> None:
    api = make_api(behaviour=Behaviour(first_page=1, paging_next=paging_next, max_page_size=2))
    ids = [row["course_id"] for row in api.rows("courses")]
    zero, one, unnamed = pages_of(api, "&page=0", "&page=1", "")
    assert zero == (200, [], None)
    assert one == unnamed
    assert one[1] == ids[:2]
    assert walked(api) == ids
    if paging_next == "number":
        assert one[2] == "2"


def walked(api: Api) -> list[str]:
    """The ids of every course, by following what announces the next page."""
    found, query = [], ""
    while True:
        document = api.get(f"{COURSES}?{query}").document()
        found += [row["course_id"] for row in document["data"]]
        following = document["paging"].get("next")
        if following is None:
            return found
        query = urlsplit(following).query if "?" in str(following) else f"page={following}"


def test_the_same_rows_may_repeat_at_every_page_break(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(page_overlap=1, max_page_size=3))
    ids = [row["course_id"] for row in api.rows("courses")]
    assert walked(api) == [*ids[:3], *ids[2:5], *ids[4:7]]


def test_an_overlap_as_large_as_a_page_still_comes_to_an_end(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(page_overlap=9, max_page_size=2))
    assert set(walked(api)) == {row["course_id"] for row in api.rows("courses")}


@pytest.mark.parametrize(
    ("form", "origin"),
    [
        ("as-asked", "https://api.example"),
        ("other-scheme", "http://api.example"),
        ("inner-host", "http://interop-7c9f.internal:8080"),
    ],
)
def test_a_url_may_name_another_scheme_or_an_inner_host_with_the_same_path(form: Any, origin: str) -> None:
    following = next_of("page_size=2", total=3, paging_next="url", paging_url=form)["next"]
    assert following == f"{origin}/v2/x?page_size=2&page=1"
