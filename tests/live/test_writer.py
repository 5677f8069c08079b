from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.errors import ConflictError, CredentialError, WriteError
from scopesync.live.paths import item_path
from scopesync.model import COURSES, SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.live.writer import TenantWriter
    from tests.live.conftest import Clock, Server

LIST = "/tenant/scoping/schools"
ROWS = ({"school_id": "a", "name": "École d'été", "unknown": [1]}, {"school_id": "b"})

WRITES: dict[str, tuple[str, Callable[[TenantWriter], None]]] = {
    "append": (f"POST {LIST}", lambda writer: writer.append(SCHOOLS, ROWS)),
    "replace": (f"POST {LIST}", lambda writer: writer.replace(SCHOOLS, ROWS)),
    "update": (f"PUT {LIST}/a", lambda writer: writer.update(SCHOOLS, "a", ROWS[0])),
    "delete": (f"DELETE {LIST}/a", lambda writer: writer.delete(SCHOOLS, "a")),
    "clear": (f"DELETE {LIST}", lambda writer: writer.clear(SCHOOLS)),
}
SAFE = {"update", "delete"}
every_write = pytest.mark.parametrize("name", list(WRITES))


def _fail(writer: TenantWriter, server: Server, name: str, *answers: int | Exception) -> WriteError:
    """Do that write while the server answers so; the error that comes of it."""
    line, write = WRITES[name]
    server.script[line] = [a if isinstance(a, Exception) else httpx.Response(a) for a in answers]
    with pytest.raises(WriteError) as caught:
        write(writer)
    return caught.value


def test_every_write_is_the_call_that_it_should_be(writer: TenantWriter, server: Server) -> None:
    for _, write in WRITES.values():
        write(writer)
    assert server.lines == [
        f"POST {LIST}?replace=false",
        f"POST {LIST}?replace=true",
        f"PUT {LIST}/a",
        f"DELETE {LIST}/a",
        f"DELETE {LIST}",
    ]
    bodies = [request.content for request in server.requests[1:]]
    assert [json.loads(body) for body in bodies if body] == [{"data": list(ROWS)}] * 2 + [ROWS[0]]
    assert server.tokens == 1


def test_only_clear_can_send_the_delete_of_a_list(writer: TenantWriter, server: Server) -> None:
    for name in ("append", "replace", "update", "delete"):
        WRITES[name][1](writer)
    assert f"DELETE {LIST}" not in server.lines


@pytest.mark.parametrize("item_id", ["a b", "a/b", "%41", "ä", "a?b#c", "..a", "a.", "~", "a;b", "%2"])
def test_an_id_is_one_segment(writer: TenantWriter, server: Server, item_id: str) -> None:
    writer.delete(SCHOOLS, item_id)
    target = server.requests[-1].url.raw_path.decode()
    assert target.count("/") == 6
    assert httpx.URL(f"http://h/{target.rsplit('/', 1)[1]}").path == f"/{item_id}"


DANGEROUS = ["", " ", ".", "..", "%2e", "%2E%2e", "%252e", "/", "a/", "/a", "a/..", "a//b", "\\", "a\\..", " .", "%20"]
UNPRINTABLE = ["\t", "a\nb", "\x00", "a\x7f", "a\u202eb", "\u200b", "a\ud800", "\u00a0"]


@pytest.mark.parametrize("item_id", DANGEROUS + UNPRINTABLE)
def test_an_id_that_could_name_another_place_is_not_sent(writer: TenantWriter, server: Server, item_id: str) -> None:
    with pytest.raises(WriteError, match="nothing was sent") as caught:
        writer.delete(SCHOOLS, item_id)
    assert (caught.value.landed, caught.value.status) == (False, None)
    with pytest.raises(WriteError, match="nothing was sent"):
        writer.update(SCHOOLS, item_id, {})
    assert server.requests == []


@given(st.text(max_size=30))
def test_no_id_builds_the_path_of_a_list(item_id: str) -> None:
    try:
        path = item_path(COURSES, item_id)
    except WriteError:
        return
    before, _, segment = path.rpartition("/")
    assert before == "/v2/interop/tenant/scoping/courses"
    assert httpx.URL(f"http://h{path}").raw_path.decode() == path
    assert segment.strip(".") != ""


@pytest.mark.parametrize("name", ["append", "replace"])
def test_no_rows_are_never_posted(writer: TenantWriter, server: Server, name: str) -> None:
    with pytest.raises(WriteError, match="nothing was sent"):
        getattr(writer, name)(SCHOOLS, ())
    assert server.requests == []


