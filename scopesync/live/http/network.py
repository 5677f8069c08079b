"""The route to a host: which CA certificates are trusted, and through which proxy. Never from the environment.

Belongs here: checking what the options name. Does not belong here: the transport that uses the route (`client`).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpx

from scopesync.errors import UsageError
from scopesync.live.credentials import basic
from scopesync.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_PORTS = {"http": 80, "https": 443}
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. `authorization`: the value of its `Proxy-Authorization` header; None where it needs none."""

    scheme: str
    host: str
    port: int
    authorization: Secret | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """`authorities` are trusted instead of the default CAs. A `proxy` sees the host name, never the content.

    Plain http does not use the proxy, which would see the credential: it is only allowed to this machine (`hosts`).
    """

    authorities: ssl.SSLContext | None = None
    proxy: Proxy | None = None

    def context(self) -> ssl.SSLContext:
        """The TLS settings for the host: always verified."""
        return self.authorities or httpx.create_ssl_context(verify=True, trust_env=False)


DIRECT = Route()


def route_of(*, ca_file: Path | None, proxy: str | None) -> Route:
    """The route that the options name. Raises UsageError, which never shows the proxy's password."""
    return Route(
        None if ca_file is None else _authorities(ca_file),
        None if proxy is None else proxy_of(proxy),
    )


def proxy_of(url: str) -> Proxy:
    """The proxy of that URL: `http://host:port` or `https://…`, with `user:password@` where it asks for them."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_proxy() from None  # the cause would carry the URL, and with it the password
    password = None if parts.password is None else Secret(unquote(parts.password))
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise _no_proxy()
    if parts.query or parts.fragment or not url.isascii() or not url.isprintable() or port == 0:
        raise _no_proxy()
    authorization = None if parts.username is None else basic(unquote(parts.username), password or Secret(""))
    return Proxy(parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme], authorization)


def _no_proxy() -> UsageError:
    return UsageError(
        "--proxy is no proxy's URL", hint="give http://host:port, with user:password@ before the host if it needs them"
    )


def _authorities(path: Path) -> ssl.SSLContext:
    """TLS settings that trust only the CA certificates in that PEM file."""
    try:
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as error:  # an SSLError is an OSError too; both are named for who reads this
        reason = "it holds no PEM certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(
            f"--ca-file {path} cannot be used: {reason}", hint="give a file of PEM certificates"
        ) from error
