"""Which hosts credentials may be sent to: a pure decision on a connection's `base_url`.

Belongs here: the one rule on hosts. Does not belong here: sending anything, and reading the environment (its text is
passed in; a file of the project can never widen the choice, because a pull request can change it).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.environment import ALLOWED_HOSTS
from scopesync.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Collection

VARIABLE = ALLOWED_HOSTS.name
VENDOR_SUFFIX = ".kimonocloud.com"
HTTPS_PORT = 443
HTTP_PORT = 80
HIGHEST_PORT = 65535

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*"
_URL = re.compile(rf"(?P<scheme>https?)://(?P<host>{_NAME}|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{{1,5}}))?/?")
_ENTRY = re.compile(rf"(?P<host>{_NAME})(?::(?P<port>[0-9]{{1,5}}))?")


@dataclass(frozen=True, slots=True)
class Origin:
    """A place to which credentials may be sent. `host` is in lower case, an IPv6 address in its brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        usual = HTTPS_PORT if self.scheme == "https" else HTTP_PORT
        return f"{self.scheme}://{self.host}" + ("" if self.port == usual else f":{self.port}")


def allowed_hosts(text: str) -> frozenset[tuple[str, int]]:
    """The further hosts and ports of SCOPESYNC_ALLOWED_HOSTS, separated by commas or blanks: `host` or `host:port`.

    Names are exact, there are no wildcards. Raises HostError on an entry that is no host.
    """
    return frozenset(_entry(entry) for entry in re.split(r"[,\s]+", text) if entry)


def _entry(text: str) -> tuple[str, int]:
    match = _ENTRY.fullmatch(text.lower())
    if match is None:
        raise HostError(f"{VARIABLE} holds {text!r}, which is no host", hint="write host or host:port, no URL, no *")
    return match["host"], int(match["port"] or HTTPS_PORT)


def check_host(url: str, allowed: Collection[tuple[str, int]]) -> Origin:
    """The origin of `url`, if credentials may be sent there; HostError otherwise.

    Allowed are `https` to hosts below kimonocloud.com on the usual port, `http` and `https` to this machine on any
    port, and `https` to `allowed`. A URL with anything but scheme, ASCII host and port (a user name, a trailing dot,
    escapes, other alphabets, a path) is refused: two URL parsers may find two different hosts in it.
    """
    match = _URL.fullmatch(url.lower()) if url.isascii() else None
    if match is None:
        raise HostError(
            f"base_url {url!r} is not a plain https://host[:port]",
            hint="give the host alone: no path, no user name, no trailing dot",
        )
    usual_port = HTTPS_PORT if match["scheme"] == "https" else HTTP_PORT
    port = int(match["port"] or usual_port)
    origin = Origin(match["scheme"], match["host"], port)
    if not 0 < port <= HIGHEST_PORT or not _may_have_credentials(origin, allowed):
        raise HostError(
            f"no credential is sent to {origin}: only https://*{VENDOR_SUFFIX} and this machine are allowed",
            hint=f"if it is right, put the host into the environment variable {VARIABLE}; files cannot allow it",
        )
    return origin


def _may_have_credentials(origin: Origin, allowed: Collection[tuple[str, int]]) -> bool:
    if _is_loopback(origin.host):
        return True
    if origin.scheme != "https":
        return False
    vendors = origin.host.endswith(VENDOR_SUFFIX) and origin.port == HTTPS_PORT
    return vendors or (origin.host, origin.port) in allowed


def _is_loopback(host: str) -> bool:
    """Whether the host is this machine. Short and numeric spellings of addresses (`127.1`, `0x7f000001`) are not."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
