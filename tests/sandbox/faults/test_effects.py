from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from scopesync.sandbox.api.engine import Behaviour
from scopesync.sandbox.api.row_fields import is_uuid
from tests.support.engine_transport import engine_transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.conftest import Api

SCHOOLS = "/tenant/scoping/schools"
APPEND = f"{SCHOOLS}?replace=false"
NEW = {"school_id": "cccccccc-0000-4000-8000-000000000000", "name": "New"}


def pages(api: Api, *, until: int) -> list[dict[str, Any]]:
    return [row for page in range(until) for row in api.get(f"{SCHOOLS}?page={page}").document()["data"]]


def gather(pieces: Iterator[bytes], arrived: bytearray) -> None:
    for piece in pieces:
        arrived += piece


def served(api: Api) -> list[tuple[str, int]]:
    return [(one.method, one.status) for one in api.engine.served]


def test_a_delay_sleeps_before_and_after_the_work(api: Api) -> None:
    slow = api.under({"do": {"delay": {"before": 2, "after": 3}}})
    assert slow.get(SCHOOLS).status == 200
    assert slow.waits == [2, 3]


def test_a_drop_before_the_work_loses_it(api: Api) -> None:
    answer = api.under({"do": {"drop": "before"}}).send("DELETE", SCHOOLS)
    assert answer.sending.drops
    assert len(api.rows("schools")) == 7
    assert served(api) == []


def test_a_drop_after_the_work_loses_the_answer_alone(api: Api) -> None:
    answer = api.under({"do": {"drop": "after"}}).send("POST", APPEND, {"data": [NEW]})
    assert answer.sending.drops
    assert len(api.rows("schools")) == 8
    assert served(api) == [("POST", 200)]


@pytest.mark.parametrize(("cut", "arrives"), [(0, 0), (10, 10), (-1, -1), (-(10**9), 0)])
def test_a_cut_lets_the_start_of_the_body_through(api: Api, cut: int, arrives: int) -> None:
    whole = api.get(SCHOOLS).body
    answer = api.under({"do": {"cut": cut}}).get(SCHOOLS)
    arrived = bytearray()
    with pytest.raises(ConnectionResetError):
        gather(answer.pieces(), arrived)
    assert arrived == whole[:arrives]


def test_a_drip_is_slow_and_whole(api: Api) -> None:
    answer = api.under({"do": {"drip": {"bytes": 5, "pause": 2}}}).get(SCHOOLS)
    pieces = list(answer.pieces())
    assert {len(piece) for piece in pieces[:-1]} == {5}
    assert b"".join(pieces) == api.get(SCHOOLS).body
    assert answer.sending.pause_s == 2


def test_a_huge_body_costs_no_memory_until_it_is_sent(api: Api) -> None:
    answer = api.under({"do": {"huge": 5_000_000_000}}).get(SCHOOLS)
    assert answer.sending.length(answer.body) == len(answer.body) + 5_000_000_000
    assert next(answer.pieces()) == answer.body
    assert api.under({"do": {"endless": True}}).get(SCHOOLS).sending.length(b"") is None


def test_a_bomb_and_a_long_header(api: Api) -> None:
    answer = api.under({"do": {"gzip_bomb": 5000, "long_header": 3000}}).get(SCHOOLS)
    assert len(zlib.decompress(answer.body, wbits=31)) == len(api.get(SCHOOLS).body) + 5000
    assert len(answer.headers["X-Padding"]) == 3000


@pytest.mark.parametrize("do", [{"gzip_bomb": 9}, {"spoil": "html"}, {"cut": 0}, {"huge": 9}, {"endless": True}])
def test_an_answer_without_a_body_stays_without(api: Api, do: dict[str, Any]) -> None:
    answer = api.under({"do": do}).send("DELETE", SCHOOLS)
    assert (answer.status, list(answer.pieces())) == (204, [])


