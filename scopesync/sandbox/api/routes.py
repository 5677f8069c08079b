"""Which operation a method and a path mean.

Belongs here: the fourteen operations of the page and the token call. Does not belong here: doing them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scopesync.sandbox.api.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.api.row_fields import ListName


@dataclass(frozen=True, slots=True)
class TokenCall:
    """`POST /oauth/token`."""


@dataclass(frozen=True, slots=True)
class TenantsCall:
    """The vendor's calls: one tenant, or all of them where `tenant_id` is None."""

    tenant_id: str | None


@dataclass(frozen=True, slots=True)
class ScopingCall:
    """A tenant's call on one of its lists; `row_id` is None where the whole list is meant."""

    operation: Literal["list", "create", "clear", "find", "update", "delete"]
    list_name: ListName
    row_id: str | None

    @property
    def writes(self) -> bool:
        """Whether it changes the list."""
        return self.operation not in ("list", "find")


Call = TokenCall | TenantsCall | ScopingCall

_ON_LIST: Mapping[str, Literal["list", "create", "clear"]] = {"GET": "list", "POST": "create", "DELETE": "clear"}
_ON_ROW: Mapping[str, Literal["find", "update", "delete"]] = {"GET": "find", "PUT": "update", "DELETE": "delete"}


def route(request: Request) -> Call:
    """The operation that is meant; refuses an unknown path with 404, an unknown method on a known one with 405."""
    match request.segments:
        case ("oauth", "token"):
            _check_method(request, "POST")
            return TokenCall()
        case ("v2", "interop", "tenants", *tenant_id) if len(tenant_id) <= 1:
            _check_method(request, "GET")
            return TenantsCall(*tenant_id or (None,))
        case ("v2", "interop", "tenant", "scoping", ("schools" | "courses") as name):
            _check_method(request, *_ON_LIST)
            return ScopingCall(_ON_LIST[request.method], name, None)
        case ("v2", "interop", "tenant", "scoping", ("schools" | "courses") as name, row_id):
            _check_method(request, *_ON_ROW)
            return ScopingCall(_ON_ROW[request.method], name, row_id)
    raise refusal(404, "not_found", "There is no such path.")


def _check_method(request: Request, *allowed: str) -> None:
    if request.method not in allowed:
        headers = {"Allow": ", ".join(allowed)}
        raise refusal(405, "method_not_allowed", f"{request.method} is not allowed here.", headers=headers)
