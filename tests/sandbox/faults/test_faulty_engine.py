from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scopesync.sandbox.faults.faulty_engine import Faulty, Struck
from scopesync.sandbox.faults.script import NO_FAULTS, read_script
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

SCHOOLS = "/tenant/scoping/schools"
COURSES = "/tenant/scoping/courses"
HALF = {"name": "half", "when": {"probability": 0.5}, "do": {"answer": 503}}


def statuses(api: Api, *, requests: int) -> list[int]:
    return [api.get(SCHOOLS).status for _ in range(requests)]


def test_without_faults_nothing_is_changed(api: Api) -> None:
    assert Faulty(api.engine).script == NO_FAULTS
    assert api.under().get(SCHOOLS) == api.get(SCHOOLS)


@settings(examples(0.2), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers())
def test_the_same_script_and_requests_give_the_same_faults(api: Api, seed: int) -> None:
    first = statuses(api.under(HALF, seed=seed), requests=40)
    assert statuses(api.under(HALF, seed=seed), requests=40) == first


def test_another_seed_gives_other_faults(api: Api) -> None:
    runs = {tuple(statuses(api.under(HALF, seed=seed), requests=40)) for seed in range(8)}
    assert len(runs) == 8
    assert all({200, 503} == set(run) for run in runs)


def test_each_fault_counts_the_requests_that_it_meets(api: Api) -> None:
    faulty = api.under(
        {"name": "second list", "when": {"operation": "list", "from": 2, "to": 2}, "do": {"answer": 500}},
        {"name": "first of courses", "when": {"list": "courses", "times": 1}, "do": {"answer": 502}},
    )
    paths = (SCHOOLS, COURSES, COURSES, SCHOOLS)
    assert [faulty.get(path).status for path in paths] == [200, 500, 200, 200]
    assert faulty.faulty is not None
    where = ("GET", f"/v2/interop{COURSES}", "", api.district.id)
    assert faulty.faulty.struck == (Struck(2, "second list", *where), Struck(2, "first of courses", *where))


def test_the_first_of_two_faults_is_the_outer_one(api: Api) -> None:
    assert api.under({"do": {"spoil": "html"}}, {"do": {"answer": 500}}).get(SCHOOLS).body.startswith(b"<!doctype")
    assert api.under({"do": {"answer": 500}}, {"do": {"spoil": "html"}}).get(SCHOOLS).document()["error"]


def test_requests_can_be_counted_for_each_tenant_alone(api: Api, basic: Callable[..., dict[str, str]]) -> None:
    other = basic(api.other.client_id, api.other.client_secret)
    first_of_each = {"when": {"times": 1, "per": "tenant"}, "do": {"answer": 503}}
    faulty = api.under(first_of_each)
    assert [faulty.get(SCHOOLS).status, faulty.get(SCHOOLS).status] == [503, 200]
    assert [faulty.using(other).get(SCHOOLS).status for _ in range(2)] == [503, 200]


def test_a_tenants_faults_do_not_depend_on_who_else_asks(api: Api, basic: Callable[..., dict[str, str]]) -> None:
    fault = {**HALF, "when": {"probability": 0.5, "per": "tenant"}}
    alone = statuses(api.under(fault), requests=30)
    crowded = api.under(fault)
    other = crowded.using(basic(api.other.client_id, api.other.client_secret))
    assert [(other.get(SCHOOLS), crowded.get(SCHOOLS))[1].status for _ in range(30)] == alone


def test_another_script_starts_from_its_beginning(api: Api) -> None:
    once = read_script({"faults": [{"when": {"times": 1}, "do": {"answer": 503}}]})
    faulty = Faulty(api.engine, once)
    playing = api.under()
    playing.faulty = faulty
    assert statuses(playing, requests=2) == [503, 200]
    faulty.use(once)
    assert len(faulty.struck) == 0
    assert statuses(playing, requests=2) == [503, 200]
    faulty.forget_struck()
    assert (faulty.struck, statuses(playing, requests=1)) == ((), [200])


def test_no_count_is_lost_between_threads(api: Api) -> None:
    faulty = api.under({"when": {"every": 2}, "do": {"answer": 503}})

    def ask(_number: int) -> int:
        return faulty.get(SCHOOLS).status

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(200)))
    assert sorted(answers) == [200] * 100 + [503] * 100


def test_what_was_done_is_in_the_record_whatever_was_answered(api: Api) -> None:
    lost: dict[str, Any] = {"when": {"operation": "write"}, "do": {"drop": "after"}}
    refused = {"when": {"operation": "read"}, "do": {"answer": 503}}
    faulty = api.under(lost, refused)
    faulty.send("DELETE", SCHOOLS)
    faulty.get(SCHOOLS)
    assert [(one.method, one.status) for one in api.engine.served] == [("DELETE", 204)]
    assert faulty.faulty is not None
    assert [one.fault for one in faulty.faulty.struck] == ["faults[0]", "faults[1]"]


def test_thousands_of_faults_in_process(api: Api) -> None:
    faulty = api.under({"do": {"delay": 60, "spoil": "wrong-types", "cut": 5}}, {"do": {"drop": "after"}})
    for _ in range(3000):
        faulty.get(SCHOOLS)
    assert faulty.faulty is not None
    assert len(faulty.faulty.struck) == 6000
    assert sum(faulty.waits) == 3000 * 60
