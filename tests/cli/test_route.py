"""--ca-file and --proxy: asked for by name, or not used at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

PROXY = "http://me:canary-word@127.0.0.1:9"


@pytest.mark.parametrize("command", ["plan", "drift", "apply", "tenants"])
def test_a_file_without_certificates_is_wrong_usage(fleet: Shell, command: str) -> None:
    (fleet.root / "ca.pem").write_text("nothing of the kind")
    ended = fleet("--ca-file", str(fleet.root / "ca.pem"), command)
    assert ended.code == 64
    assert "holds no PEM certificates" in ended.err
    assert fleet("--ca-file", str(fleet.root / "none.pem"), command).code == 64


def test_what_is_no_proxy_is_wrong_usage_and_not_shown(fleet: Shell) -> None:
    ended = fleet("-vv", "--proxy", PROXY.replace("http", "socks5"), "plan")
    assert ended.code == 64
    assert "--proxy" in ended.err
    assert "canary" not in ended.err + ended.out


def test_this_machine_is_reached_past_the_proxy(fleet: Shell) -> None:
    assert fleet("--proxy", PROXY, "plan", "--detailed-exitcode").code == 0


def test_another_host_is_reached_through_the_proxy_or_not_at_all(fleet: Shell) -> None:
    path = fleet.root / "scopesync.yaml"
    text = path.read_text()
    url = next(word for word in text.split() if word.startswith("http://"))
    path.write_text(text.replace(url, "https://127.0.0.1:1").replace("1000}", "1000, timeout_s: 1}"))
    ended = fleet("-v", "--proxy", PROXY, "tenants")
    assert ended.code == 6
    assert "no connection" in ended.err
    assert "canary" not in ended.err + ended.out