def test_a_row_that_is_no_json_is_not_sent(writer: TenantWriter, server: Server) -> None:
    for value in (float("nan"), {1, 2}, "\ud800"):
        with pytest.raises(WriteError, match="nothing was sent"):
            writer.append(SCHOOLS, [{"name": value}])
    assert server.requests == []


@every_write
@pytest.mark.parametrize("failure", [httpx.ReadTimeout("late"), httpx.ReadError("reset"), 500, 502, 504])
def test_fault_25_a_write_that_may_have_landed_says_so(
    writer: TenantWriter, server: Server, name: str, failure: int | Exception
) -> None:
    error = _fail(writer, server, name, *[failure] * 40)
    assert error.landed is None
    assert error.status == (None if isinstance(failure, Exception) else failure)
    assert len(server.lines) == (5 if name in SAFE else 1)


@pytest.mark.parametrize("failure", [httpx.ReadTimeout("late"), httpx.RemoteProtocolError("reset"), 500, 503])
def test_fault_25_an_append_is_never_repeated_blindly(
    writer: TenantWriter, server: Server, failure: int | Exception
) -> None:
    _fail(writer, server, "append", failure)
    assert server.lines == [f"POST {LIST}?replace=false"]


@every_write
def test_a_write_that_never_left_has_not_landed(writer: TenantWriter, server: Server, name: str) -> None:
    assert _fail(writer, server, name, *[httpx.ConnectError("refused")] * 9).landed is False


@every_write
def test_a_write_without_a_token_has_not_landed(writer: TenantWriter, server: Server, name: str) -> None:
    server.script["POST /oauth/token"] = [httpx.ReadTimeout("late") for _ in range(9)]
    assert _fail(writer, server, name).landed is False
    assert server.lines == []


@every_write
def test_fault_26_a_429_is_sent_again_when_the_server_says(
    writer: TenantWriter, server: Server, clock: Clock, name: str
) -> None:
    line, write = WRITES[name]
    server.script[line] = [httpx.Response(429, headers={"Retry-After": "9"})]
    write(writer)
    assert clock.slept == [9]


@every_write
@pytest.mark.parametrize("status", [400, 413, 415, 422, 429])
def test_fault_27_a_plain_refusal_has_not_landed(writer: TenantWriter, server: Server, name: str, status: int) -> None:
    error = _fail(writer, server, name, *[status] * 40)
    assert (error.landed, error.status) == (False, status)


@every_write
@pytest.mark.parametrize("status", [409, 412])
def test_fault_27_somebody_else_writes(writer: TenantWriter, server: Server, name: str, status: int) -> None:
    error = _fail(writer, server, name, status)
    assert isinstance(error, ConflictError)
    assert (error.landed, error.status, error.exit_code) == (False, status, 4)


def test_a_refusal_after_a_doubtful_attempt_leaves_the_doubt(writer: TenantWriter, server: Server) -> None:
    for status in (400, 409):
        assert _fail(writer, server, "update", httpx.ReadTimeout("late"), status).landed is None


def test_fault_29_a_delete_of_what_is_gone_is_done(writer: TenantWriter, server: Server) -> None:
    server.script[f"DELETE {LIST}/a"] = [httpx.ReadTimeout("late"), httpx.Response(404)]
    writer.delete(SCHOOLS, "a")
    assert len(server.lines) == 2


@pytest.mark.parametrize("name", ["append", "replace", "update", "clear"])
def test_fault_29_any_other_404_is_a_refusal(writer: TenantWriter, server: Server, name: str) -> None:
    error = _fail(writer, server, name, 404)
    assert (error.landed, error.status) == (False, 404)


@every_write
def test_a_redirected_write_is_in_doubt(writer: TenantWriter, server: Server, name: str) -> None:
    error = _fail(writer, server, name, 307)
    assert (error.landed, error.status) == (None, 307)


@every_write
@pytest.mark.parametrize("body", [b"<html>", b'{"error": {"message": "no"}}', b"[]", b'{"data": '])
def test_a_good_status_with_bad_news_is_in_doubt(writer: TenantWriter, server: Server, name: str, body: bytes) -> None:
    line, write = WRITES[name]
    server.script[line] = [httpx.Response(200, content=body)]
    with pytest.raises(WriteError) as caught:
        write(writer)
    assert (caught.value.landed, caught.value.status) == (None, 200)


