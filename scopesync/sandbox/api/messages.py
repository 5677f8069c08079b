"""What goes over the wire: a request, a response, and the refusal that becomes a response.

Belongs here: plain values, convertible from and to any HTTP library with one line. Does not belong here: sockets, rules
of single operations.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from scopesync.sandbox.transmission import WHOLE, Sending

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = "application/json"
_BODILESS = (204, 304)  # RFC 9110, 6.4.1: these end with their headers, whatever is announced


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` and `query` are as they were sent: percent-encoded, the query without its `?`."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"

    @classmethod
    def to(cls, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Request:
        """A request to an absolute URL, or to a path with a query; a host in the URL becomes the `Host` header."""
        parts = urlsplit(url)
        host = {"Host": parts.netloc} if parts.netloc else {}
        return cls(method, parts.path, parts.query, {**host, **(headers or {})}, body, parts.scheme or "http")

    def header(self, name: str) -> str | None:
        """The header of that name, whatever the case of its letters; None when it was not sent."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    @property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path, empty parts and dots resolved as front ends of real servers resolve them.

        So `DELETE …/schools/%2E` reaches the whole list: a client that builds paths carelessly must be seen to fail.
        """
        kept: list[str] = []
        for segment in map(unquote, self.path.split("/")):
            if segment == "..":
                del kept[-1:]
            elif segment not in ("", "."):
                kept.append(segment)
        return tuple(kept)

    @property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """The query's parameters, each with all its values, empty ones too."""
        return {name: tuple(values) for name, values in parse_qs(self.query, keep_blank_values=True).items()}

    def parameter(self, name: str) -> str | None:
        """The only value of that parameter, None when it was not sent; refuses one that was sent twice."""
        values = self.parameters.get(name, ())
        if len(values) > 1:
            raise refusal(400, "invalid_parameter", f"The parameter {name!r} may be given only once.", details=name)
        return values[0] if values else None

    def document(self) -> Any:
        """The body as JSON; refuses what is not JSON, NaN included."""
        try:
            return json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise refusal(400, "malformed_json", "The body is not valid JSON.", details="body") from error


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response, with the headers that the sandbox sets itself; `sending` says how it goes out."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    sending: Sending = WHOLE

    @classmethod
    def of(cls, document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """A JSON document as a response."""
        # a lone surrogate, which UTF-8 cannot hold, becomes the escape that JSON has for it
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")
        return cls(status, {"Content-Type": JSON, **(headers or {})}, body)

    def document(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body)

    @property
    def has_body(self) -> bool:
        """Whether its status lets it have a body at all."""
        return self.status not in _BODILESS

    def pieces(self) -> Iterator[bytes]:
        """The body's bytes as they go out, each after `sending.pause_s`; whoever sends looks at `sending.drops` first.

        Raises ConnectionResetError where the connection is to be closed before the end.
        """
        return self.sending.pieces(self.body) if self.has_body else iter(())


NO_CONTENT = Response(204)


class Answering(Protocol):
    """Whatever answers requests: the engine, or a layer around it that delays, drops or spoils answers."""

    def handle(self, request: Request) -> Response:
        """The answer to one request; may be called from several threads."""
        ...


class Refusal(Exception):  # noqa: N818 - it is an answer of the API, not a failure of the sandbox
    """An answer that is an error, raised where it is found out and turned into `response` by the engine."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def refusal(
    status: int, code: str, message: str, *, details: str = "", headers: Mapping[str, str] | None = None
) -> Refusal:
    """A refusal to raise, with the page's error object; `details` names the part of the request at fault."""
    error = {"status": status, "code": code, "message": message, "ext_message": "", "details": details}
    return Refusal(Response.of({"error": error}, status=status, headers=headers))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
