from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from scopesync.sandbox.api.engine import Behaviour, Engine, Request, Response, Served
from scopesync.sandbox.sample_districts import VENDOR_KEY
from tests.support.engine_transport import engine_transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api

SCHOOLS = "/tenant/scoping/schools"
NEW = "cccccccc-0000-4000-8000-000000000000"


def test_every_request_is_recorded_in_order_with_its_tenant(api: Api, basic: Callable[..., dict[str, str]]) -> None:
    api.token()
    api.get(f"{SCHOOLS}?page=0")
    api.get(f"{SCHOOLS}/0042")
    api.send("DELETE", SCHOOLS)
    api.using(basic(VENDOR_KEY)).get("/tenants")
    api.using({}).get("/nowhere")
    mine = api.district.id
    assert api.engine.served == (
        Served("POST", "/oauth/token", "", 200, mine),
        Served("GET", f"/v2/interop{SCHOOLS}", "page=0", 200, mine),
        Served("GET", f"/v2/interop{SCHOOLS}/0042", "", 400, mine),
        Served("DELETE", f"/v2/interop{SCHOOLS}", "", 204, mine),
        Served("GET", "/v2/interop/tenants", "", 200, None),
        Served("GET", "/v2/interop/nowhere", "", 404, None),
    )
    assert [served.method for served in api.engine.served if served.writes] == ["DELETE"]
    api.engine.forget_served()
    assert len(api.engine.served) == 0


@pytest.mark.parametrize(("method", "where"), [("POST", ""), ("DELETE", ""), ("PUT", "/{id}"), ("DELETE", "/{id}")])
@pytest.mark.parametrize("name", ["schools", "courses"])
def test_a_read_only_engine_refuses_and_records_every_write(
    make_api: Callable[..., Api], method: str, where: str, name: str
) -> None:
    api = make_api(read_only=True)
    before = (api.rows("schools"), api.rows("courses"))
    row_id = before[0][0]["school_id"] if name == "schools" else before[1][0]["course_id"]
    path = f"/tenant/scoping/{name}{where.format(id=row_id)}"
    answer = api.send(method, path, {"data": []} if method == "POST" else {})
    assert (answer.status, answer.document()["error"]["code"]) == (403, "read_only")
    assert (api.rows("schools"), api.rows("courses")) == before
    assert [(served.writes, served.status) for served in api.engine.served] == [(True, 403)]
    assert api.get(f"/tenant/scoping/{name}").status == 200


def test_behaviour_can_change_between_two_requests(api: Api) -> None:
    assert len(api.get(SCHOOLS).document()["data"]) == 7
    api.engine.behaviour = Behaviour(max_page_size=2)
    assert len(api.get(SCHOOLS).document()["data"]) == 2


def test_a_layer_of_faults_needs_nothing_but_handle(api: Api) -> None:
    class DropsTheFirstAnswer:
        def __init__(self, engine: Engine) -> None:
            self.engine = engine
            self.dropped = 0

        def handle(self, request: Request) -> Response:
            response = self.engine.handle(request)
            self.dropped += 1
            return Response(502, {}, b"<html>") if self.dropped == 1 else response

    layer = DropsTheFirstAnswer(api.engine)
    request = Request.to("DELETE", f"/v2/interop{SCHOOLS}", headers=api.credential)
    assert [layer.handle(request).status, layer.handle(request).status] == [502, 204]
    assert api.rows("schools") == ()


def test_the_engine_can_be_an_httpx_transport(api: Api) -> None:
    api.engine.behaviour = Behaviour(max_page_size=2, paging_next="url")
    base = "https://api.us2.kimonocloud.com"
    with httpx.Client(transport=engine_transport(api.engine), base_url=base, headers=api.credential) as client:
        read, url = [], f"/v2/interop{SCHOOLS}"
        while url:
            page = client.get(url).raise_for_status().json()
            read += page["data"]
            url = page["paging"].get("next", "")
        assert tuple(read) == api.rows("schools")
        answer = client.post(f"/v2/interop{SCHOOLS}", params={"replace": "false"}, json={"data": [{"school_id": NEW}]})
        assert answer.json()["data"]["school_id"] == NEW
        assert client.delete(f"/v2/interop{SCHOOLS}/{NEW}").status_code == 204
    assert api.engine.served[-1].path == f"/v2/interop{SCHOOLS}/{NEW}"


def test_a_hook_sees_the_state_right_after_every_write_that_was_done(make_api: Callable[..., Api]) -> None:
    seen: list[tuple[str, int]] = []

    def look(served: Served) -> None:
        seen.append((served.method, len(api.rows("schools"))))

    api: Api = make_api(on_write=look)
    api.get(SCHOOLS)
    api.send("POST", f"{SCHOOLS}?replace=false", {"data": [{"school_id": NEW}]})
    api.send("POST", f"{SCHOOLS}?replace=false", {"data": [{"school_id": NEW}]})
    api.send("DELETE", f"{SCHOOLS}/{NEW}")
    api.token()
    api.send("DELETE", SCHOOLS)
    assert seen == [("POST", 8), ("DELETE", 7), ("DELETE", 0)]


def test_whose_credential_a_request_carries_can_be_asked_without_a_trace(
    api: Api, basic: Callable[..., dict[str, str]]
) -> None:
    def asked(method: str, path: str, credential: dict[str, str]) -> str | None:
        return api.engine.tenant_of(Request.to(method, path, headers=credential))

    mine = basic(api.other.client_id, api.other.client_secret)
    assert asked("GET", f"/v2/interop{SCHOOLS}", mine) == api.other.id
    assert asked("GET", f"/v2/interop{SCHOOLS}", basic(api.other.client_id, "wrong")) is None
    assert asked("GET", "/v2/interop/tenants", basic(VENDOR_KEY)) is None
    assert asked("GET", "/nowhere", mine) is None
    assert api.engine.served == ()


def test_a_list_can_be_changed_behind_the_api(api: Api) -> None:
    before = api.rows("courses")
    api.engine.rearrange(api.district.id, "courses", lambda rows: rows[::-1])
    assert api.rows("courses") == before[::-1]
    assert api.engine.served == ()


def test_many_threads_lose_no_row_and_no_record(api: Api) -> None:
    def append(number: int) -> int:
        row = {"school_id": f"{number:08d}-0000-4000-8000-000000000000"}
        return api.send("POST", f"{SCHOOLS}?replace=false", {"data": [row]}).status

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(append, range(64))) == {200}
    assert len(api.rows("schools")) == 7 + 64
    assert len(api.engine.served) == 64


def test_the_engine_needs_the_standard_library_alone() -> None:
    script = (
        "import sys; import scopesync.sandbox.api.engine\n"
        "ours = {'scopesync', '__main__'}\n"
        "foreign = {name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names - ours\n"
        "print(sorted(foreign))"
    )
    command = [sys.executable, "-c", f"import sys; before = set(sys.modules)\n{script}"]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "[]\n"