def test_an_answer_stands_in_the_place_of_the_work(api: Api) -> None:
    faulty = api.under({"do": {"answer": {"status": 429, "headers": {"Retry-After": "soon"}}}})
    answer = faulty.send("DELETE", SCHOOLS)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "soon")
    assert answer.document()["error"]["status"] == 429
    assert len(api.rows("schools")) == 7
    assert served(api) == []


def test_an_answer_may_hide_work_that_was_done(api: Api) -> None:
    answer = api.under({"do": {"answer": {"status": 500, "done": True}}}).send("DELETE", SCHOOLS)
    assert answer.status == 500
    assert api.rows("schools") == ()
    assert served(api) == [("DELETE", 204)]


def test_an_answer_may_have_any_body_or_none(api: Api) -> None:
    assert api.under({"do": {"answer": {"status": 200, "json": {"data": []}}}}).get(SCHOOLS).document() == {"data": []}
    assert api.under({"do": {"answer": {"status": 200, "text": ""}}}).get(SCHOOLS).body == b""
    html = api.under({"do": {"answer": {"status": 200, "text": "<p>", "headers": {"Content-Type": "text/html"}}}})
    assert html.get(SCHOOLS).headers["Content-Type"] == "text/html"
    assert api.under({"do": {"answer": 304}}).get(SCHOOLS).body == b""
    assert b"<html>" in api.under({"do": {"answer": 502, "spoil": "html"}}).get(SCHOOLS).body
    answer = api.under({"do": {"redirect": "https://elsewhere.example/"}}).get(SCHOOLS)
    assert (answer.status, answer.headers["Location"]) == (307, "https://elsewhere.example/")


@pytest.mark.parametrize(("change", "read"), [({"insert": 1}, 7), ({"remove": 1}, 5), ({"move": 1}, 6)])
def test_rows_that_shift_between_two_pages_make_a_wrong_read(api: Api, change: dict[str, int], read: int) -> None:
    api.engine.behaviour = Behaviour(max_page_size=3)
    before = api.rows("schools")
    shifting = api.under({"when": {"operation": "list", "page": 1, "times": 1}, "do": {"shift": change}})
    rows = pages(shifting, until=2)
    assert rows[:3] == list(before[:3])
    keys = [row["school_id"] for row in rows]
    assert len(keys) - len(set(keys)) == (1 if "insert" in change else 0)
    after = pages(api, until=4)
    assert len(after) == {"insert": 8, "remove": 6, "move": 7}[next(iter(change))]
    assert [row for row in after if row not in rows or after.index(row) > read] != []


def test_a_row_that_somebody_else_inserts_is_a_sound_row(api: Api) -> None:
    shifting = api.under({"do": {"shift": {"insert": 2}}})
    first, second = shifting.get(SCHOOLS).document()["data"][:2]
    assert first["school_id"] != second["school_id"]
    assert all(is_uuid(row["school_id"]) and row["tenant_id"] == api.district.id for row in (first, second))
    assert shifting.using({}).get(SCHOOLS).status == 401
    ids = [row["school_id"] for row in shifting.get(SCHOOLS).document()["data"]]
    assert len(set(ids)) == len(ids) == 7 + 4


def test_tokens_end_in_the_middle_of_a_read(api: Api) -> None:
    faulty = api.under({"when": {"operation": "list", "page": 1, "times": 1}, "do": {"expire_tokens": "tenant"}})
    mine = faulty.using({"Authorization": f"Bearer {faulty.token()}"})
    assert mine.get(SCHOOLS).status == 200
    assert mine.get(f"{SCHOOLS}?page=1").status == 401
    again = faulty.using({"Authorization": f"Bearer {faulty.token()}"})
    assert again.get(f"{SCHOOLS}?page=1").status == 200


