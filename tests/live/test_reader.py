from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from scopesync.errors import AnswerError, CredentialError, HostError, LiveError, UnreachableError, UnstableReadError
from scopesync.live.vendor_records import NOT_SEEN
from scopesync.model import COURSES as COURSES_KIND
from scopesync.model import SCHOOLS as SCHOOLS_KIND
from tests.live.conftest import SECRET, course

if TYPE_CHECKING:
    from scopesync.live.connection import ReadConnection
    from scopesync.live.reader import TenantReader
    from scopesync.model import DesiredTenant
    from tests.live.conftest import Server

SCHOOLS = "GET /tenant/scoping/schools"
COURSES = "GET /tenant/scoping/courses"
OTHER = "00000000-0000-4000-8000-000000000000"


def _ids(rows: Any, name: str) -> list[str]:
    return [row[name] for row in rows]


def test_both_lists_are_read_whole_and_for_no_more_than_they_cost(
    reader: TenantReader, server: Server, record: dict[str, Any]
) -> None:
    server.tenants = [record]
    live = reader.read()
    assert _ids(live.schools.rows, "school_id") == [f"school-{n}" for n in range(3)]
    assert _ids(live.courses.rows, "course_id") == [f"course-{n}" for n in range(12)]
    assert live.identity.state == "verified"
    assert server.lines == [
        "GET /tenant/scoping/courses?page=0&page_size=5",
        "GET /tenant/scoping/courses?page=1&page_size=5",
        "GET /tenant/scoping/courses?page=2&page_size=5",
        "GET /tenant/scoping/schools?page=0&page_size=5",
        "GET /tenants?page=0&page_size=5",
    ]
    assert server.tokens == 1


def test_an_empty_tenant_is_read_as_empty(reader: TenantReader, server: Server) -> None:
    server.rows = {"schools": [], "courses": []}
    live = reader.read()
    assert (live.schools.rows, live.courses.rows) == ((), ())


@pytest.mark.parametrize("failure", [500, 502, 503, httpx.ReadError("reset"), httpx.ReadTimeout("late")])
@pytest.mark.parametrize("page", [0, 1, 2])
def test_fault_13_a_failing_page_is_asked_for_again(
    reader: TenantReader, server: Server, failure: int | Exception, page: int
) -> None:
    def fail() -> httpx.Response | Exception:
        return failure if isinstance(failure, Exception) else httpx.Response(failure)

    good = [
        server.page(server.rows["courses"], httpx.Request("GET", f"http://h/?page={n}&page_size=5")) for n in range(3)
    ]
    server.script[COURSES] = [*good[:page], fail(), fail(), *good[page:]]
    assert len(reader.read().courses.rows) == 12


@pytest.mark.parametrize("failure", [500, 503, 429])
def test_fault_13_a_page_that_never_comes_is_no_list(reader: TenantReader, server: Server, failure: int) -> None:
    first = server.page(server.rows["courses"], httpx.Request("GET", "http://h/?page=0&page_size=5"))
    server.script[COURSES] = [first, *[httpx.Response(failure) for _ in range(100)]]
    with pytest.raises(UnreachableError, match=f"answered {failure}"):
        reader.read()
    busy = failure in (429, 503)  # "later" costs no attempt, but time: fault 52
    assert (len(server.lines) > 6) == busy
    assert len(server.lines) < 20


def test_fault_13_a_connection_that_always_drops_is_no_list(reader: TenantReader, server: Server) -> None:
    server.script[SCHOOLS] = [httpx.RemoteProtocolError("gone") for _ in range(100)]
    with pytest.raises(UnreachableError):
        reader.read()


BAD_BODIES = [
    b"<html>maintenance</html>",
    b'{"data": [{"name": "cu',
    b"{}",
    b'{"data": [], "error": {"message": "no"}}',
    b'{"data": [{"name": NaN}]}',
    b'{"data": [{"name": 7}]}',
]


@pytest.mark.parametrize("body", BAD_BODIES)
def test_fault_16_an_answer_that_makes_no_sense_is_asked_for_once_more(
    reader: TenantReader, server: Server, body: bytes
) -> None:
    server.script[SCHOOLS] = [httpx.Response(200, content=body)]
    assert len(reader.read().schools.rows) == 3


@pytest.mark.parametrize("body", BAD_BODIES)
def test_fault_16_and_then_there_is_no_list(reader: TenantReader, server: Server, body: bytes) -> None:
    server.script[SCHOOLS] = [httpx.Response(200, content=body) for _ in range(3)]
    with pytest.raises(AnswerError, match="GET /v2/interop/tenant/scoping/schools"):
        reader.read()
    assert len(server.script[SCHOOLS]) == 1


