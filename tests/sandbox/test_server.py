from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from scopesync.sandbox.control import Control
from scopesync.sandbox.engine import Behaviour
from scopesync.sandbox.errors import SandboxError
from scopesync.sandbox.faulty import Faulty
from scopesync.sandbox.server import _listening, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopesync.sandbox.engine import Request, Response
    from scopesync.sandbox.server import RunningSandbox
    from tests.sandbox.conftest import Api

SCHOOLS = "/v2/interop/tenant/scoping/schools"
COURSES = "/v2/interop/tenant/scoping/courses"
BREAK = """
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit
from scopesync.sandbox.engine import Engine
from scopesync.sandbox.faulty import Faulty
from scopesync.sandbox.script import read_script
from scopesync.sandbox.server import running
from scopesync.sandbox.store import Store
for do in ({"drop": "after"}, {"cut": 3}, {"endless": True}):
    with running(Faulty(Engine(Store.in_memory()), read_script({"faults": [{"do": do}]}))) as sandbox:
        connection = HTTPConnection(urlsplit(sandbox.base_url).netloc)
        try:
            connection.request("GET", "/")
            connection.getresponse().read(100)
        except (HTTPException, ConnectionError):
            pass
        connection.close()
print("ended")
"""
SERVE = """
from scopesync.sandbox.engine import Engine
from scopesync.sandbox.server import serve
from scopesync.sandbox.store import Store
serve(Engine(Store.in_memory()), port=0, on_ready=lambda url: print(url, flush=True))
print("ended")
"""


