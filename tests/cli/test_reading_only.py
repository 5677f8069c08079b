"""plan and drift cannot write: by type, by transport, and seen from the server's side."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from scopesync.live.connection import ReadConnection
from scopesync.live.http.api_session import ReadSession
from scopesync.live.reader import TenantReader
from scopesync.live.writer import TenantWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Live, Shell

WRITES = {name for name, _ in inspect.getmembers(TenantWriter, inspect.isfunction) if not name.startswith("_")}


def test_no_type_of_the_reading_side_has_a_method_that_writes() -> None:
    assert {"append", "replace", "update", "delete", "clear"} == WRITES
    for reading in (ReadConnection, TenantReader, ReadSession):
        methods = {name for name, _ in inspect.getmembers(reading, inspect.isfunction)}
        assert not methods & (WRITES | {"post", "put", "patch", "request", "send", "writer"}), reading


@pytest.mark.parametrize("sandbox", [{"read_only": True}], indirect=True)
def test_a_server_that_fails_on_any_write_sees_none_from_plan_and_drift(
    fleet: Shell, sandbox: Live, edit: Callable[[str, str, str], None]
) -> None:
    edit("tenants/st-brigids-diocesan-schools-ceatharlach.yaml", "name: ", "name: Renamed ")
    assert fleet("plan", "--detailed-exitcode").code == 2
    assert fleet("drift", "--detailed-exitcode").code == 2
    assert not sandbox.writes
    assert fleet("apply", "--yes").code == 5  # the server does fail on a write, so the silence above says something
    assert sandbox.writes
