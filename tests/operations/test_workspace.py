from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scopesync.environment import Environment
from scopesync.errors import UsageError
from scopesync.operations.workspace import Network, Workspace


def test_it_takes_the_process_or_the_variables_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPESYNC_LEDGER_URL", "postgresql://of-the-process")
    assert Workspace.from_environment().environment.ledger_url == "postgresql://of-the-process"
    assert Workspace.from_environment(environ={}).environment.ledger_url is None
    assert Workspace(Path()).environment.ledger_url is None


def test_it_is_a_value_whose_repr_shows_no_secret(tmp_path: Path) -> None:
    workspace = Workspace.from_environment(
        str(tmp_path), {"SECRET": "canary-one"}, proxy="http://me:canary-two@proxy.example:8080"
    )
    assert "canary" not in repr(workspace)
    assert workspace.root == tmp_path
    with pytest.raises(FrozenInstanceError):
        workspace.root = Path()  # type: ignore[misc]  # that is what is tested


def test_what_is_no_proxy_is_wrong_usage_and_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        _ = Network(proxy="ftp://me:canary@proxy.example").route
    assert "canary" not in f"{caught.value} {caught.value.hint}"


def test_documents_bear_the_time_of_its_clock(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, Environment(), clock=lambda: datetime(2026, 11, 25, 3, 12, 0, 7, tzinfo=UTC))
    assert workspace.moment == "2026-11-25T03:12:00+00:00"
