from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.api.engine import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

    MakeApi = Callable[..., Api]

SCHOOLS = "/tenant/scoping/schools"
NEW = "cccccccc-0000-4000-8000-000000000000"


def kept(api: Api, **sent: Any) -> dict[str, Any]:
    """What the server has of a school that was appended with these fields: the same answer now, and when it is read."""
    answer = api.send("POST", f"{SCHOOLS}?replace=false", {"data": [{"school_id": NEW, **sent}]}).document()["data"]
    assert api.get(f"{SCHOOLS}/{NEW}").document()["data"] == answer
    return {name: answer.get(name) for name in sent}


@pytest.mark.parametrize(
    ("behaviour", "sent", "stored"),
    [
        ({"trims_text": True}, {"name": " a "}, {"name": "a"}),
        ({"cuts_text_at": 3}, {"name": "Lincoln", "local_id": "12"}, {"name": "Lin", "local_id": "12"}),
        ({"escapes_html": True}, {"name": "Arts & Crafts <1>"}, {"name": "Arts &amp; Crafts &lt;1&gt;"}),
        (
            {"lower_cases_text": True},
            {"name": "Lincoln", "school_ref_id": "AB"},
            {"name": "lincoln", "school_ref_id": "ab"},
        ),
        ({"sorts_keywords": True}, {"keywords": "b, a,c", "name": "b,a"}, {"keywords": "a,b,c", "name": "b,a"}),
        ({"decomposes_text": True}, {"name": "École"}, {"name": "E\u0301cole"}),
        ({"escapes_html": True, "cuts_text_at": 3}, {"name": "a&b"}, {"name": "a&a"}),
        ({"cuts_text_at": 0}, {"name": "Lincoln"}, {"name": ""}),
    ],
)
def test_texts_are_stored_in_the_ways_of_servers(
    make_api: MakeApi, behaviour: dict[str, Any], sent: dict[str, Any], stored: dict[str, Any]
) -> None:
    assert kept(make_api(behaviour=Behaviour(**behaviour)), **sent) == stored


@pytest.mark.parametrize("habit", ["trims_text", "escapes_html", "lower_cases_text", "decomposes_text"])
def test_what_is_no_text_or_not_known_stays_as_it_was_sent(make_api: MakeApi, habit: str) -> None:
    behaviour: dict[str, Any] = {habit: True}
    sent = {"note": " É & ", "name": None, "selected": False}
    assert kept(make_api(behaviour=Behaviour(**behaviour)), **sent) == sent


def test_a_put_is_stored_in_the_same_way(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(cuts_text_at=3))
    where = f"{SCHOOLS}/{api.rows('schools')[0]['school_id']}"
    assert api.send("PUT", where, {"name": "Lincoln"}).document()["data"]["name"] == "Lin"


def test_the_roster_gives_a_name_where_none_was_sent(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(names_from_roster="missing"))
    assert kept(api, name=None) == {"name": "School cccccccc"}
    where = f"{SCHOOLS}/{NEW}"
    assert api.send("PUT", where, {"name": "Mine"}).document()["data"]["name"] == "Mine"
    assert api.send("PUT", where, {"keywords": "k"}).document()["data"]["name"] == "Mine"  # so the roster calls it now


def test_a_name_that_the_roster_owns_is_changed_by_no_write(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(names_from_roster="always"))
    live = api.rows("schools")[0]
    where = f"{SCHOOLS}/{live['school_id']}"
    answer = api.send("PUT", where, {**live, "name": "Mine", "keywords": "k"}).document()["data"]
    assert (answer["name"], answer["keywords"]) == (live["name"], "k")
    api.send("POST", SCHOOLS, {"data": [{**live, "name": "Mine"}, {"school_id": NEW, "name": "Mine"}]})
    assert [row["name"] for row in api.rows("schools")] == [live["name"], "School cccccccc"]