def test_the_whole_api_over_a_socket(api: Api) -> None:
    pair = {"client_id": api.district.client_id, "client_secret": api.district.client_secret}
    with running(api.engine) as sandbox, httpx.Client(base_url=sandbox.base_url, trust_env=False) as client:
        token = client.post("/oauth/token", data={"grant_type": "client_credentials", **pair}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        rows = client.get(SCHOOLS).json()["data"]
        assert tuple(rows) == api.rows("schools")
        row = {**rows[0], "name": "École de l'Étincelle"}
        answer = client.put(f"{SCHOOLS}/{row['school_id']}", json=row)
        assert (answer.status_code, answer.json()) == (200, {"data": row})
        answer = client.delete(f"{SCHOOLS}/{row['school_id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert client.request("TRACE", SCHOOLS).status_code == 405
        assert client.get("/nowhere").json()["error"]["code"] == "not_found"
    assert len(api.rows("schools")) == 6


def test_a_path_arrives_as_it_was_sent(api: Api) -> None:
    with running(api.engine) as sandbox:
        connection = HTTPConnection(urlsplit(sandbox.base_url).netloc)
        for target in (f"{SCHOOLS}/a%2Fb?page=%20&x", f"{SCHOOLS}/%2E", f"{SCHOOLS}//"):
            connection.request("GET", target, headers=dict(api.credential))
            connection.getresponse().read()
        connection.close()
    assert [(served.path, served.query) for served in api.engine.served] == [
        (f"{SCHOOLS}/a%2Fb", "page=%20&x"),
        (f"{SCHOOLS}/%2E", ""),
        (f"{SCHOOLS}//", ""),
    ]


def test_a_next_url_leads_back_to_the_same_socket(api: Api) -> None:
    api.engine.behaviour = Behaviour(paging_next="url", max_page_size=5)
    with running(api.engine) as sandbox:
        page = httpx.get(f"{sandbox.base_url}{SCHOOLS}", headers=dict(api.credential), trust_env=False).json()
        assert page["paging"]["next"] == f"{sandbox.base_url}{SCHOOLS}?page=1"


def gather(pieces: Iterator[bytes], arrived: bytearray) -> None:
    for piece in pieces:
        arrived += piece


def client_of(api: Api, sandbox: RunningSandbox) -> httpx.Client:
    return httpx.Client(base_url=sandbox.base_url, headers=dict(api.credential), trust_env=False, timeout=30)


@pytest.mark.parametrize(
    "do",
    [
        {"drop": "before"},
        {"drop": "after"},
        {"cut": 0},
        {"cut": -1},
        {"cut": 9, "huge": 99},
        {"cut": 99, "endless": True},
    ],
)
def test_a_broken_connection_is_the_error_that_it_is_in_process_and_the_next_one_is_sound(
    api: Api, do: dict[str, Any]
) -> None:
    faulty = api.under({"when": {"times": 1}, "do": do})
    with running(faulty.layer) as sandbox, client_of(api, sandbox) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(SCHOOLS)
        assert client.get(SCHOOLS).json()["data"] == list(api.rows("schools"))


def test_the_start_of_a_cut_body_arrives(api: Api) -> None:
    whole = api.get("/tenant/scoping/schools").body
    arrived = bytearray()
    with (
        running(api.under({"do": {"cut": 1000}}).layer) as sandbox,
        client_of(api, sandbox) as client,
        client.stream("GET", SCHOOLS) as answer,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        gather(answer.iter_raw(), arrived)
    assert int(answer.headers["Content-Length"]) == len(whole)
    assert arrived == whole[:1000]


def test_a_write_whose_answer_is_lost_is_done(api: Api) -> None:
    with (
        running(api.under({"do": {"drop": "after"}}).layer) as sandbox,
        client_of(api, sandbox) as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.delete(SCHOOLS)
    assert api.rows("schools") == ()
    assert [served.status for served in api.engine.served] == [204]


@pytest.mark.parametrize("do", [{"drip": {"bytes": 500, "pause": 0.001}}, {"huge": 300_000}, {"gzip_bomb": 300_000}])
def test_slow_and_large_bodies_are_whole(api: Api, do: dict[str, Any]) -> None:
    rows = list(api.rows("schools"))
    with running(api.under({"do": do}).layer) as sandbox, client_of(api, sandbox) as client:
        answer = client.get(SCHOOLS)
        assert client.delete(SCHOOLS).status_code == 204
    assert answer.json()["data"] == rows
    assert len(answer.content) >= (300_000 if "drip" not in do else 1)


def test_a_body_without_end_ends_with_its_reader_and_holds_up_no_other(api: Api) -> None:
    faulty = api.under({"when": {"list": "schools"}, "do": {"endless": True}})
    with running(faulty.layer) as sandbox, client_of(api, sandbox) as client:
        with client.stream("GET", SCHOOLS) as answer:
            assert "Content-Length" not in answer.headers
            read = answer.iter_raw()
            while answer.num_bytes_downloaded < 1_000_000:
                next(read)
            assert client.get(COURSES).status_code == 200
        assert client.get(COURSES).status_code == 200


def test_a_header_may_be_longer_than_clients_take(api: Api) -> None:
    with (
        running(api.under({"do": {"long_header": 1_000_000}}).layer) as sandbox,
        client_of(api, sandbox) as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.get(SCHOOLS)


def test_the_script_can_be_set_over_the_socket(api: Api) -> None:
    with running(Control(Faulty(api.engine))) as sandbox, client_of(api, sandbox) as client:
        client.put("/_sandbox/faults", json={"faults": [{"do": {"answer": 503}}]}).raise_for_status()
        assert client.get(SCHOOLS).status_code == 503
        assert [struck["path"] for struck in client.get("/_sandbox/served").json()["struck"]] == [SCHOOLS]


def test_no_complaint_is_written_about_a_connection_that_was_broken_on_purpose() -> None:
    command = [sys.executable, "-W", "error", "-c", BREAK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ended\n", "")


def test_a_slow_answer_holds_up_no_other(api: Api) -> None:
    both_in = threading.Barrier(2, timeout=30)

    class WaitsForAnother:
        def handle(self, request: Request) -> Response:
            both_in.wait()
            return api.engine.handle(request)

    with running(WaitsForAnother()) as sandbox, ThreadPoolExecutor(2) as threads:

        def ask(_number: int) -> int:
            return httpx.get(f"{sandbox.base_url}{SCHOOLS}", headers=dict(api.credential), trust_env=False).status_code

        assert list(threads.map(ask, range(2))) == [200, 200]


def test_only_the_loopback_interface_is_bound_and_nothing_is_left_behind(api: Api) -> None:
    with running(api.engine) as sandbox:
        address = urlsplit(sandbox.base_url)
        assert address.hostname == "127.0.0.1"
        assert address.port is not None
        httpx.get(sandbox.base_url, trust_env=False)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", address.port), timeout=5)
    assert "sandbox" not in [thread.name for thread in threading.enumerate()]


def test_answers_are_not_held_back_to_fill_a_packet() -> None:
    with closing(_listening(0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP  # what asyncio looks at before it sets TCP_NODELAY


def test_a_sandbox_can_be_left_before_anyone_has_asked(api: Api) -> None:
    with running(api.engine):
        pass
    assert api.engine.served == ()


def test_a_port_that_is_taken_is_named(api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"127.0.0.1:{port}.*another port"), running(api.engine, port=port):
            pytest.fail("a taken port was used")
    with pytest.raises(SandboxError, match="99999"), running(api.engine, port=99999):
        pytest.fail("no such port")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_in_good_order_on_a_signal(number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/v2/interop/tenants", trust_env=False).status_code == 401
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "ended\n", "")


def test_answers_carry_their_type_and_length(api: Api) -> None:
    with running(api.engine) as sandbox:
        answer = httpx.get(f"{sandbox.base_url}{SCHOOLS}", headers=dict(api.credential), trust_env=False)
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert json.loads(answer.content)["data"]
