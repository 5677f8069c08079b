from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.api.engine import Behaviour
from scopesync.sandbox.sample_districts import VENDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

    MakeApi = Callable[..., Api]

SCHOOLS = "/tenant/scoping/schools"
MEMBERS = {"status", "code", "message", "ext_message", "details"}


@pytest.mark.parametrize(
    ("form", "values"),
    [("nulls", {None}), ("blanks", {""}), ("zeros", {0, ""}), ("success", {200, "OK", ""})],
)
def test_an_error_that_says_nothing_stands_beside_data(
    make_api: MakeApi, basic: Callable[..., dict[str, str]], form: Any, values: set[Any]
) -> None:
    api = make_api(behaviour=Behaviour(empty_error=form))
    first = api.rows("schools")[0]["school_id"]
    answers = [
        api.get(SCHOOLS),
        api.get(f"{SCHOOLS}/{first}"),
        api.send("PUT", f"{SCHOOLS}/{first}", {"name": "n"}),
        api.send("POST", SCHOOLS, {"data": [{"school_id": first}]}),
        api.using(basic(VENDOR_KEY)).get("/tenants"),
    ]
    for answer in answers:
        document = answer.document()
        assert (answer.status, document.keys() >= {"data"}) == (200, True)
        assert document["error"].keys() == MEMBERS
        assert set(document["error"].values()) == values


def test_a_real_error_and_an_answer_without_a_body_stay_as_they_are(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(empty_error="nulls"))
    assert api.get(f"{SCHOOLS}/x").document()["error"]["status"] == 400
    assert api.send("DELETE", SCHOOLS).body == b""
    assert (
        "error"
        not in api.token_call(
            grant_type="client_credentials", client_id=api.district.client_id, client_secret=api.district.client_secret
        ).document()
    )
