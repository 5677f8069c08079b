from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.api.engine import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.sandbox.api.row_fields import ListName
    from tests.sandbox.conftest import Api

NEW = "cccccccc-0000-4000-8000-000000000000"
ABSENT = "dddddddd-0000-4000-8000-000000000000"
ID = {"schools": "school_id", "courses": "course_id"}

both = pytest.mark.parametrize("name", ["schools", "courses"])


def path(name: str, row_id: str | None = None, query: str = "") -> str:
    return f"/tenant/scoping/{name}" + (f"/{row_id}" if row_id else "") + (f"?{query}" if query else "")


def error_of(api: Api, method: str, where: str, **sent: Any) -> tuple[int, str]:
    answer = api.send(method, where, **sent)
    error = answer.document()["error"]
    assert error.keys() == {"status", "code", "message", "ext_message", "details"}
    assert error["status"] == answer.status
    return answer.status, error["code"]


@both
def test_a_list_is_answered_as_it_is_stored(api: Api, name: ListName) -> None:
    answer = api.get(path(name))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.document() == {"data": list(api.rows(name)), "paging": {}}


@both
def test_post_replaces_the_whole_list_unless_told_otherwise(api: Api, name: ListName) -> None:
    answer = api.send("POST", path(name), {"data": [{ID[name]: NEW, "name": "Nova"}]})
    assert answer.status == 200
    assert answer.document()["data"]["name"] == "Nova"
    assert [row[ID[name]] for row in api.rows(name)] == [NEW]


@both
def test_post_with_replace_false_appends(api: Api, name: ListName) -> None:
    before = api.rows(name)
    assert api.send("POST", path(name, query="replace=false"), {"data": [{ID[name]: NEW}]}).status == 200
    assert api.rows(name)[:-1] == before
    assert api.rows(name)[-1][ID[name]] == NEW


def test_post_answers_one_object_the_first_row(api: Api) -> None:
    rows: list[dict[str, Any]] = [{"school_id": NEW, "floors": 3}, {"name": "no id"}]
    answer = api.send("POST", path("schools"), {"data": rows}).document()
    assert answer == {"data": {**rows[0], **{key: api.rows("schools")[0][key] for key in ("account_id", "tenant_id")}}}


def test_post_of_nothing_empties_the_list_and_answers_an_empty_object(api: Api) -> None:
    assert api.send("POST", path("schools", query="replace=true"), {"data": []}).document() == {"data": {}}
    assert api.rows("schools") == ()


@both
def test_delete_of_the_list_takes_every_row_and_of_no_other_list(api: Api, name: ListName) -> None:
    answer = api.send("DELETE", path(name))
    assert (answer.status, answer.body, api.rows(name)) == (204, b"", ())
    sizes = [
        api.store.count(tenant.id, kind) for tenant in (api.district, api.other) for kind in ("schools", "courses")
    ]
    assert sizes == ([0, 7, 3, 3] if name == "schools" else [7, 0, 3, 3])


@both
def test_a_row_is_found_by_its_id_in_any_case(api: Api, name: ListName) -> None:
    row = api.rows(name)[2]
    assert api.get(path(name, row[ID[name]].upper())).document() == {"data": row}


@both
def test_put_replaces_one_row_in_its_place(api: Api, name: ListName) -> None:
    before = api.rows(name)
    row = {**before[2], "name": "L'Été & Søn", "unknown": [1]}
    assert api.send("PUT", path(name, row[ID[name]]), row).document() == {"data": row}
    assert api.rows(name) == (*before[:2], row, *before[3:])


def test_put_drops_what_was_not_sent_or_keeps_it(make_api: Callable[..., Api]) -> None:
    replacing, merging = make_api(), make_api(behaviour=Behaviour(put="merge"))
    first, second = replacing.rows("schools")[:2]
    owner = {"account_id", "tenant_id"}
    after = replacing.send("PUT", path("schools", first["school_id"]), {"name": "A"}).document()["data"]
    assert after.keys() == {"school_id", "name"} | owner
    after = merging.send("PUT", path("schools", second["school_id"]), {"name": "B"}).document()["data"]
    assert after == {**second, "name": "B"}


