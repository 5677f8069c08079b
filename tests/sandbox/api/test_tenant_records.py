from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.sample_districts import VENDOR_KEY, districts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api


@pytest.fixture
def vendor(api: Api, basic: Callable[..., dict[str, str]]) -> Api:
    return api.using(basic(VENDOR_KEY))


def test_the_vendor_sees_every_tenant_with_its_secret(vendor: Api) -> None:
    answer = vendor.get("/tenants")
    assert answer.document() == {"data": [vendor.district.record, vendor.other.record], "paging": {}}
    assert answer.document()["data"][0]["auth"]["client_secret"] == vendor.district.client_secret


def test_tenants_come_in_pages_too(vendor: Api) -> None:
    first = vendor.get("/tenants?page_size=1").document()
    last = vendor.get("/tenants?page_size=1&page=1").document()
    assert [tenant["id"] for tenant in first["data"] + last["data"]] == [vendor.district.id, vendor.other.id]
    assert (first["paging"], last["paging"]) == ({"next": "1"}, {})


def test_accounts_and_integrations_restrict_the_list(vendor: Api) -> None:
    account = vendor.other.record["account"]["id"]
    found = vendor.get("/tenants?" + urlencode({"accounts": [account, districts()[2].id]}, doseq=True)).document()
    assert [tenant["id"] for tenant in found["data"]] == [vendor.other.id]
    integration = vendor.other.record["integration"]
    for value in (integration["id"], integration["name"]):
        assert len(vendor.get("/tenants?" + urlencode({"integrations": value})).document()["data"]) == 2
    assert vendor.get("/tenants?integrations=another").document()["data"] == []


@pytest.mark.parametrize("query", ["accounts=", "accounts=x", "integrations=", "page=-1", "page_size=0"])
def test_parameters_that_the_page_does_not_allow_are_400(vendor: Api, query: str) -> None:
    answer = vendor.get(f"/tenants?{query}")
    assert answer.status == 400
    assert answer.document()["error"]["details"] == query.partition("=")[0]


def test_one_tenant_is_found_by_its_id_in_any_case(vendor: Api) -> None:
    assert vendor.get(f"/tenants/{vendor.other.id.upper()}").document() == {"data": vendor.other.record}


@pytest.mark.parametrize(("tenant_id", "status"), [("x", 400), ("00000000-0000-4000-8000-000000000000", 404)])
def test_a_tenant_that_is_not_there(vendor: Api, tenant_id: str, status: int) -> None:
    assert vendor.get(f"/tenants/{tenant_id}").status == status


def test_a_filter_takes_several_values_divided_by_commas(vendor: Api) -> None:
    accounts = ",".join(record["account"]["id"] for record in (vendor.other.record, districts()[2].record))
    found = vendor.get(f"/tenants?accounts={accounts}").document()["data"]
    assert [tenant["id"] for tenant in found] == [vendor.other.id]
    assert vendor.get(f"/tenants?accounts={accounts},").status == 400


@pytest.mark.parametrize(("honoured", "counts"), [("both", (1, 0)), ("accounts", (1, 2)), ("none", (2, 2))])
def test_a_server_may_not_honour_the_filters(vendor: Api, honoured: Any, counts: tuple[int, int]) -> None:
    vendor.engine.behaviour = Behaviour(honoured_filters=honoured)
    account = vendor.other.record["account"]["id"]
    queries = (f"accounts={account}", "integrations=another")
    assert tuple(len(vendor.get(f"/tenants?{query}").document()["data"]) for query in queries) == counts
    assert vendor.get("/tenants?accounts=x").status == 400


@pytest.mark.parametrize(("form", "status"), [("unauthorized", 401), ("answered", 200), ("forbidden", 403)])
def test_a_tenant_may_find_itself_by_its_own_credential(
    make_api: Callable[..., Api], basic: Callable[..., dict[str, str]], form: Any, status: int
) -> None:
    api = make_api(behaviour=Behaviour(tenant_finds_itself=form))
    by_token = api.using({"Authorization": f"Bearer {api.token()}"})
    mine = f"/tenants/{api.district.id.upper()}"
    assert [one.get(mine).status for one in (api, by_token)] == [status, status]
    if status == 200:
        assert by_token.get(mine).document() == {"data": api.district.record}
    assert by_token.get(f"/tenants/{api.other.id}").status == (401 if form == "unauthorized" else 403)
    assert by_token.get("/tenants").status == 401
    assert api.using(basic("nobody")).get(mine).status == 401
    assert api.using(basic(VENDOR_KEY)).get(mine).status == 200


def test_a_swapped_credential_finds_the_tenant_that_it_opens(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(tenant_finds_itself="answered"))
    swapped = api.under({"when": {"tenant": api.district.id}, "do": {"swap": api.other.id}})
    answers = [swapped.get(f"/tenants/{one.id}").status for one in (api.district, api.other)]
    assert answers == [403, 200]
