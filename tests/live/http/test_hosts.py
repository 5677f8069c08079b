from __future__ import annotations

import pytest

from scopesync.errors import HostError
from scopesync.live.http.hosts import allowed_hosts, check_host

NONE: frozenset[tuple[str, int]] = frozenset()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.us2.kimonocloud.com", "https://api.us2.kimonocloud.com"),
        ("https://API.us2.KimonoCloud.com/", "https://api.us2.kimonocloud.com"),
        ("https://api.us2.kimonocloud.com:443", "https://api.us2.kimonocloud.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://localhost", "https://localhost"),
    ],
)
def test_allowed(url: str, origin: str) -> None:
    assert str(check_host(url, NONE)) == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://api.us2.kimonocloud.com",
        "https://kimonocloud.com",
        "https://evilkimonocloud.com",
        "https://kimonocloud.com.evil.example",
        "https://api.us2.kimonocloud.com.evil.example",
        "https://api.us2.kimonocloud.com.",
        "https://api..kimonocloud.com",
        "https://.kimonocloud.com",
        "https://-.kimonocloud.com",
        "https://user@api.us2.kimonocloud.com",
        "https://api.us2.kimonocloud.com@evil.example",
        "https://api.us2.kimonocloud.com:pass@evil.example",
        "https://evil.example#.kimonocloud.com",
        "https://evil.example?.kimonocloud.com",
        "https://evil.example/.kimonocloud.com",
        "https://evil.example\\.kimonocloud.com",
        "https://evil.example%2f.kimonocloud.com",
        "https://evil.example%00.kimonocloud.com",
        "https://evil.example\n.kimonocloud.com",
        "https://api.us2.kimonocloud.com\n",
        " https://api.us2.kimonocloud.com",
        "https://api.us2.kimonocloud.com:8443",
        "https://api.us2.kimonocloud.com:0",
        "https://api.us2.kimonocloud.com:99999",
        "https://api.us2.kimonocloud.com:",
        "https://api.us2.kimonocloud.com/v2/interop",
        "https://api.us2.\u212aimonocloud.com",  # the Kelvin sign is a k in lower case
        "https://api.us2.kimon\u043ecloud.com",  # a Cyrillic o
        "https://api.us2.kimonocloud\u3002com",  # an ideographic full stop, which IDNA takes for a dot
        "ftp://api.us2.kimonocloud.com",
        "file:///etc/passwd",
        "//api.us2.kimonocloud.com",
        "api.us2.kimonocloud.com",
        "",
        "http://localhost.evil.example",
        "http://evil.localhost",
        "http://127.1",
        "http://2130706433",
        "http://0x7f000001",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::]",
        "http://[fe80::1]",
        "http://[::1",
        "http://[::ffff:8.8.8.8]",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(HostError):
        check_host(url, NONE)


def test_the_environment_may_allow_further_hosts() -> None:
    allowed = allowed_hosts("proxy.example.org, Other.example.org:8443")
    assert str(check_host("https://proxy.example.org", allowed)) == "https://proxy.example.org"
    assert str(check_host("https://other.example.org:8443", allowed)) == "https://other.example.org:8443"


@pytest.mark.parametrize(
    "url", ["http://proxy.example.org", "https://proxy.example.org:8443", "https://sub.proxy.example.org"]
)
def test_an_allowed_host_is_exactly_that(url: str) -> None:
    with pytest.raises(HostError):
        check_host(url, allowed_hosts("proxy.example.org"))


@pytest.mark.parametrize("entry", ["*.example.org", "https://example.org", "a@b", "example.org/"])
def test_an_entry_that_is_no_host_is_named(entry: str) -> None:
    with pytest.raises(HostError, match="SCOPESYNC_ALLOWED_HOSTS"):
        allowed_hosts(entry)


def test_nothing_allowed_by_default() -> None:
    assert allowed_hosts("") == NONE
