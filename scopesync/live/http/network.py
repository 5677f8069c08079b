"""The way to a host: which certificates are believed, and through which proxy. Never from the environment.

Belongs here: what people ask for by name, checked. Does not belong here: the transport that goes this way (`client`).
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
    """An HTTP proxy. `authorization` is what it is told to let us through, None where it asks nobody."""

    scheme: str
    host: str
    port: int
    authorization: Secret | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """`authorities` are believed in the place of the usual ones; a `proxy` sees where we go, never what is said there.

    What is plain http goes past the proxy: that is only this machine (`hosts`), and a proxy would see the credential.
    """

    authorities: ssl.SSLContext | None = None
    proxy: Proxy | None = None

    def context(self) -> ssl.SSLContext:
        """The TLS settings for the host: always verified."""
        return self.authorities or httpx.create_ssl_context(verify=True, trust_env=False)


DIRECT = Route()


def route_of(*, ca_file: Path | None, proxy: str | None) -> Route:
    """The route that people ask for by name. Raises UsageError, which never shows the proxy's password."""
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
    """TLS settings that believe the certificates in that PEM file and no others."""
    try:
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as error:  # an SSLError is an OSError too; both are named for who reads this
        reason = "it holds no PEM certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(
            f"--ca-file {path} cannot be used: {reason}", hint="give a file of PEM certificates"
        ) from error
