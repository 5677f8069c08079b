"""The draw of habits: sound, whole, and answered by the engine whatever is drawn. And what an apply makes of each one.

An apply on a server with a harmless habit is *ok*: it ends with 0, in the end the store is as the files say, and the
same run at once sends nothing more. On a stubborn one it may be *named* (5, and every row that is not as it was asked
for is among the differences) or *refused* (nothing was written). `result_of` has a word in capitals for all else.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import fields
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopesync.sandbox.api.behaviour import PLAIN, Behaviour
from scopesync.sandbox.api.engine import Engine, Request
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.faults.script import read_script
from scopesync.sandbox.sample_districts import districts
from tests.faults.habit_stage import SORTS, result_of
from tests.faults.server_habits import HARMLESS, STUBBORN, TOGETHER, drawn_habits
from tests.faults.turns import Clock
from tests.support.examples import examples

DISTRICT = districts()[0]
NEW = "cccccccc-0000-4000-8000-000000000000"
ELSEWHERE = {
    "paging_next",
    "paging_end",
    "next_after_full_page",
    "max_page_size",
    "oversized_page",
    "honours_page_size",
}
ELSEWHERE |= {"rows_carry_tenant_id", "nulls", "checks_uuids", "put", "append", "max_rows_per_post", "max_body_bytes"}
ELSEWHERE |= {"actor_auth", "token_lifetime_s", "expires_in"}
"""Drawn by the worlds themselves, or held by `test_unknowns`."""

OK = "ok ok ok ok"
STUBBORN_RESULTS: dict[tuple[str, Any], str] = {
    #                                   items   family  replace undo
    ("paging_url", "other-scheme"):     "ok      ok      ok      ok",
    ("paging_url", "inner-host"):       "ok      ok      ok      ok",
    ("first_page", 1):                  "refused refused refused refused",
    ("page_overlap", 1):                "refused refused refused refused",
    ("page_overlap", 3):                "refused refused refused refused",
    ("trims_text", True):               "named   ok      named   ok",
    ("normalises_names", True):         "named   ok      named   ok",
    ("cuts_text_at", 4):                "named   named   named   named",
    ("cuts_text_at", 20):               "named   ok      named   ok",
    ("escapes_html", True):             "named   ok      named   ok",
    ("lower_cases_text", True):         "named   ok      named   ok",
    ("sorts_keywords", True):           "named   ok      named   ok",
    ("names_from_roster", "always"):    "named   named   named   named",
    ("courses_per_school", True):       "ok      ok      ok      ok",
    ("refused_rows", "207"):            "named   named   named   ok",
    ("refused_rows", "200"):            "named   named   named   ok",
    ("cascade", "replace"):             "ok      ok      ok      ok",
    ("cascade", "always"):              "ok      ok      ok      ok",
    ("refill_delay_s", 1):              "ok      ok      ok      ok",
    ("refill_delay_s", 5):              "ok      ok      ok      ok",
}  # fmt: skip
"""What comes of each sort of change, in the order of `SORTS`."""

TAKES_COPIES = {"append": "duplicate"}
"""A server that stores a row twice when it is sent twice: the one on which a repeated append is seen."""

SEEN_WITH: dict[str, dict[str, Any]] = {"paging_url": {"paging_next": "url"}}
"""What a habit needs beside it in order to show."""


def _results(habits: dict[str, Any]) -> tuple[str, list[str]]:
    """The words for the four sorts of change, and the reasons."""
    results = [result_of(sort, {**TAKES_COPIES, **habits}) for sort in SORTS]
    return " ".join(result.word for result in results), [result.detail for result in results]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in HARMLESS.items() for value in values])
def test_an_apply_on_a_server_with_a_harmless_habit_ends_well(name: str, value: Any) -> None:
    words, reasons = _results({name: value})
    assert words == OK, reasons


@pytest.mark.parametrize("habits", TOGETHER, ids=str)
def test_an_apply_on_a_server_with_harmless_habits_together_ends_well(habits: dict[str, Any]) -> None:
    words, reasons = _results(habits)
    assert words == OK, reasons


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in STUBBORN.items() for value in values])
def test_an_apply_on_a_stubborn_server_does_no_harm_and_names_what_is_not_so(name: str, value: Any) -> None:
    words, reasons = _results({name: value, **SEEN_WITH.get(name, {})})
    assert words.split() == STUBBORN_RESULTS[name, value].split(), reasons


def test_every_field_of_a_behaviour_is_drawn_here_or_elsewhere() -> None:
    names = {field.name for field in fields(Behaviour)}
    assert HARMLESS.keys() | STUBBORN.keys() | ELSEWHERE == names
    assert not (HARMLESS.keys() | STUBBORN.keys()) & ELSEWHERE


def test_every_value_is_one_that_a_script_takes_and_that_differs_from_the_default() -> None:
    for menu in (HARMLESS, STUBBORN):
        for name, values in menu.items():
            for value in values:
                read_script({"faults": [{"do": {"behaviour": {name: value}}}]})
                assert getattr(Behaviour(**{name: value}), name) != getattr(PLAIN, name)


def test_the_draw_depends_on_chance_alone_and_leaves_out_what_is_asked() -> None:
    left_out = {"stamps", "read_lag_s"}
    drawn = [drawn_habits(_chance(seed), without=left_out) for seed in range(300)]
    assert drawn == [drawn_habits(_chance(seed), without=left_out) for seed in range(300)]
    assert {name for habits in drawn for name in habits} == HARMLESS.keys() - left_out
    assert {len(habits) for habits in drawn} == {0, 1, 2, 3}
    stubborn = [drawn_habits(_chance(seed), stubborn=True) for seed in range(1000)]
    assert {name for habits in stubborn for name in habits} == HARMLESS.keys() | STUBBORN.keys()


@given(st.integers(0, 10**6))
@settings(examples(0.5), deadline=None)
def test_the_engine_has_an_answer_whatever_is_drawn_and_ends_where_a_plain_one_ends(seed: int) -> None:
    """Harmless habits differ in when and how, never in what: once all is carried out, the same rows are live."""
    assert _live_in_the_end(drawn_habits(_chance(seed))) == _live_in_the_end({})


@given(st.integers(0, 10**6))
@settings(examples(0.5), deadline=None)
def test_a_stubborn_server_answers_too_and_invents_no_row(seed: int) -> None:
    known = {*(row["school_id"] for row in DISTRICT.schools[:5]), NEW}
    live = _live_in_the_end(drawn_habits(_chance(seed), stubborn=True))
    assert set(live) <= known
    assert len(live) == len(set(live))


def _live_in_the_end(habits: dict[str, Any]) -> list[str]:
    """The ids that are live once a server with these habits has had five calls, a hundred seconds apart."""
    clock = Clock()
    store = Store.in_memory()
    store.put_tenant(DISTRICT.record)
    store.replace(DISTRICT.id, "schools", DISTRICT.schools[:5])
    engine = Engine(store, behaviour=Behaviour(**habits), clock=clock)
    for method, path, body in _calls():
        response = engine.handle(_request(method, path, body))
        assert response.status in {200, 202, 204, 207, 503, 504}
        clock.sleep(100)
    engine.do_what_is_due()
    return [row["school_id"] for row in store.rows(DISTRICT.id, "schools")]


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same draw in every run, no secret


def _calls() -> list[tuple[str, str, bytes]]:
    first, second = (row["school_id"] for row in DISTRICT.schools[:2])
    return [
        ("GET", "", b""),
        ("POST", "?replace=false", f'{{"data": [{{"school_id": "{NEW}"}}]}}'.encode()),
        ("PUT", f"/{first}", b'{"name": "new"}'),
        ("DELETE", f"/{second}", b""),
        ("GET", "", b""),
    ]


def _request(method: str, path: str, body: bytes) -> Request:
    pair = b64encode(f"{DISTRICT.client_id}:{DISTRICT.client_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    return Request.to(method, f"/v2/interop/tenant/scoping/schools{path}", headers=headers, body=body)