@pytest.mark.parametrize("body", [b"<html>", b'{"access_token": ', b"[]", b'{"access_token": 7}', b"{}"])
def test_fault_16_a_token_answer_that_makes_no_sense_is_asked_for_once_more(
    reader: TenantReader, server: Server, body: bytes
) -> None:
    token = "POST /oauth/token"
    server.script[token] = [httpx.Response(200, content=body)]
    assert len(reader.read().schools.rows) == 3
    server.script[SCHOOLS] = [httpx.Response(401)]
    server.script[token] = [httpx.Response(200, content=body) for _ in range(9)]
    with pytest.raises(LiveError, match="POST /oauth/token answered"):
        reader.read()
    assert len(server.script[token]) == 7


def test_fault_39_a_server_that_quotes_the_secret_is_not_quoted(reader: TenantReader, server: Server) -> None:
    message = "x" * 290 + SECRET + " is wrong, and so is canary-token-1"
    server.script[SCHOOLS] = [httpx.Response(400, json={"error": {"message": message, "details": [SECRET]}})]
    with pytest.raises(AnswerError, match=r"\*\*\*") as caught:
        reader.read()
    assert "canary" not in str(caught.value)


def test_fault_18_what_is_odd_and_allowed_comes_through(reader: TenantReader, server: Server) -> None:
    odd: list[dict[str, Any]] = [
        {"unknown": [1]},
        {"school_id": "a"},
        {"school_id": "a"},
        {"school_id": None, "name": None},
    ]
    server.rows["schools"] = odd
    assert list(reader.read().schools.rows) == odd


@pytest.mark.parametrize("status", [404, 400, 410, 204, 206])
def test_fault_20_another_status_is_never_an_empty_list(reader: TenantReader, server: Server, status: int) -> None:
    server.script[SCHOOLS] = [httpx.Response(status, json={"error": {"message": "because"}}) for _ in range(9)]
    with pytest.raises(AnswerError, match=f"answered {status}"):
        reader.read()
    assert len(server.script[SCHOOLS]) == 8


@pytest.mark.parametrize("status", [401, 403])
def test_fault_20_one_new_token_and_one_repeat(reader: TenantReader, server: Server, status: int) -> None:
    server.script[SCHOOLS] = [httpx.Response(status)]
    assert len(reader.read().schools.rows) == 3
    assert server.tokens == 2


@pytest.mark.parametrize("status", [401, 403])
def test_fault_20_refused_again_is_a_credential_error(reader: TenantReader, server: Server, status: int) -> None:
    server.script[SCHOOLS] = [httpx.Response(status) for _ in range(9)]
    with pytest.raises(CredentialError):
        reader.read()
    assert server.tokens == 2
    assert len(server.script[SCHOOLS]) == 7


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_fault_21_a_redirect_is_refused(reader: TenantReader, server: Server, status: int) -> None:
    server.script[SCHOOLS] = [httpx.Response(status, headers={"Location": "https://evil.example/"})]
    with pytest.raises(AnswerError, match="redirects are not followed"):
        reader.read()
    assert {request.url.host for request in server.requests} == {"api.us2.kimonocloud.com"}


def test_fault_21_a_redirected_token_call_is_refused(reader: TenantReader, server: Server) -> None:
    server.script["POST /oauth/token"] = [httpx.Response(307, headers={"Location": "https://evil.example/"})]
    with pytest.raises(LiveError, match="redirects are not followed"):
        reader.read()
    assert len(server.requests) == 1


def test_fault_21_a_next_on_another_host_is_refused(reader: TenantReader, server: Server) -> None:
    next_page = "https://evil.example/v2/interop/tenant/scoping/schools?page=1"
    server.script[SCHOOLS] = [httpx.Response(200, json={"data": [{}], "paging": {"next": next_page}})]
    with pytest.raises(HostError):
        reader.read()
    assert {request.url.host for request in server.requests} == {"api.us2.kimonocloud.com"}


def test_fault_15_a_list_in_motion_is_no_list(reader: TenantReader, server: Server) -> None:
    pages = [[f"{n}", f"{n + 1}"] for n in range(40)]
    server.script[SCHOOLS] = [
        httpx.Response(
            200,
            json={"data": [{"school_id": i} for i in ids], "paging": {"next": None if number % 2 else "1"}},
        )
        for number, ids in enumerate(pages)
    ]
    with pytest.raises(UnstableReadError):
        reader.read()


@pytest.mark.parametrize("kind", ["schools", "courses"])
def test_fault_22_rows_of_another_tenant_are_foreign(reader: TenantReader, server: Server, kind: str) -> None:
    server.rows[kind][1]["tenant_id"] = OTHER
    identity = reader.read().identity
    assert identity.state == "foreign"
    assert OTHER in identity.evidence


def _nameless(server: Server) -> None:
    for rows in server.rows.values():
        for row in rows:
            row["tenant_id"] = None


