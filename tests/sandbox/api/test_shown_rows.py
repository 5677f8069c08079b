from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from scopesync.sandbox.api.engine import Behaviour
from scopesync.sandbox.api.shown_rows import shown
from scopesync.sandbox.sample_districts import VENDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

    MakeApi = Callable[..., Api]

SCHOOLS = "/tenant/scoping/schools"
ID = "aabbccdd-0000-4000-8000-00000000000e"
SPELLINGS = {
    "upper": "AABBCCDD-0000-4000-8000-00000000000E",
    "braces": "{aabbccdd-0000-4000-8000-00000000000e}",
    "no-dashes": "aabbccdd00004000800000000000000e",
}


def answered(api: Api) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(SCHOOLS).document()["data"]
    return rows


def test_rows_may_be_answered_without_their_owner() -> None:
    row = {"school_id": ID, "account_id": ID, "tenant_id": ID}
    assert shown(row, "schools", Behaviour()) == row
    assert shown(row, "schools", Behaviour(rows_carry_tenant_id=False)) == {"school_id": ID}


def test_selected_is_left_out_where_it_is_true(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(omits_true_selected=True))
    first, second = (row["school_id"] for row in api.rows("schools")[:2])
    api.send("PUT", f"{SCHOOLS}/{second}", {"selected": False})
    rows = {row["school_id"]: row for row in answered(api)}
    assert "selected" not in rows[first]
    assert rows[second]["selected"] is False


def test_null_and_absent_texts_are_shown_as_empty_ones(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(null_texts_as_empty=True))
    api.store.replace(api.district.id, "schools", [{"school_id": ID, "name": None, "selected": None, "note": None}])
    assert answered(api) == [
        {
            "school_id": ID,
            "name": "",
            "school_ref_id": "",
            "local_id": "",
            "keywords": "",
            "selected": None,
            "note": None,
        }
    ]
    assert api.rows("schools")[0]["name"] is None


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_ids_are_answered_in_the_spelling_of_the_server_whatever_was_sent(make_api: MakeApi, spelling: Any) -> None:
    api = make_api(behaviour=Behaviour(id_spelling=spelling))
    for sent in (ID, *SPELLINGS.values()):
        assert api.send("POST", SCHOOLS, {"data": [{"school_id": sent, "id_of_ours": ID}]}).status == 200
        (row,) = answered(api)
        assert (row["school_id"], row["id_of_ours"]) == (SPELLINGS[spelling], ID)
        assert api.get(f"{SCHOOLS}/{quote(sent)}").document()["data"] == row
        # the row as it was answered can be sent back, its owner included
        changed = {**row, "name": "n"}
        assert api.send("PUT", f"{SCHOOLS}/{quote(sent)}", changed).document()["data"] == changed
        assert api.send("POST", f"{SCHOOLS}?replace=false", {"data": [{"school_id": ID.upper()}]}).status == 400
        assert api.send("DELETE", f"{SCHOOLS}/{quote(sent)}").status == 204


def test_ids_without_a_spelling_of_the_server_must_be_plain(api: Api) -> None:
    for sent in (SPELLINGS["braces"], SPELLINGS["no-dashes"]):
        assert api.send("POST", SCHOOLS, {"data": [{"school_id": sent}]}).status == 400
        assert api.get(f"{SCHOOLS}/{quote(sent)}").status == 400


def test_records_of_tenants_are_spelled_alike(make_api: MakeApi, basic: Callable[..., dict[str, str]]) -> None:
    api = make_api(behaviour=Behaviour(id_spelling="no-dashes")).using(basic(VENDOR_KEY))
    mine = api.district.id
    (first, _) = api.get("/tenants").document()["data"]
    assert first["id"] == mine.replace("-", "")
    assert first["account"]["id"] == api.district.record["account"]["id"].replace("-", "")
    assert [api.get(f"/tenants/{one}").document()["data"] for one in (mine, first["id"])] == [first, first]
