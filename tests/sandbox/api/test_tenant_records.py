from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

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
