"""`schemas/interop-api.yaml` against the sandbox, over a socket: what it promises is what the sandbox does."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import schemathesis
import yaml
from hypothesis import settings

from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.api.engine import Engine, Request
from scopesync.sandbox.api.routes import ScopingCall, TenantsCall, TokenCall, route
from scopesync.sandbox.api.row_fields import is_uuid
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.control import Control, openapi_text
from scopesync.sandbox.faults.faulty_engine import Faulty
from scopesync.sandbox.sample_districts import VENDOR_KEY, districts
from scopesync.sandbox.server import running
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

DESCRIPTION = yaml.safe_load(openapi_text())
ID = "dddddddd-0000-4000-8000-000000000000"
OWN_IDS = {"tenants": "id", "schools": "school_id", "courses": "course_id"}
TENANT = districts()[0]
LIVE = {"tenants": (TENANT.record,), "schools": TENANT.schools[:7], "courses": TENANT.courses[:7]}

described = schemathesis.openapi.from_dict(DESCRIPTION)
described.config.generation.update(
    # the page names no parameters that are forbidden: the sandbox ignores those that it does not know
    allow_extra_parameters=False,
    # credentials come from `credential` below; the check `ignored_auth` takes them away by itself
    with_security_parameters=False,
)
# the same cases in every run, in the time of a normal suite
modest = settings(examples(0.25), stateful_step_count=8, derandomize=True, database=None, print_blob=False)


@dataclass(frozen=True)
class Sandbox:
    base_url: str
    store: Store

    def start_anew(self) -> None:
        """Let the tenant have what it had: what one case did must not decide about the next."""
        self.store.put_tenant(TENANT.record)
        self.store.replace(TENANT.id, "schools", LIVE["schools"])
        self.store.replace(TENANT.id, "courses", LIVE["courses"])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    store = Store.in_memory()
    # rows of one body may share an id: a schema cannot say that they must not, so this sandbox takes the last one
    engine = Engine(store, behaviour=Behaviour(append="update"))
    with running(Control(Faulty(engine))) as listening:
        yield Sandbox(listening.base_url, store)


@described.parametrize()
@modest
def test_every_operation_is_as_described(case: Case[Any], sandbox: Sandbox) -> None:
    sandbox.start_anew()
    name_what_is_there(case)
    name_its_own(case)
    case.call_and_validate(base_url=sandbox.base_url, headers=credential(case))


def test_sequences_of_operations_are_as_described(sandbox: Sandbox) -> None:
    class Sequences(described.as_state_machine()):  # type: ignore[misc]  # schemathesis makes the class at run time
        def setup(self) -> None:
            sandbox.start_anew()

        def before_call(self, case: Case[Any]) -> None:
            name_its_own(case)

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            return {"base_url": sandbox.base_url, "headers": credential(case)}

    Sequences.run(settings=modest)


def test_the_operations_are_those_that_the_sandbox_knows() -> None:
    calls = {
        f"{method} {path}": route(Request(method.upper(), path.replace("{id}", ID)))
        for path, item in DESCRIPTION["paths"].items()
        for method in item.keys() - {"parameters"}
    }
    scoping = [call for call in calls.values() if isinstance(call, ScopingCall)]
    assert sum(isinstance(call, TokenCall) for call in calls.values()) == 1
    assert sum(isinstance(call, TenantsCall) for call in calls.values()) == 2
    assert len(set(scoping)) == len(scoping) == 12


def test_the_description_is_valid() -> None:
    described.validate()


def credential(case: Case[Any]) -> dict[str, str]:
    """What opens the operation: nothing for the token call, else the vendor's key or the tenant's pair."""
    if case.path == "/oauth/token":
        return {}
    vendor = case.path.startswith("/v2/interop/tenants")
    pair = f"{VENDOR_KEY}:" if vendor else f"{TENANT.client_id}:{TENANT.client_secret}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def name_what_is_there(case: Case[Any]) -> None:
    """Make half of the sound ids in paths live ones, and half of the sound pairs the right one: chance meets none."""
    sent = str(case.path_parameters.get("id"))
    if is_uuid(sent) and UUID(sent).int % 2 == 0:
        list_name = list_of(case)
        live = LIVE[list_name]
        case.path_parameters["id"] = live[UUID(sent).int // 2 % len(live)][OWN_IDS[list_name]]
    if case.path == "/oauth/token" and isinstance(case.body, dict):
        pair = {"client_id": TENANT.client_id, "client_secret": TENANT.client_secret}
        sound = [value for name in pair if isinstance(value := case.body.get(name), str)]
        if len(sound) == len(pair) and len("".join(sound)) % 2 == 0:
            case.body |= pair


def name_its_own(case: Case[Any]) -> None:
    """Let the sound ids in rows be those of the tenant and of the path.

    Others are refused on purpose, which no schema can say; `test_stored_rows` holds it. What is no id stays as it is.
    """
    own = {"account_id": TENANT.record["account"]["id"], "tenant_id": TENANT.id}
    if "id" in case.path_parameters:
        own[OWN_IDS[list_of(case)]] = str(case.path_parameters["id"])
    for row in rows_of(case.body):
        row |= {name: value for name, value in own.items() if is_uuid(str(row.get(name)))}


def list_of(case: Case[Any]) -> str:
    return next((name for name in LIVE if f"/{name}" in case.path), "none")


def rows_of(body: Any) -> list[dict[str, Any]]:
    """The rows in a body that are rows: of a POST those under `data`, of a PUT itself."""
    if not isinstance(body, dict):
        return []
    data = body.get("data", [body])
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