def test_only_the_tokens_of_the_requests_tenant_end_unless_all_do(api: Api, basic: Callable[..., Any]) -> None:
    mine = api.using({"Authorization": f"Bearer {api.token()}"})
    others = basic(api.other.client_id, api.other.client_secret)
    api.under({"do": {"expire_tokens": "tenant"}}).using(others).get(SCHOOLS)
    api.under({"do": {"expire_tokens": "tenant"}}).using({}).get(SCHOOLS)
    assert mine.get(SCHOOLS).status == 200
    api.under({"do": {"expire_tokens": "all"}}).using({}).get(SCHOOLS)
    assert mine.get(SCHOOLS).status == 401


def test_a_swapped_credential_opens_another_tenant_and_the_record_says_so(api: Api) -> None:
    swapped = api.under({"do": {"swap": api.other.id}})
    assert {row["tenant_id"] for row in swapped.get(SCHOOLS).document()["data"]} == {api.other.id}
    swapped.send("DELETE", SCHOOLS)
    assert [one.tenant_id for one in api.engine.served] == [api.other.id] * 2
    assert len(api.rows("schools")) == 7
    assert api.store.rows(api.other.id, "schools") == ()


def test_a_swapped_token_opens_the_other_tenant_for_its_whole_life(api: Api) -> None:
    swapped = api.under({"when": {"operation": "token"}, "do": {"swap": api.other.id}})
    mine = swapped.using({"Authorization": f"Bearer {swapped.token()}"})
    assert {row["tenant_id"] for row in mine.get(SCHOOLS).document()["data"]} == {api.other.id}


def test_a_credential_may_be_made_to_open_nothing(api: Api) -> None:
    nobody = "dddddddd-0000-4000-8000-000000000000"
    assert api.under({"do": {"swap": nobody}}).get(SCHOOLS).status == 401


def test_behaviour_changes_for_the_requests_that_are_met_alone(api: Api) -> None:
    faulty = api.under(
        {"do": {"behaviour": {"max_page_size": 5, "honours_page_size": False}}},
        {"when": {"page": 1}, "do": {"behaviour": {"paging_next": "token", "paging_end": "null"}}},
    )
    first = faulty.get(f"{SCHOOLS}?page_size=2").document()
    assert (len(first["data"]), first["paging"]) == (5, {"next": "1"})
    last = faulty.get(f"{SCHOOLS}?page=1").document()
    assert (len(last["data"]), last["paging"]) == (2, {"next": None})
    assert api.engine.behaviour == Behaviour()


@pytest.mark.parametrize(("append", "status", "rows"), [("duplicate", 200, 8), ("reject", 400, 7), ("update", 200, 7)])
def test_an_append_of_what_is_there_has_each_outcome(api: Api, append: str, status: int, rows: int) -> None:
    faulty = api.under({"when": {"operation": "create"}, "do": {"behaviour": {"append": append}}})
    assert faulty.send("POST", APPEND, {"data": [api.rows("schools")[0]]}).status == status
    assert len(api.rows("schools")) == rows


@pytest.mark.parametrize(
    "do",
    [{"drop": "before"}, {"drop": "after"}, {"cut": 5}, {"cut": 5, "huge": 9}, {"endless": True, "cut": 10**6}],
)
def test_a_broken_connection_is_an_error_of_the_http_client(api: Api, do: dict[str, Any]) -> None:
    transport = engine_transport(api.under({"do": do}).layer)
    with (
        httpx.Client(transport=transport, base_url="https://api.example", headers=api.credential) as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.get(f"/v2/interop{SCHOOLS}")


def test_a_slow_body_sleeps_in_process_too(api: Api) -> None:
    waits: list[float] = []
    transport = engine_transport(api.under({"do": {"drip": {"bytes": 100, "pause": 9}}}).layer, sleep=waits.append)
    with httpx.Client(transport=transport, base_url="https://api.example", headers=api.credential) as client:
        answer = client.get(f"/v2/interop{SCHOOLS}")
    assert json.loads(answer.content)["data"]
    assert waits == [9] * -(-len(answer.content) // 100)
