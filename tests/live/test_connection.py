from __future__ import annotations

import logging
import traceback
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx
import pytest

from scopesync.environment import Environment
from scopesync.errors import CredentialError, HostError, LiveError, ScopesyncError
from scopesync.live.connection import ReadConnection, WriteConnection, reading, writing
from scopesync.live.http.client import HttpRequest
from scopesync.live.reader import TenantReader
from scopesync.live.writer import TenantWriter
from scopesync.model import SCHOOLS, DesiredTenant, SecretRef, Tenant
from scopesync.secrets import mask
from tests.live.conftest import course, school

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.model import Connection
    from tests.live.conftest import Server

CANARIES = ("canary-secret", "canary-vendor-key", "canary-of-record", "canary-token")


def _public(door: type) -> set[str]:
    return {name for name in dir(door) if not name.startswith("_")}


def test_the_reading_side_has_no_method_that_writes() -> None:
    assert _public(ReadConnection) == {"tenant", "records", "discovered"}
    assert _public(TenantReader) == {"read", "find"}
    assert _public(WriteConnection) == {"reader", "writer"}
    assert _public(TenantWriter) == {"append", "replace", "update", "delete", "clear"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_reading_connection_cannot_write_even_from_behind_its_doors(
    read_connection: ReadConnection, tenant: DesiredTenant, server: Server, method: str
) -> None:
    caller = read_connection._accounts.account(tenant).caller
    with pytest.raises(ScopesyncError, match="only reads"):
        caller.send(HttpRequest(method, "/v2/interop/tenant/scoping/schools/a", clears=True), "never")
    assert server.lines == []


@pytest.mark.parametrize("door", [reading, writing])
def test_a_host_that_is_not_allowed_is_never_asked(
    connection: Connection, opening: dict[str, Any], server: Server, door: Any
) -> None:
    with pytest.raises(HostError), door(replace(connection, base_url="https://evil.example"), **opening):
        pytest.fail("the connection was opened")
    assert server.requests == []


def test_only_the_given_environment_can_allow_a_host(
    connection: Connection, opening: dict[str, Any], tenant: DesiredTenant, server: Server
) -> None:
    elsewhere = replace(connection, base_url="https://proxy.example.org")
    environ = {**opening["environment"].variables, "SCOPESYNC_ALLOWED_HOSTS": "proxy.example.org"}
    with reading(elsewhere, **{**opening, "environment": Environment(environ)}) as opened:
        assert len(opened.tenant(replace(tenant, connection=elsewhere)).read().schools.rows) == 3
    assert {request.url.host for request in server.requests} == {"proxy.example.org"}


def test_opening_asks_for_nothing(read_connection: ReadConnection, tenant: DesiredTenant, server: Server) -> None:
    read_connection.tenant(tenant)
    assert server.requests == []


def test_a_reader_and_a_writer_share_one_token(
    write_connection: WriteConnection, tenant: DesiredTenant, server: Server
) -> None:
    write_connection.reader(tenant).read()
    write_connection.writer(tenant).clear(SCHOOLS)
    write_connection.reader(tenant).read()
    assert server.tokens == 1


def test_basic_needs_no_token(
    connection: Connection, opening: dict[str, Any], tenant: DesiredTenant, server: Server
) -> None:
    basic = replace(connection, auth="basic")
    with reading(basic, **opening) as opened:
        opened.tenant(replace(tenant, connection=basic)).read()
    expected = b64encode(b"springfield-client:canary-secret").decode()
    scoping = [request for request in server.requests if "/scoping/" in request.url.path]
    assert {request.headers["Authorization"] for request in scoping} == {f"Basic {expected}"}
    assert server.tokens == 0


def test_the_vendor_key_is_user_and_password(
    read_connection: ReadConnection, server: Server, record: dict[str, Any]
) -> None:
    server.tenants = [record]
    read_connection.records()
    expected = b64encode(b"canary-vendor-key:canary-vendor-key").decode()
    assert server.requests[0].headers["Authorization"] == f"Basic {expected}"


def test_without_a_vendor_key_nothing_is_discovered(connection: Connection, opening: dict[str, Any]) -> None:
    keyless = replace(connection, vendor_key=None)
    with reading(keyless, **opening) as opened, pytest.raises(CredentialError, match="no vendor key"):
        opened.records()


def test_without_a_vendor_key_nameless_rows_stay_unverified(
    connection: Connection, opening: dict[str, Any], tenant: DesiredTenant, server: Server
) -> None:
    server.rows = {"schools": [], "courses": []}
    keyless = replace(connection, vendor_key=None)
    with reading(keyless, **opening) as opened:
        assert opened.tenant(replace(tenant, connection=keyless)).read().identity.state == "unverified"


def test_a_vendor_key_that_is_not_set_hurts_only_where_it_is_needed(
    connection: Connection, opening: dict[str, Any], tenant: DesiredTenant
) -> None:
    environ = {name: value for name, value in opening["environment"].variables.items() if name != "VENDOR_KEY"}
    with reading(connection, **{**opening, "environment": Environment(environ)}) as opened:
        assert opened.tenant(tenant).read().identity.state == "verified"
        with pytest.raises(CredentialError, match="VENDOR_KEY"):
            opened.records()


def test_a_tenant_without_a_credential_is_opened_with_that_of_its_record(
    connection: Connection, opening: dict[str, Any], tenant: DesiredTenant, server: Server, record: dict[str, Any]
) -> None:
    server.tenants = [record]
    with reading(connection, **{**opening, "environment": Environment({"VENDOR_KEY": "canary-vendor-key"})}) as opened:
        assert opened.tenant(tenant).read().identity.state == "verified"
    forms = [parse_qs(request.content.decode()) for request in server.requests if request.method == "POST"]
    assert [form["client_secret"] for form in forms] == [["canary-of-record"]]


def test_a_missing_credential_is_an_error_of_that_tenant_when_it_is_read(
    read_connection: ReadConnection, connection: Connection
) -> None:
    reader = read_connection.tenant(DesiredTenant(Tenant("other", "shelbyville"), connection, {}))
    with pytest.raises(CredentialError, match="shelbyville"):
        reader.read()


def test_a_tenant_of_another_connection_gets_no_credential(
    read_connection: ReadConnection, tenant: DesiredTenant, server: Server
) -> None:
    stranger = replace(tenant, connection=replace(tenant.connection, name="eu1"))
    with pytest.raises(ScopesyncError, match="another connection"):
        read_connection.tenant(stranger).read()
    assert server.requests == []


def test_fault_22_threads_never_mix_up_the_credentials_of_tenants(
    connection: Connection, opening: dict[str, Any]
) -> None:
    """Each tenant's token opens rows of that tenant alone, so that a mix-up would show as `foreign`."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            client = parse_qs(request.content.decode())["client_id"][0]
            return httpx.Response(200, json={"access_token": f"token-of-{client}"})
        tenant_id = request.headers["Authorization"].removeprefix("Bearer token-of-client-")
        rows = [{"tenant_id": tenant_id}] if request.url.params["page"] == "0" else []
        return httpx.Response(200, json={"data": rows, "paging": {}})

    names = [f"tenant-{n}" for n in range(30)]
    environ = {f"ID_{n}": f"client-{name}" for n, name in enumerate(names)} | {"SECRET": "canary-secret"}
    changed = {**opening, "environment": Environment(environ), "transport": httpx.MockTransport(answer)}
    with reading(connection, **changed) as opened, ThreadPoolExecutor(12) as pool:
        readers = [
            opened.tenant(
                DesiredTenant(
                    Tenant(name, name),
                    connection,
                    {},
                    credentials=(SecretRef("env", f"ID_{n}"), SecretRef("env", "SECRET")),
                )
            )
            for n, name in enumerate(names)
        ]
        lives = list(pool.map(TenantReader.read, readers * 3))
    assert [live.tenant.id for live in lives] == names * 3
    assert {live.identity.state for live in lives} == {"verified"}


def test_fault_23_twenty_threads_of_one_tenant_make_one_token_request(
    read_connection: ReadConnection, tenant: DesiredTenant, server: Server
) -> None:
    with ThreadPoolExecutor(20) as pool:
        lives = list(pool.map(lambda _: read_connection.tenant(tenant).read(), range(20)))
    assert {len(live.courses.rows) for live in lives} == {12}
    assert server.tokens == 1


@pytest.mark.parametrize("expires_in", [1, 0, None, "soon", -1])
def test_fault_23_a_strange_life_of_a_token_is_no_loop(
    read_connection: ReadConnection, tenant: DesiredTenant, server: Server, expires_in: Any
) -> None:
    server.token = {"expires_in": expires_in}
    read_connection.tenant(tenant).read()
    assert server.tokens == 1


ANSWERS = [httpx.Response(400, text="canary"), httpx.Response(200, text="{}"), httpx.ReadError("x")]


@pytest.mark.parametrize("failing", ["", "GET /tenants", "GET /tenant/scoping/schools", "POST /oauth/token"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_no_secret_is_in_a_log_an_error_or_a_traceback(
    read_connection: ReadConnection,
    tenant: DesiredTenant,
    server: Server,
    caplog: pytest.LogCaptureFixture,
    *,
    failing: str,
    answer: httpx.Response | Exception,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.tenants = [{"id": tenant.tenant.id, "auth": {"client_id": "c", "client_secret": "canary-of-record"}}]
    server.script[failing] = [answer] * 20
    left = []
    for read in (read_connection.records, read_connection.tenant(tenant).read):
        try:
            left.append(repr(read()))
        except LiveError as error:
            left.append("".join(traceback.format_exception(error)) + str(error.hint))
    text = caplog.text + "".join(left)
    assert text == mask(text)
    assert not [canary for canary in CANARIES if canary in text]


@pytest.mark.usefixtures("read_connection")
def test_the_loggers_beneath_are_quiet() -> None:
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("httpcore.http11").isEnabledFor(logging.DEBUG)


OWN_RECORD = "GET /tenants/7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11"


@pytest.fixture
def keyless(
    connection: Connection, opening: dict[str, Any], tenant: DesiredTenant, server: Server
) -> Iterator[TenantReader]:
    """The reader of a tenant without a vendor key, whose rows name no tenant."""
    server.rows = {"schools": [school(1, None)], "courses": [course(1, None)]}
    without_key = replace(connection, vendor_key=None)
    with reading(without_key, **opening) as opened:
        yield opened.tenant(replace(tenant, connection=without_key))


def test_fault_55_where_rows_say_nothing_the_tenants_own_credential_asks_for_its_record(
    keyless: TenantReader, server: Server, record: dict[str, Any]
) -> None:
    server.tenants = [record]
    assert keyless.read().identity.state == "verified"
    assert keyless.read().identity.state == "verified"
    assert server.lines.count(OWN_RECORD) == 1
    asked = next(request for request in server.requests if request.url.path.endswith(record["id"]))
    assert asked.headers["Authorization"] == "Bearer canary-token-1"


@pytest.mark.parametrize(
    "changes", [{"id": "00000000-0000-4000-8000-000000000000"}, {"auth": {"client_id": "of-another"}}], ids=str
)
def test_fault_55_a_record_of_another_tenant_or_pair_is_foreign(
    keyless: TenantReader, server: Server, record: dict[str, Any], changes: dict[str, Any]
) -> None:
    server.script[OWN_RECORD] = [httpx.Response(200, json={"data": {**record, **changes}})]
    assert keyless.read().identity.state == "foreign"


@pytest.mark.parametrize(
    "answer",
    [
        *(httpx.Response(status) for status in (401, 403, 404, 400, 405, 500, 503)),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json={"data": []}),
        httpx.Response(200, json={"data": {"id": "7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11"}}),
        httpx.ReadTimeout("late"),
    ],
    ids=str,
)
def test_a_record_that_the_own_credential_does_not_see_is_no_failure_and_renews_no_token(
    keyless: TenantReader, server: Server, answer: httpx.Response | Exception
) -> None:
    server.script[OWN_RECORD] = [answer]
    live = keyless.read()
    assert (live.identity.state, len(live.schools.rows)) == ("unverified", 1)
    assert keyless.read().identity.state == "unverified"
    assert server.tokens == 1
    assert server.lines.count(OWN_RECORD) == 1


def test_the_own_record_is_not_asked_for_where_rows_name_the_tenant(
    connection: Connection, opening: dict[str, Any], tenant: DesiredTenant, server: Server
) -> None:
    without_key = replace(connection, vendor_key=None)
    with reading(without_key, **opening) as opened:
        opened.tenant(replace(tenant, connection=without_key)).read()
    assert OWN_RECORD not in server.lines


ACCOUNT = "11111111-0000-4000-8000-000000000001"


@pytest.fixture
def seen(server: Server, record: dict[str, Any]) -> Server:
    """Four tenants: two accounts, each with two integrations."""
    accounts = ({"id": ACCOUNT, "name": "North"}, {"id": ACCOUNT[:-1] + "2", "name": "South"})
    integrations = ({"id": "i1", "name": "Reading"}, {"id": "i2", "name": "Maths, and more"})
    server.tenants = [
        {**record, "id": f"{account['name']} {integration['id']}", "account": account, "integration": integration}
        for account in accounts
        for integration in integrations
    ]
    return server


@pytest.mark.parametrize(
    ("filters", "found", "sent"),
    [
        (([ACCOUNT.upper()], []), ["North i1", "North i2"], f"&accounts={ACCOUNT}"),
        ((["North"], []), ["North i1", "North i2"], ""),
        ((["South", ACCOUNT], []), ["North i1", "North i2", "South i1", "South i2"], ""),
        (([], ["i1", "Reading"]), ["North i1", "South i1"], "&integrations=i1%2CReading"),
        (([], ["Maths, and more"]), ["North i2", "South i2"], ""),
        (([ACCOUNT], ["i2"]), ["North i2"], f"&accounts={ACCOUNT}&integrations=i2"),
        ((["East"], []), [], ""),
    ],
)
def test_records_are_asked_for_by_account_and_integration_and_filtered_again(
    read_connection: ReadConnection,
    seen: Server,
    filters: tuple[list[str], list[str]],
    found: list[str],
    sent: str,
) -> None:
    """The server ignores both, as the real one is known to do."""
    records = read_connection.records(accounts=filters[0], integrations=filters[1])
    assert [record.id for record in records] == found
    assert seen.lines == [f"GET /tenants?page=0&page_size=5{sent}", f"GET /tenants?page=1&page_size=5{sent}"]


def test_filtered_records_are_not_taken_for_all(
    read_connection: ReadConnection, server: Server, tenant: DesiredTenant, record: dict[str, Any]
) -> None:
    server.tenants = [{**record, "license": {"status": "expired"}}]
    read_connection.records(accounts=["Nobody"])
    assert read_connection.tenant(tenant).read().notes == ("the license is expired",)
