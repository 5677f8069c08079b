from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scopesync.sandbox.api.engine import Request, Response
from scopesync.sandbox.control import Control, openapi_text
from scopesync.sandbox.faults.faulty_engine import Faulty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.sandbox.conftest import Api

SCHOOLS = "/v2/interop/tenant/scoping/schools"
SCRIPT: dict[str, Any] = {"faults": [{"name": "first", "when": {"times": 1}, "do": {"answer": 503}}]}


@pytest.fixture
def control(api: Api) -> Control:
    return Control(Faulty(api.engine))


def ask(
    control: Control, method: str, path: str, body: bytes = b"", credential: Mapping[str, str] | None = None
) -> Response:
    return control.handle(Request(method, path, "", credential or {}, body))


def test_a_script_can_be_set_read_and_cleared_at_run_time(api: Api, control: Control) -> None:
    assert ask(control, "GET", "/_sandbox/faults").document() == {"faults": []}
    assert ask(control, "PUT", "/_sandbox/faults", json.dumps(SCRIPT).encode()).status == 204
    assert ask(control, "GET", "/_sandbox/faults").document() == SCRIPT
    assert [ask(control, "GET", SCHOOLS, credential=api.credential).status for _ in range(2)] == [503, 200]
    assert ask(control, "PUT", "/_sandbox/faults", yaml.safe_dump(SCRIPT).encode()).status == 204
    assert ask(control, "DELETE", "/_sandbox/faults").status == 204
    assert ask(control, "GET", SCHOOLS, credential=api.credential).status == 200


def test_a_bad_script_is_refused_and_the_old_one_plays_on(control: Control) -> None:
    ask(control, "PUT", "/_sandbox/faults", json.dumps(SCRIPT).encode())
    answer = ask(control, "PUT", "/_sandbox/faults", b'{"faults": [{"do": {"drop": "never"}}]}')
    assert answer.status == 400
    assert answer.document()["error"]["message"] == (
        "faults[0].do.drop: one of before, after is wanted here, not 'never'"
    )
    assert ask(control, "GET", "/_sandbox/faults").document() == SCRIPT


def test_the_record_can_be_read_and_forgotten(api: Api, control: Control) -> None:
    ask(control, "PUT", "/_sandbox/faults", json.dumps(SCRIPT).encode())
    ask(control, "GET", SCHOOLS, credential=api.credential)
    ask(control, "GET", SCHOOLS, credential=api.credential)
    record = ask(control, "GET", "/_sandbox/served").document()
    where = {"method": "GET", "path": SCHOOLS, "query": "", "tenant_id": api.district.id}
    assert record == {"served": [{**where, "status": 200}], "struck": [{**where, "number": 1, "fault": "first"}]}
    assert ask(control, "DELETE", "/_sandbox/served").status == 204
    assert ask(control, "GET", "/_sandbox/served").document() == {"served": [], "struck": []}


def test_control_calls_are_neither_recorded_nor_struck(api: Api, control: Control) -> None:
    ask(control, "PUT", "/_sandbox/faults", b"faults: [{do: {answer: 503}}]")
    assert ask(control, "GET", "/_sandbox/served").document() == {"served": [], "struck": []}
    assert api.engine.served == ()


@pytest.mark.parametrize(
    "path",
    [
        "/v2/_sandbox/faults",
        "/v2/interop/_sandbox/faults",
        "/v2/../_sandbox/faults",
        "//_sandbox/faults",
        "/%5Fsandbox/faults",
        "/_sandbox/../v2/interop/tenants",
        "/_sandbox/faults/",
        "/_sandbox/",
        "/_sandbox/none",
    ],
)
def test_only_these_very_paths_lead_to_the_controls(control: Control, path: str) -> None:
    answer = ask(control, "PUT", path, json.dumps(SCRIPT).encode())
    assert (answer.status, answer.document()["error"]["code"]) == (404, "not_found")
    assert ask(control, "GET", "/_sandbox/faults").document() == {"faults": []}


def test_another_method_is_told_which_there_are(control: Control) -> None:
    answer = ask(control, "POST", "/_sandbox/faults")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, PUT, DELETE")


def test_the_description_is_served_as_it_stands_in_its_file(control: Control) -> None:
    answer = ask(control, "GET", "/_sandbox/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    assert answer.body.decode() == openapi_text()
    assert yaml.safe_load(answer.body)["openapi"].startswith("3.")
