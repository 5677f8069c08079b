from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.sandbox.api.engine import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

    MakeApi = Callable[..., Api]

SCHOOLS = "/tenant/scoping/schools"


def test_all_tenants_together_may_ask_so_often_a_second(
    make_api: MakeApi, basic: Callable[..., dict[str, str]]
) -> None:
    api = make_api(behaviour=Behaviour(requests_per_second=3))
    other = api.using(basic(api.other.client_id, api.other.client_secret))
    assert [one.get(SCHOOLS).status for one in (api, other, api, other, api)] == [200, 200, 200, 429, 429]
    assert "Retry-After" not in api.get(SCHOOLS).headers
    api.clock.now += 1
    assert [other.get(SCHOOLS).status for _ in range(4)] == [200, 200, 200, 429]


def test_what_was_refused_does_not_count(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(requests_per_second=1))
    seen = []
    for _ in range(5):
        seen.append(api.get(SCHOOLS).status)
        api.clock.now += 0.5
    assert seen == [200, 429, 200, 429, 200]


def test_retry_after_may_be_said(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(requests_per_second=1, retry_after_s=2))
    assert [api.get(SCHOOLS).headers.get("Retry-After") for _ in range(2)] == [None, "2"]


def test_a_refused_write_is_not_done(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(requests_per_second=1))
    assert [api.get(SCHOOLS).status, api.send("DELETE", SCHOOLS).status] == [200, 429]
    assert len(api.rows("schools")) == 7


def test_a_server_may_be_unavailable_for_a_time_from_the_first_request_on(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(unavailable_s=60))
    api.clock.now += 1000
    answer = api.get(SCHOOLS)
    assert (answer.status, "Retry-After" in answer.headers) == (503, False)
    api.clock.now += 59
    assert api.get(SCHOOLS).status == 503
    api.clock.now += 1
    assert [api.get(SCHOOLS).status for _ in range(2)] == [200, 200]
