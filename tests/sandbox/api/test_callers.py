from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.sandbox.api.engine import Behaviour, Request
from scopesync.sandbox.sample_districts import VENDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

    Basic = Callable[..., dict[str, str]]

SCHOOLS = "/tenant/scoping/schools"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_client_credentials_buy_a_token_that_opens_the_tenant(api: Api) -> None:
    answer = api.token_call(
        grant_type="client_credentials",
        client_id=api.district.client_id,
        client_secret=api.district.client_secret,
    )
    assert answer.status == 200
    document = answer.document()
    assert (document["token_type"], document["expires_in"]) == ("Bearer", 3600)
    assert api.using(bearer(document["access_token"])).get(SCHOOLS).status == 200


def test_the_same_calls_give_the_same_tokens_and_never_one_twice(make_api: Callable[..., Api]) -> None:
    first, second = make_api(), make_api()
    tokens = [first.token(), first.token()]
    assert tokens == [second.token(), second.token()]
    assert len(set(tokens)) == 2


def test_the_credential_alone_selects_the_tenant(api: Api, basic: Basic) -> None:
    other = api.using(basic(api.other.client_id, api.other.client_secret))
    assert {row["tenant_id"] for row in api.get(SCHOOLS).document()["data"]} == {api.district.id}
    assert {row["tenant_id"] for row in other.get(SCHOOLS).document()["data"]} == {api.other.id}


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        (
            {"grant_type": "client_credentials", "client_id": "sandbox-0204", "client_secret": "no"},
            401,
            "invalid_client",
        ),
    ],
)
def test_a_bad_token_call_is_refused_as_oauth_says(api: Api, fields: dict[str, str], status: int, error: str) -> None:
    answer = api.token_call(**fields)
    assert (answer.status, answer.document()) == (status, {"error": error})


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"grant_type": "client_credentials"}'),
        ("application/x-www-form-urlencoded", b"grant_type=client_credentials&client_id=a&client_id=b"),
    ],
)
def test_a_token_call_is_a_form_with_each_field_once(api: Api, content_type: str, body: bytes) -> None:
    answer = api.engine.handle(Request.to("POST", "/oauth/token", headers={"Content-Type": content_type}, body=body))
    assert (answer.status, answer.document()) == (400, {"error": "invalid_request"})


def test_a_token_ends_with_its_life(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(token_lifetime_s=60))
    mine = api.using(bearer(api.token()))
    api.clock.now += 59
    assert mine.get(SCHOOLS).status == 200
    api.clock.now += 1
    assert mine.get(SCHOOLS).status == 401


def test_tokens_can_be_ended_at_any_time(api: Api) -> None:
    mine = api.using(bearer(api.token()))
    api.engine.expire_tokens()
    assert mine.get(SCHOOLS).status == 401
    assert api.using(bearer(api.token())).get(SCHOOLS).status == 200


def test_the_tokens_of_one_tenant_can_be_ended_alone(api: Api) -> None:
    mine = api.using(bearer(api.token()))
    api.engine.expire_tokens(api.other.id)
    assert mine.get(SCHOOLS).status == 200
    api.engine.expire_tokens(api.district.id)
    assert mine.get(SCHOOLS).status == 401


@pytest.mark.parametrize("said", [1, 0, "soon"])
def test_what_is_said_of_a_tokens_life_need_not_be_true(make_api: Callable[..., Api], said: int | str) -> None:
    api = make_api(behaviour=Behaviour(expires_in=said))
    answer = api.token_call(
        grant_type="client_credentials", client_id="sandbox-0204", client_secret=api.district.client_secret
    ).document()
    api.clock.now += 3000
    assert answer["expires_in"] == said
    assert api.using(bearer(answer["access_token"])).get(SCHOOLS).status == 200


def test_a_token_call_may_say_nothing_of_its_life(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(expires_in=None))
    answer = api.token_call(
        grant_type="client_credentials", client_id="sandbox-0204", client_secret=api.district.client_secret
    )
    assert answer.document().keys() == {"access_token", "token_type"}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer nobody's",
        "Basic",
        "Basic !!!",
        "Basic /////w==",
        "Basic c2FuZGJveC0wMjA0Og==",
        "Digest a",
    ],
)
def test_without_a_good_credential_everything_is_401(api: Api, header: str | None) -> None:
    stranger = api.using({} if header is None else {"Authorization": header})
    for path in (SCHOOLS, "/tenants", f"/tenants/{api.district.id}"):
        answer = stranger.get(path)
        assert answer.status == 401
        assert answer.document()["error"]["status"] == 401
        assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("password", ["", VENDOR_KEY])
def test_the_vendor_key_is_the_user_name_with_itself_or_nothing_as_password(
    api: Api, basic: Basic, password: str
) -> None:
    assert api.using(basic(VENDOR_KEY, password)).get("/tenants").status == 200


def test_a_key_with_another_password_and_another_key_are_refused(api: Api, basic: Basic) -> None:
    assert api.using(basic(VENDOR_KEY, "x")).get("/tenants").status == 401
    assert api.using(basic("x", "x")).get("/tenants").status == 401


def test_an_engine_may_have_a_key_of_its_own(make_api: Callable[..., Api], basic: Basic) -> None:
    api = make_api(vendor_key="another")
    assert api.using(basic("another")).get("/tenants").status == 200
    assert api.using(basic(VENDOR_KEY)).get("/tenants").status == 401


def test_neither_kind_of_credential_opens_what_the_other_opens(api: Api, basic: Basic) -> None:
    assert api.get("/tenants").status == 401
    assert api.using(basic(VENDOR_KEY)).get(SCHOOLS).status == 401


def test_an_environment_may_take_one_way_of_authorisation_only(make_api: Callable[..., Api]) -> None:
    oauth2 = make_api(behaviour=Behaviour(actor_auth="oauth2"))
    assert oauth2.get(SCHOOLS).status == 401
    assert oauth2.using(bearer(oauth2.token())).get(SCHOOLS).status == 200

    only_basic = make_api(behaviour=Behaviour(actor_auth="basic"))
    assert only_basic.get(SCHOOLS).status == 200
    assert only_basic.token_call(grant_type="client_credentials").status == 404
    assert only_basic.using(bearer("any")).get(SCHOOLS).status == 401