@both
def test_delete_removes_one_row_once(api: Api, name: ListName) -> None:
    before = api.rows(name)
    where = path(name, before[0][ID[name]])
    assert api.send("DELETE", where).status == 204
    assert api.rows(name) == before[1:]
    assert error_of(api, "DELETE", where) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_id_that_is_not_there_is_404_and_one_that_is_no_id_400(api: Api, method: str) -> None:
    before = api.rows("courses")
    assert error_of(api, method, path("courses", ABSENT), document={}) == (404, "not_found")
    assert error_of(api, method, path("courses", "0042"), document={}) == (400, "invalid_parameter")
    assert api.rows("courses") == before


def test_another_tenants_row_is_not_there(api: Api) -> None:
    foreign = api.store.rows(api.other.id, "schools")[0]["school_id"]
    assert error_of(api, "DELETE", path("schools", foreign)) == (404, "not_found")
    assert api.store.count(api.other.id, "schools") == 3


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ("", b"", "malformed_json"),
        ("", b'{"data": [', "malformed_json"),
        ("", b"[]", "invalid_type"),
        ("", b"{}", "invalid_type"),
        ("", b'{"data": {}}', "invalid_type"),
        ("", b'{"data": [{"selected": "yes"}]}', "invalid_type"),
        ("", b'{"data": [{"name": "sound"}, 7]}', "invalid_type"),
        ("replace=yes", b'{"data": []}', "invalid_parameter"),
        ("replace=", b'{"data": []}', "invalid_parameter"),
        ("replace=true&replace=false", b'{"data": []}', "invalid_parameter"),
    ],
)
def test_a_bad_post_is_400_and_changes_nothing(api: Api, query: str, body: bytes, code: str) -> None:
    before = api.rows("schools")
    assert error_of(api, "POST", path("schools", query=query), body=body) == (400, code)
    assert api.rows("schools") == before


@pytest.mark.parametrize("body", [b"", b"[]", b'{"name": 1}', b'{"school_id": "%s"}' % NEW.encode()])
def test_a_bad_put_is_400_and_changes_nothing(api: Api, body: bytes) -> None:
    before = api.rows("schools")
    assert api.send("PUT", path("schools", before[0]["school_id"]), body=body).status == 400
    assert api.rows("schools") == before


def test_an_append_of_what_is_there_is_refused_whole(api: Api) -> None:
    before = api.rows("schools")
    document = {"data": [{"school_id": NEW}, {"school_id": before[0]["school_id"]}]}
    assert error_of(api, "POST", path("schools", query="replace=false"), document=document) == (400, "duplicate")
    assert api.rows("schools") == before


def test_a_server_may_store_a_second_row_of_the_same_id(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(append="duplicate"))
    first = api.rows("schools")[0]
    api.send("POST", path("schools", query="replace=false"), {"data": [first]})
    assert [row["school_id"] for row in api.rows("schools")].count(first["school_id"]) == 2
    api.send("DELETE", path("schools", first["school_id"]))
    assert first["school_id"] not in [row["school_id"] for row in api.rows("schools")]


def test_rows_and_bodies_may_be_limited(make_api: Callable[..., Api]) -> None:
    few = make_api(behaviour=Behaviour(max_rows_per_post=2))
    assert error_of(few, "POST", path("schools"), document={"data": [{}, {}, {}]}) == (413, "too_large")
    short = make_api(behaviour=Behaviour(max_body_bytes=100))
    assert error_of(short, "POST", path("schools"), document={"data": [{"name": "x" * 100}]}) == (413, "too_large")
    school_id = short.rows("schools")[0]["school_id"]
    assert error_of(short, "PUT", path("schools", school_id), document={"name": "x" * 100}) == (413, "too_large")
    assert len(short.rows("schools")) == 7
    assert few.send("POST", path("schools"), {"data": [{}, {}]}).status == 200


def test_a_row_without_an_id_is_kept_but_cannot_be_named(api: Api) -> None:
    api.send("POST", path("schools"), {"data": [{"name": "nameless"}, {"name": "nameless"}]})
    assert [row["name"] for row in api.rows("schools")] == ["nameless", "nameless"]
    assert "school_id" not in api.rows("schools")[0]


def test_a_row_that_carries_an_id_is_named_by_it(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(checks_uuids=False))
    row = {**api.rows("schools")[0], "id": "Own/1"}
    api.store.replace(api.district.id, "schools", [row])
    assert api.get(path("schools", "Own%2F1")).document() == {"data": row}
    assert api.get(path("schools", row["school_id"])).status == 404


