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
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from scopesync.sandbox.engine import Behaviour
from scopesync.sandbox.errors import SandboxError
from scopesync.sandbox.server import _listening, running

if TYPE_CHECKING:
    from scopesync.sandbox.engine import Request, Response
    from tests.sandbox.conftest import Api

SCHOOLS = "/v2/interop/tenant/scoping/schools"
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
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", SERVE]
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
