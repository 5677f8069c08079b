"""Servers in time: over the engine, with a clock that the test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.api.engine import Behaviour, Request, Served

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

    MakeApi = Callable[..., Api]

SCHOOLS, COURSES = "/tenant/scoping/schools", "/tenant/scoping/courses"
NEW = "cccccccc-0000-4000-8000-000000000000"
OTHER = "dddddddd-0000-4000-8000-000000000000"


def append(api: Api, *school_ids: str) -> Any:
    return api.send("POST", f"{SCHOOLS}?replace=false", {"data": [{"school_id": one} for one in school_ids]})


def answered_ids(api: Api) -> list[str]:
    return [row["school_id"] for row in api.get(SCHOOLS).document()["data"]]


def live_ids(api: Api) -> list[str]:
    return [row["school_id"] for row in api.rows("schools")]


def test_a_write_is_seen_seconds_later_by_every_kind_of_read(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(read_lag_s=5))
    before = answered_ids(api)
    assert append(api, NEW).status == 200
    assert live_ids(api) == [*before, NEW]
    assert answered_ids(api) == before
    assert api.get(f"{SCHOOLS}/{NEW}").status == 404
    api.clock.now += 5
    assert answered_ids(api) == [*before, NEW]
    assert api.get(f"{SCHOOLS}/{NEW}").status == 200


def test_writes_become_visible_one_after_the_other_in_their_order(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(read_lag_s=5))
    before = answered_ids(api)
    append(api, NEW)
    api.clock.now += 3
    append(api, OTHER)
    api.clock.now += 2
    assert answered_ids(api) == [*before, NEW]
    api.clock.now += 3
    assert answered_ids(api) == [*before, NEW, OTHER]


def test_a_write_is_seen_after_so_many_reads(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(read_lag_reads=2))
    append(api, NEW)
    assert [NEW in answered_ids(api) for _ in range(4)] == [False, False, True, True]


def test_every_second_read_may_lag_until_all_show_the_write(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(read_lag_s=5, lagging_reads="every-second"))
    append(api, NEW)
    assert [NEW in answered_ids(api) for _ in range(4)] == [False, True, False, True]
    api.clock.now += 5
    assert [NEW in answered_ids(api) for _ in range(4)] == [True] * 4


def test_the_lag_is_that_of_the_list_that_was_written(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(read_lag_s=5))
    append(api, NEW)
    other = api.using({"Authorization": api.credential["Authorization"]})
    assert len(other.get(COURSES).document()["data"]) == len(api.rows("courses"))
    assert api.store.rows(api.other.id, "schools") == api.other.schools[:3]


def test_an_answer_may_come_from_a_cache_unless_none_is_asked_for(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(cached_s=60))
    before = answered_ids(api)
    append(api, NEW)
    assert answered_ids(api) == before
    fresh = api.using({**api.credential, "Cache-Control": "no-cache"})
    assert answered_ids(fresh) == [*before, NEW]
    assert answered_ids(api) == [*before, NEW]  # the cache now holds what was read past it
    append(api, OTHER)
    api.clock.now += 60
    assert answered_ids(api) == [*before, NEW, OTHER]


def test_a_cached_answer_is_no_other_tenants(make_api: MakeApi, basic: Callable[..., dict[str, str]]) -> None:
    api = make_api(behaviour=Behaviour(cached_s=60))
    mine = answered_ids(api)
    assert answered_ids(api.using(basic(api.other.client_id, api.other.client_secret))) != mine


def test_writes_are_carried_out_seconds_after_their_answer(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(write_delay_s=5))
    before = live_ids(api)
    answer = append(api, NEW)
    assert (answer.status, answer.document()["data"]["school_id"]) == (200, NEW)
    assert api.send("DELETE", f"{SCHOOLS}/{before[0]}").status == 204
    assert api.send("PUT", f"{SCHOOLS}/{before[1]}", {"name": "new"}).document()["data"]["name"] == "new"
    assert live_ids(api) == answered_ids(api) == before
    api.clock.now += 5
    assert answered_ids(api) == live_ids(api) == [*before[1:], NEW]
    assert api.rows("schools")[0]["name"] == "new"


def test_what_is_due_is_carried_out_without_a_request_too(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(write_delay_s=5))
    append(api, NEW)
    api.clock.now += 5
    assert NEW not in live_ids(api)
    api.engine.do_what_is_due()
    assert NEW in live_ids(api)


def test_a_write_that_would_be_refused_is_refused_at_once(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(write_delay_s=5, post_answer="202"))
    live = live_ids(api)
    assert append(api, live[0]).status == 400
    assert api.send("DELETE", f"{SCHOOLS}/{NEW}").status == 404
    api.clock.now += 5
    assert answered_ids(api) == live


def test_a_write_that_has_become_impossible_is_dropped_in_silence(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(write_delay_s=5))
    assert [append(api, NEW).status, append(api, NEW, OTHER).status] == [200, 200]
    api.clock.now += 5
    assert answered_ids(api)[-1] == NEW
    assert OTHER not in live_ids(api)


def test_a_hook_sees_a_late_write_when_it_is_carried_out(make_api: MakeApi) -> None:
    seen: list[tuple[Served, bool]] = []
    api: Api = make_api(
        behaviour=Behaviour(post_delay_s=5),
        on_write=lambda served: seen.append((served, NEW in live_ids(api))),
    )
    append(api, NEW)
    assert seen == []
    api.clock.now += 5
    api.engine.do_what_is_due()
    expected = Served("POST", f"/v2/interop{SCHOOLS}", "replace=false", 200, api.district.id)
    assert seen == [(expected, True)]


def test_only_a_post_may_be_late(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(post_delay_s=5))
    first = live_ids(api)[0]
    append(api, NEW)
    api.send("DELETE", f"{SCHOOLS}/{first}")
    assert first not in live_ids(api)
    assert NEW not in live_ids(api)


@pytest.mark.parametrize(("post_answer", "status"), [("202", 202), ("504", 504), ("200", 200)])
def test_a_post_is_accepted_or_given_up_by_a_gateway_and_lands_later(
    make_api: MakeApi, post_answer: Any, status: int
) -> None:
    api = make_api(behaviour=Behaviour(post_answer=post_answer, post_delay_s=3))
    assert append(api, NEW).status == status
    assert api.engine.served[-1].status == status
    api.clock.now += 2.9
    assert NEW not in answered_ids(api)
    api.clock.now += 0.1
    assert answered_ids(api).count(NEW) == 1


def test_a_post_whose_connection_is_dropped_lands_later(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(post_answer="dropped", post_delay_s=3))
    assert append(api, NEW).sending.drops
    assert not append(api, "no id").sending.drops  # what is refused is answered
    api.clock.now += 3
    assert NEW in answered_ids(api)


def test_a_replace_in_the_background_wipes_first(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(refill_delay_s=4))
    kept = [dict(row) for row in api.rows("schools")[:2]]
    assert api.send("POST", f"{SCHOOLS}?replace=true", {"data": kept}).status == 200
    assert answered_ids(api) == []
    api.clock.now += 4
    assert answered_ids(api) == [row["school_id"] for row in kept]
    assert append(api, NEW).status == 200
    assert NEW in live_ids(api)  # an append is no replace


def test_a_replace_in_the_background_may_also_begin_late(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(refill_delay_s=4, write_delay_s=1))
    before = answered_ids(api)
    api.send("POST", f"{SCHOOLS}?replace=true", {"data": [{"school_id": NEW}]})
    seen = []
    for wait in (0, 1, 4):
        api.clock.now += wait
        seen.append(answered_ids(api))
    assert seen == [before, [], [NEW]]


def test_a_replace_of_schools_takes_the_courses_of_those_that_left(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(cascade="replace"))
    schools, course = api.rows("schools"), dict(api.rows("courses")[0])
    elsewhere = {**course, "course_id": NEW, "school_id": schools[1]["school_id"]}
    by_reference = {"course_id": OTHER, "school_ref_id": schools[0]["school_ref_id"]}
    api.store.replace(api.district.id, "courses", [course, elsewhere, by_reference])
    assert api.send("DELETE", f"{SCHOOLS}/{schools[2]['school_id']}").status == 204
    assert len(api.rows("courses")) == 3
    api.send("POST", SCHOOLS, {"data": list(schools[1:])})
    assert api.rows("courses") == (elsewhere,)


def test_a_school_may_take_its_courses_whenever_it_goes(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(cascade="always"))
    assert api.send("DELETE", f"{SCHOOLS}/{api.rows('courses')[0]['school_id']}").status == 204
    assert api.rows("courses") == ()


def test_a_replace_in_the_background_takes_every_course_of_a_school_with_it(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(cascade="replace", refill_delay_s=4))
    api.send("POST", SCHOOLS, {"data": list(api.rows("schools"))})
    api.clock.now += 4
    assert len(answered_ids(api)) == 7
    assert api.rows("courses") == ()


def test_a_script_can_make_one_post_late_and_leave_the_others(make_api: MakeApi) -> None:
    late = {"behaviour": {"post_answer": "504", "post_delay_s": 3}}
    api = make_api().under({"when": {"operation": "create", "times": 1}, "do": late})
    assert [append(api, NEW).status, append(api, OTHER).status] == [504, 200]
    assert NEW not in live_ids(api)
    api.clock.now += 3
    assert answered_ids(api)[-2:] == [OTHER, NEW]


def test_a_tenant_is_asked_for_by_its_own_request_alone(make_api: MakeApi) -> None:
    api = make_api(behaviour=Behaviour(read_lag_reads=1))
    append(api, NEW)
    request = Request.to("GET", f"/v2/interop{SCHOOLS}", headers=api.credential)
    assert api.engine.tenant_of(request) == api.district.id  # looking at a credential is no read of a list
    assert [NEW in answered_ids(api) for _ in range(2)] == [False, True]