def test_fault_22_where_rows_say_nothing_the_record_is_asked(
    reader: TenantReader, server: Server, record: dict[str, Any]
) -> None:
    _nameless(server)
    server.tenants = [record]
    assert reader.read().identity.state == "verified"
    assert server.lines[-1] == "GET /tenants?page=0&page_size=5"


def test_fault_22_a_record_that_the_list_does_not_show_is_asked_for_by_itself(
    reader: TenantReader, server: Server, record: dict[str, Any]
) -> None:
    _nameless(server)
    server.script["GET /tenants"] = [httpx.Response(404)]
    server.tenants = [record]
    assert reader.read().identity.state == "verified"
    assert server.lines[-1] == f"GET /tenants/{record['id']}"


def test_fault_22_a_record_with_another_client_id_is_foreign(
    reader: TenantReader, server: Server, record: dict[str, Any]
) -> None:
    _nameless(server)
    server.tenants = [{**record, "auth": {"client_id": "of-another"}}]
    assert reader.read().identity.state == "foreign"


def test_a_tenant_that_the_vendor_key_does_not_see_is_unverified(reader: TenantReader, server: Server) -> None:
    _nameless(server)
    assert reader.read().identity.state == "unverified"


def test_a_check_that_was_asked_for_and_cannot_be_made_is_an_error(reader: TenantReader, server: Server) -> None:
    _nameless(server)
    server.script[f"GET /tenants/{'7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11'}"] = [httpx.Response(401)]
    with pytest.raises(CredentialError):
        reader.read()


def test_the_records_of_a_vendor_are_read_over_all_pages(
    read_connection: ReadConnection, server: Server, record: dict[str, Any]
) -> None:
    server.tenants = [{**record, "id": f"tenant-{n}"} for n in range(12)]
    assert [found.id for found in read_connection.records()] == [f"tenant-{n}" for n in range(12)]
    assert len(server.requests) == 3
    assert server.tokens == 0


def test_a_tenant_without_a_file_is_read_with_the_credential_of_its_record(
    read_connection: ReadConnection, server: Server, record: dict[str, Any]
) -> None:
    server.tenants = [record]
    (found,) = read_connection.records()
    live = read_connection.discovered(found).read()
    assert (live.tenant.id, live.tenant.name) == (record["id"], "Springfield")
    assert b"client_secret=canary-of-record" in [r.content.split(b"&")[-1] for r in server.requests if r.content]
    assert len(live.courses.rows) == 12


def test_a_record_that_was_seen_is_not_asked_for_again(
    read_connection: ReadConnection, server: Server, record: dict[str, Any], tenant: DesiredTenant
) -> None:
    _nameless(server)
    server.tenants = [record]
    read_connection.records()
    assert read_connection.tenant(tenant).read().identity.state == "verified"
    assert server.lines.count("GET /tenants?page=0&page_size=5") == 1
    assert not [line for line in server.lines if line.startswith("GET /tenants/")]


def test_a_license_and_a_state_that_are_not_active_are_noted(
    reader: TenantReader, server: Server, record: dict[str, Any]
) -> None:
    server.tenants = [
        {
            **record,
            "license": {"status": "expired", "valid_to": "2024-06-30"},
            "status": {"op_state": "Running", "setup_state": "paused"},
        }
    ]
    assert reader.read().notes == (
        "the license is expired (valid until 2024-06-30)",
        "the set-up of the integration is paused",
    )


def test_an_active_tenant_has_no_notes(reader: TenantReader, server: Server, record: dict[str, Any]) -> None:
    server.tenants = [record]
    assert reader.read().notes == ()


def test_the_vendors_list_is_asked_for_once_for_all_tenants_also_in_vain(
    read_connection: ReadConnection, tenant: DesiredTenant, server: Server
) -> None:
    server.script["GET /tenants"] = [httpx.Response(401)]
    notes = [read_connection.tenant(tenant).read().notes for _ in range(3)]
    assert notes == [(NOT_SEEN,)] * 3
    assert server.lines.count("GET /tenants?page=0&page_size=5") == 1


def _courses_page(server: Server, number: int, following: str | None) -> httpx.Response:
    rows = server.rows["courses"][number * 5 : number * 5 + 5]
    return httpx.Response(200, json={"data": rows, "paging": {"next": following}})


@pytest.mark.parametrize("status", [204, 400, 404, 416])
def test_fault_47_a_page_that_nothing_announced_and_that_is_refused_is_the_end(
    reader: TenantReader, server: Server, status: int
) -> None:
    server.rows["courses"] = server.rows["courses"][:10]
    server.script[COURSES] = [
        _courses_page(server, 0, "1"),
        _courses_page(server, 1, None),
        *[httpx.Response(status) for _ in range(2)],
    ]
    assert len(reader.read().courses.rows) == 10