def test_rows_may_be_answered_without_tenant_id(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(rows_carry_tenant_id=False))
    school_id = api.rows("schools")[0]["school_id"]
    answers = [
        *api.get(path("schools")).document()["data"],
        api.get(path("schools", school_id)).document()["data"],
        api.send("PUT", path("schools", school_id), {}).document()["data"],
        api.send("POST", path("schools"), {"data": [{"school_id": NEW}]}).document()["data"],
    ]
    assert not any({"tenant_id", "account_id"} & row.keys() for row in answers)
    assert api.rows("schools")[0]["tenant_id"] == api.district.id


@pytest.mark.parametrize(("refused", "status"), [("207", 207), ("200", 200)])
def test_every_second_row_of_a_post_may_be_refused(make_api: Callable[..., Api], refused: Any, status: int) -> None:
    api = make_api(behaviour=Behaviour(refused_rows=refused))
    rows = [{"school_id": f"{number:08d}-0000-4000-8000-000000000000"} for number in range(5)]
    answer = api.send("POST", path("schools"), {"data": rows})
    assert (answer.status, answer.document()["data"]["school_id"]) == (status, rows[0]["school_id"])
    assert [row["school_id"] for row in api.rows("schools")] == [row["school_id"] for row in rows[::2]]
    alone = api.send("POST", path("schools", query="replace=false"), {"data": rows[1:2]})
    assert (alone.status, api.rows("schools")[-1]["school_id"]) == (200, rows[1]["school_id"])


AT_TWO = (
    {"course_id": NEW, "school_id": ABSENT, "name": "at one"},
    {"course_id": NEW.upper(), "school_id": NEW, "name": "at the other"},
)


def names(api: Api) -> list[str]:
    return [row["name"] for row in api.rows("courses")]


def test_a_course_may_be_live_at_two_schools_but_at_each_only_once(make_api: Callable[..., Api]) -> None:
    assert error_of(make_api(), "POST", path("courses"), document={"data": AT_TWO}) == (400, "duplicate")
    api = make_api(behaviour=Behaviour(courses_per_school=True))
    assert api.send("POST", path("courses"), {"data": AT_TWO}).status == 200
    again = {"course_id": NEW, "school_id": ABSENT.upper()}
    assert error_of(api, "POST", path("courses", query="replace=false"), document={"data": [again]})[1] == "duplicate"
    assert names(api) == ["at one", "at the other"]


def test_calls_on_an_id_that_is_live_twice_reach_the_first_row(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(courses_per_school=True))
    api.send("POST", path("courses"), {"data": AT_TWO})
    assert api.get(path("courses", NEW)).document()["data"]["name"] == "at one"
    assert api.send("PUT", path("courses", NEW), {**AT_TWO[0], "name": "new"}).status == 200
    assert names(api) == ["new", "at the other"]
    assert api.send("DELETE", path("courses", NEW)).status == 204
    assert names(api) == ["at the other"]
    assert api.send("DELETE", path("courses", NEW)).status == 204


def test_a_put_cannot_move_a_course_onto_its_twin(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(courses_per_school=True))
    api.send("POST", path("courses"), {"data": AT_TWO})
    moved = {**AT_TWO[0], "school_id": NEW}
    assert error_of(api, "PUT", path("courses", NEW), document=moved) == (400, "duplicate")
    assert names(api) == ["at one", "at the other"]


def test_an_append_that_updates_finds_the_course_of_the_same_school(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(courses_per_school=True, append="update"))
    api.send("POST", path("courses"), {"data": AT_TWO})
    api.send("POST", path("courses", query="replace=false"), {"data": [{**AT_TWO[1], "name": "new"}]})
    assert names(api) == ["at one", "new"]


def test_rows_may_never_say_whose_they_are(make_api: Callable[..., Api]) -> None:
    api = make_api(behaviour=Behaviour(rows_carry_tenant_id=False))
    api.send("POST", path("schools", query="replace=false"), {"data": [{"school_id": NEW}]})
    assert not any(row.keys() & {"tenant_id", "account_id"} for row in api.get(path("schools")).document()["data"])