@every_write
@pytest.mark.parametrize("answer", [(200, b""), (204, b""), (201, b"{}"), (200, b'{"data": {}, "error": null}')])
def test_any_good_answer_is_accepted(
    writer: TenantWriter, server: Server, name: str, answer: tuple[int, bytes]
) -> None:
    line, write = WRITES[name]
    server.script[line] = [httpx.Response(answer[0], content=answer[1])]
    write(writer)
    assert server.script[line] == []


@every_write
def test_a_refused_token_is_renewed_and_nothing_is_sent_with_the_new_one_before_somebody_looks(
    writer: TenantWriter, server: Server, name: str
) -> None:
    """Fault 22: whose lists a new token opens has not been seen yet."""
    line, write = WRITES[name]
    server.script[line] = [httpx.Response(401)]
    with pytest.raises(WriteError, match="new token, unseen yet") as caught:
        write(writer)
    assert caught.value.landed is None
    assert len(server.lines) == 1
    write(writer)
    assert server.requests[-1].headers["Authorization"] == "Bearer canary-token-2"


@every_write
def test_a_write_that_is_refused_again_is_refused_for_good(writer: TenantWriter, server: Server, name: str) -> None:
    line, write = WRITES[name]
    server.script[line] = [httpx.Response(403), httpx.Response(403)]
    with pytest.raises(WriteError):
        write(writer)
    with pytest.raises(CredentialError):
        write(writer)
    assert server.tokens == 2


@every_write
@pytest.mark.parametrize("error", [{}, {"status": 200, "code": "", "message": None, "details": []}], ids=str)
def test_fault_48_a_write_whose_error_says_nothing_is_accepted(
    writer: TenantWriter, server: Server, name: str, error: dict[str, Any]
) -> None:
    line, write = WRITES[name]
    server.script[line] = [httpx.Response(200, json={"data": {}, "error": error})]
    write(writer)
    assert server.script[line] == []


@every_write
def test_fault_48_a_write_whose_error_says_something_is_in_doubt(
    writer: TenantWriter, server: Server, name: str
) -> None:
    line, write = WRITES[name]
    server.script[line] = [httpx.Response(200, json={"data": {}, "error": {"status": 200, "message": "too late"}})]
    with pytest.raises(WriteError, match="too late") as caught:
        write(writer)
    assert caught.value.landed is None


@every_write
def test_fault_45_a_write_that_is_accepted_and_not_done_yet_is_in_doubt(
    writer: TenantWriter, server: Server, name: str
) -> None:
    error = _fail(writer, server, name, 202)
    assert (error.landed, error.status) == (None, 202)
    assert "accepted, not done yet" in error.message
    assert len(server.lines) == 1


REFUSED_ROWS: dict[str, dict[str, Any]] = {
    "statuses": {"data": [{"school_id": "a", "status": 200}, {"school_id": "b", "status": 422}]},
    "texts": {"results": [{"status": "201"}, {"id": "b", "status": "409"}]},
    "errors": {"data": [{"data": {"school_id": "a"}}, {"data": {"school_id": "b"}, "error": {"message": "no"}}]},
    "list": {"data": {}, "errors": [{"school_id": "b", "message": "no"}]},
}


@pytest.mark.parametrize("form", list(REFUSED_ROWS))
def test_fault_51_the_rows_that_a_207_refuses_are_named(writer: TenantWriter, server: Server, form: str) -> None:
    server.script[f"POST {LIST}"] = [httpx.Response(207, json=REFUSED_ROWS[form])]
    with pytest.raises(WriteError, match=r"the server refused 1 of the rows: b \(") as caught:
        writer.append(SCHOOLS, ROWS)
    assert (caught.value.landed, caught.value.status) == (None, 207)


def test_fault_51_many_refused_rows_are_counted(writer: TenantWriter, server: Server) -> None:
    entries = [{"school_id": f"s{number}", "status": 400} for number in range(200)]
    server.script[f"POST {LIST}"] = [httpx.Response(207, json={"data": entries})]
    with pytest.raises(WriteError, match=r"refused 200 of the rows: s0 .* and 190 more") as caught:
        writer.append(SCHOOLS, ROWS)
    assert len(caught.value.message) < 600


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data": [{"school_id": "a"}]}', b'{"data": [{"status": 201}, 7]}'])
def test_a_207_that_names_no_refused_row_is_left_to_the_proof(
    writer: TenantWriter, server: Server, body: bytes
) -> None:
    server.script[f"POST {LIST}"] = [httpx.Response(207, content=body)]
    writer.append(SCHOOLS, ROWS)
    assert len(server.lines) == 1