@pytest.mark.parametrize("status", [204, 400, 404, 416])
def test_fault_47_an_announced_page_that_is_refused_is_named(reader: TenantReader, server: Server, status: int) -> None:
    server.script[COURSES] = [_courses_page(server, 0, "1"), *[httpx.Response(status) for _ in range(9)]]
    with pytest.raises(AnswerError, match=rf"GET /v2/interop/tenant/scoping/courses \(page 1\) answered {status}"):
        reader.read()


@pytest.mark.parametrize("status", [401, 403, 410, 500])
def test_fault_47_any_other_refusal_of_a_page_is_no_end(reader: TenantReader, server: Server, status: int) -> None:
    server.script[COURSES] = [_courses_page(server, 0, None), *[httpx.Response(status) for _ in range(20)]]
    with pytest.raises(LiveError, match=str(status)):
        reader.read()


def test_a_page_that_is_a_token_is_not_shown(reader: TenantReader, server: Server) -> None:
    server.script[COURSES] = [_courses_page(server, 0, "canary-token-of-a-page"), httpx.Response(404)]
    with pytest.raises(AnswerError, match=r"\(a later page\) answered 404") as caught:
        reader.read()
    assert "canary" not in str(caught.value)


def test_fault_49_a_vendor_key_that_sees_no_tenant_says_so(read_connection: ReadConnection) -> None:
    with pytest.raises(CredentialError, match="the vendor key sees no tenant"):
        read_connection.records()


def test_fault_54_a_course_at_two_schools_is_two_rows(reader: TenantReader, server: Server) -> None:
    rows = [course(number, school_id=f"school-{school}") for school in range(2) for number in range(6)]
    rows.sort(key=lambda row: row["course_id"])
    server.rows["courses"] = rows
    assert list(reader.read().courses.rows) == rows
    assert sum("courses" in line for line in server.lines) == 3  # read once: no row was seen twice


ITEM = "GET /tenant/scoping/schools/school-1"


def test_a_row_is_found_by_its_id(reader: TenantReader, server: Server) -> None:
    row = {"school_id": "school-1", "name": "One", "unknown": [1]}
    server.script[ITEM] = [httpx.Response(200, json={"data": row, "error": None})]
    assert reader.find(SCHOOLS_KIND, "school-1") == row
    assert server.lines == [ITEM]


def test_a_row_that_is_not_there_is_none(reader: TenantReader, server: Server) -> None:
    server.script[ITEM] = [httpx.Response(404)]
    assert reader.find(SCHOOLS_KIND, "school-1") is None


@pytest.mark.parametrize(
    "body",
    [
        {"data": None},
        {"data": []},
        {"data": {"school_id": "school-1", "name": 7}},
        {"data": {"school_id": "school-1", "selected": "yes"}},
        {"data": {"school_id": "school-1"}, "error": {"message": "no"}},
        {"data": {"school_id": "school-2"}},
    ],
    ids=str,
)
def test_an_answer_that_is_not_that_row_is_neither_found_nor_missing(
    reader: TenantReader, server: Server, body: dict[str, Any]
) -> None:
    server.script[ITEM] = [httpx.Response(200, json=body) for _ in range(2)]
    with pytest.raises(AnswerError, match="GET /v2/interop/tenant/scoping/schools/school-1"):
        reader.find(SCHOOLS_KIND, "school-1")


@pytest.mark.parametrize("failure", [500, 503, 429, httpx.ReadTimeout("late")])
def test_a_row_is_looked_for_again_as_every_read_is(
    reader: TenantReader, server: Server, failure: int | Exception
) -> None:
    first = failure if isinstance(failure, Exception) else httpx.Response(failure)
    server.script[ITEM] = [first, httpx.Response(200, json={"data": {"school_id": "SCHOOL-1", "id": "school-1"}})]
    assert reader.find(SCHOOLS_KIND, "school-1") is not None


def test_an_id_that_is_another_spelling_of_the_same_one_is_found(reader: TenantReader, server: Server) -> None:
    server.script[f"GET /tenant/scoping/courses/{OTHER}"] = [
        httpx.Response(200, json={"data": {"course_id": OTHER.replace("-", "").upper()}})
    ]
    assert reader.find(COURSES_KIND, OTHER) is not None


def test_an_id_that_could_name_another_place_is_not_looked_for(reader: TenantReader, server: Server) -> None:
    with pytest.raises(LiveError, match="nothing was sent"):
        reader.find(SCHOOLS_KIND, "..")
    assert server.lines == []


def test_fault_45_no_read_is_answered_from_a_cache(reader: TenantReader, server: Server) -> None:
    reader.read()
    reads = [request for request in server.requests if request.method == "GET"]
    assert {request.headers.get("Cache-Control") for request in reads} == {"no-cache"}
