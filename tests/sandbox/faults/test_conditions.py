from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.sandbox.api.engine import Behaviour, Request
from scopesync.sandbox.faults.conditions import Facts, When, chance, facts_of
from scopesync.sandbox.sample_districts import VENDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

LISTS = "/v2/interop/tenant/scoping"
ROW = "dddddddd-0000-4000-8000-000000000000"
POST = Facts("POST", f"{LISTS}/courses", {"replace": ("false",)}, "create", "courses", None, "t1")


@pytest.mark.parametrize(
    ("method", "path", "facts"),
    [
        ("GET", f"{LISTS}/schools", ("list", "schools", 0)),
        ("GET", f"{LISTS}/courses?page=3", ("list", "courses", 3)),
        ("GET", f"{LISTS}/courses?page=bm9uZQ==", ("list", "courses", None)),
        ("GET", f"{LISTS}/courses?page=bmV4dDo0", ("list", "courses", 4)),
        ("POST", f"{LISTS}/schools?page=3", ("create", "schools", None)),
        ("DELETE", f"{LISTS}/schools", ("clear", "schools", None)),
        ("GET", f"{LISTS}/schools/{ROW}", ("find", "schools", None)),
        ("PUT", f"{LISTS}/courses/{ROW}", ("update", "courses", None)),
        ("DELETE", f"{LISTS}/courses/{ROW}", ("delete", "courses", None)),
        ("PATCH", f"{LISTS}/courses/{ROW}", (None, None, None)),
    ],
)
def test_facts_of_a_tenants_request(
    api: Api, method: str, path: str, facts: tuple[str | None, str | None, int | None]
) -> None:
    found = facts_of(Request.to(method, path, headers=api.credential), api.engine)
    assert (found.operation, found.list_name, found.page) == facts
    assert found.tenant_id == (api.district.id if found.operation else None)
    assert (found.method, found.path) == (method, path.partition("?")[0])
    assert api.engine.served == ()


def test_facts_of_the_vendors_requests_and_of_the_token_call(api: Api, basic: Callable[..., dict[str, str]]) -> None:
    vendor = basic(VENDOR_KEY)
    listed = facts_of(Request.to("GET", "/v2/interop/tenants?page=1", headers=vendor), api.engine)
    found = facts_of(Request.to("GET", f"/v2/interop/tenants/{ROW}", headers=vendor), api.engine)
    assert (listed.operation, listed.page, listed.tenant_id) == ("list-tenants", 1, None)
    assert (found.operation, found.page, found.tenant_id) == ("find-tenant", None, None)
    faulty = api.under({"when": {"operation": "token", "tenant": api.district.id}, "do": {"answer": 503}})
    assert faulty.token_call(grant_type="client_credentials", client_id="nobody", client_secret="no").status == 401
    with pytest.raises(KeyError):
        faulty.token()


def test_a_page_is_known_however_large_pages_are_asked_for(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(max_page_size=2, oversized_page="reject"))
    request = Request.to("GET", f"{LISTS}/schools?page=1&page_size=9", headers=api.credential)
    assert facts_of(request, api.engine).page == 1


@pytest.mark.parametrize(
    ("when", "meets"),
    [
        ({}, True),
        ({"methods": {"POST", "PUT"}}, True),
        ({"methods": {"GET"}}, False),
        ({"operations": {"create"}}, True),
        ({"operations": {"update", "list"}}, False),
        ({"path": "*/scoping/*"}, True),
        ({"path": "/v2/interop/tenants*"}, False),
        ({"query": {"replace": "false"}}, True),
        ({"query": {"replace": "true"}}, False),
        ({"query": {"page": "0"}}, False),
        ({"list_name": "courses"}, True),
        ({"list_name": "schools"}, False),
        ({"page": 0}, False),
        ({"tenant_id": "t1"}, True),
        ({"tenant_id": "t2"}, False),
        ({"methods": {"POST"}, "tenant_id": "t2"}, False),
    ],
)
def test_all_conditions_must_hold(when: dict[str, Any], *, meets: bool) -> None:
    assert When(**when).meets(POST) is meets


def struck(when: When, requests: int) -> list[int]:
    """Which of so many requests are struck, by their numbers from 1."""
    hits: list[int] = []
    for count in range(1, requests + 1):
        if when.strikes(count, struck=len(hits), draw=0.5):
            hits.append(count)
    return hits


def test_counts_say_which_requests_are_struck() -> None:
    assert struck(When(), 4) == [1, 2, 3, 4]
    assert struck(When(first=2, last=3), 5) == [2, 3]
    assert struck(When(first=2, every=3), 9) == [2, 5, 8]
    assert struck(When(every=2, times=2), 9) == [1, 3]
    assert struck(When(times=0), 3) == []
    assert struck(When(probability=0.4), 3) == []
    assert struck(When(probability=0.6), 3) == [1, 2, 3]


@given(seed=st.integers(), parts=st.lists(st.one_of(st.integers(), st.text()), max_size=3))
def test_chance_is_the_same_for_the_same_arguments(seed: int, parts: list[object]) -> None:
    assert 0 <= chance(seed, *parts) < 1
    assert chance(seed, *parts) == chance(seed, *parts)


def test_chance_is_spread_evenly() -> None:
    draws = [chance(7, number) for number in range(2000)]
    assert 900 < sum(draw < 0.5 for draw in draws) < 1100
    assert len(set(draws)) == len(draws)
