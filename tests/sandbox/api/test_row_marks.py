from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.api.engine import Behaviour
from scopesync.sandbox.api.row_marks import ADDED_FIELD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

    MakeApi = Callable[..., Api]

SCHOOLS = "/tenant/scoping/schools"
NEW = "cccccccc-0000-4000-8000-000000000000"
STAMPS = ("updated_at", "etag", "version")
DAY_S = 86_400


def first(api: Api) -> dict[str, Any]:
    row: dict[str, Any] = api.get(SCHOOLS).document()["data"][0]
    return row


def stamps(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in STAMPS]


def write(api: Api) -> dict[str, Any]:
    live = api.rows("schools")[0]
    row: dict[str, Any] = api.send("PUT", f"{SCHOOLS}/{live['school_id']}", {"keywords": "k"}).document()["data"]
    return row


@pytest.mark.parametrize("kind", ["null", "absent"])
def test_a_row_says_whose_it_is_once_it_was_written(make_api: MakeApi, kind: Any) -> None:
    api = make_api(behaviour=Behaviour(owner_until_written=kind))
    unowned = {"tenant_id": None, "account_id": None} if kind == "null" else {}
    assert {name: value for name, value in first(api).items() if name in ("tenant_id", "account_id")} == unowned
    assert write(api)["tenant_id"] == first(api)["tenant_id"] == api.district.id
    assert api.get(SCHOOLS).document()["data"][1].get("tenant_id") is None


def test_the_owner_may_come_so_many_reads_later(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(owner_until_written="null", owner_reads_late=3))
    assert write(api)["tenant_id"] is None  # the answer to the write is the first of them
    assert [first(api)["tenant_id"] for _ in range(3)] == [None, None, api.district.id]


def test_rows_without_an_owner_in_the_store_get_it_by_a_write(api: Api) -> None:
    api.store.replace(api.district.id, "schools", [{"school_id": NEW, "tenant_id": None}])
    assert first(api) == {"school_id": NEW, "tenant_id": None}
    assert write(api)["tenant_id"] == first(api)["tenant_id"] == api.district.id


def test_stamps_move_with_each_write(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(stamps="write"))
    before = stamps(first(api))
    assert stamps(first(api)) == before
    api.clock.now += 1
    after = stamps(write(api))
    assert stamps(first(api)) == after
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_stamps_that_a_client_sends_back_are_the_servers_all_the_same(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(stamps="write"))
    old = first(api)
    api.clock.now += 1
    assert api.send("PUT", f"{SCHOOLS}/{old['school_id']}", old).document()["data"]["version"] == old["version"] + 1


def test_stamps_move_on_each_read(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(stamps="read"))
    before = stamps(first(api))
    api.clock.now += 1
    assert all(old != new for old, new in zip(before, stamps(first(api)), strict=True))


def test_stamps_move_every_night(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(stamps="night"))
    evening = stamps(first(api))
    write(api)
    assert stamps(first(api)) == evening
    api.clock.now += DAY_S
    assert all(old != new for old, new in zip(evening, stamps(first(api)), strict=True))


def test_a_field_is_added_to_every_row_from_the_start_or_from_the_first_write_on(make_api: MakeApi) -> None:
    always = make_api(behaviour=Behaviour(added_field="always"))
    assert ADDED_FIELD in first(always)
    later = make_api(behaviour=Behaviour(added_field="after-write"))
    assert ADDED_FIELD not in first(later)
    write(later)
    assert all(ADDED_FIELD in row for row in later.get(SCHOOLS).document()["data"])
    assert ADDED_FIELD not in later.get("/tenant/scoping/courses").document()["data"][0]


def test_a_rehearsal_of_a_late_write_leaves_no_mark(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(stamps="write", write_delay_s=5))
    before = first(api)["version"]
    assert write(api)["version"] == before + 1
    assert first(api)["version"] == before
    api.clock.now += 5
    assert first(api)["version"] == before + 1
