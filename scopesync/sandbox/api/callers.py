"""Who is asking: the vendor with its key, or one tenant with its own credential.

Belongs here: HTTP Basic, the token call, tokens and their end. Does not belong here: what a credential allows.
"""

from __future__ import annotations

import base64
import math
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from scopesync.sandbox.api.messages import Refusal, Response, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.api.store import Store, TenantRecord

_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Credentials:
    """Every credential of one engine. Tokens live in memory: a sandbox that starts again has forgotten them."""

    store: Store
    vendor_key: str
    clock: Callable[[], float]
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    _granted: int = 0

    def check_vendor(self, request: Request) -> None:
        """Refuses with 401 unless HTTP Basic carries the vendor's key as user name, and as password it or nothing."""
        user, password = _basic(request)
        if user != self.vendor_key or password not in ("", self.vendor_key):
            raise _unauthorized("The vendor's API key is missing or wrong.")

    def actor(self, request: Request, behaviour: Behaviour) -> TenantRecord:
        """The tenant that the request's credential opens; refuses with 401 when it opens none."""
        scheme, _, value = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() == "bearer" and behaviour.actor_auth != "basic":
            tenant = self._of_token(value.strip())
        elif scheme.lower() == "basic" and behaviour.actor_auth != "oauth2":
            tenant = self._of_pair(*_basic(request))
        else:
            raise _unauthorized("A tenant's credential is needed.")
        if tenant is None:
            raise _unauthorized("The credential is unknown, wrong, or has expired.")
        return tenant

    def client(self, request: Request, behaviour: Behaviour) -> TenantRecord:
        """The tenant of the client credentials in a token call's form; refuses as RFC 6749, 5.2, says."""
        if behaviour.actor_auth == "basic":
            raise refusal(404, "not_found", "There is no such path.")
        form = _form(request)
        if form.get("grant_type") != "client_credentials":
            raise _token_refusal(400, "unsupported_grant_type" if form.get("grant_type") else "invalid_request")
        tenant = self._of_pair(form.get("client_id", ""), form.get("client_secret", ""))
        if tenant is None:
            raise _token_refusal(401, "invalid_client")
        return tenant

    def swapped(self, tenant_id: str) -> TenantRecord:
        """The tenant that a fault put in the place of the credential's own; refuses with 401 where there is none."""
        tenant = self.store.tenant(tenant_id)
        if tenant is None:
            raise _unauthorized("The credential opens no tenant.")
        return tenant

    def expire_tokens(self, tenant_id: str | None) -> None:
        """End every token of that tenant now, whatever was said about its life; None: of all tenants."""
        kept = {token: held for token, held in self._tokens.items() if tenant_id not in (None, held[0])}
        self._tokens = kept

    def granted_to(self, tenant: TenantRecord, behaviour: Behaviour) -> Response:
        """A new token that opens this tenant."""
        self._granted += 1
        # no randomness: the same calls give the same tokens, so that a failing run can be run again
        token = uuid.uuid5(uuid.UUID(tenant["id"]), f"token {self._granted}").hex
        self._tokens[token] = (tenant["id"], self.clock() + behaviour.token_lifetime_s)
        answer: dict[str, object] = {"access_token": token, "token_type": "Bearer"}
        if behaviour.expires_in is not None:
            answer["expires_in"] = behaviour.expires_in
        return Response.of(answer, headers={"Cache-Control": "no-store"})

    def _of_token(self, token: str) -> TenantRecord | None:
        tenant_id, ends = self._tokens.get(token, ("", -math.inf))
        return self.store.tenant(tenant_id) if self.clock() < ends else None

    def _of_pair(self, client_id: str, client_secret: str) -> TenantRecord | None:
        tenant = self.store.tenant_of_client(client_id)
        return tenant if tenant and tenant["auth"]["client_secret"] == client_secret else None


def _basic(request: Request) -> tuple[str, str]:
    """User name and password of HTTP Basic; two empty texts when there is none that can be read."""
    scheme, _, value = (request.header("Authorization") or "").partition(" ")
    try:
        text = base64.b64decode(value, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        text = ""
    user, _, password = text.partition(":")
    return user, password


def _form(request: Request) -> dict[str, str]:
    """The fields of the form body, each given once."""
    if (request.header("Content-Type") or "").partition(";")[0].strip().lower() != _FORM:
        raise _token_refusal(400, "invalid_request")
    fields = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    if any(len(values) > 1 for values in fields.values()):
        raise _token_refusal(400, "invalid_request")
    return {name: values[0] for name, values in fields.items()}


def _unauthorized(message: str) -> Refusal:
    return refusal(401, "unauthorized", message, headers={"WWW-Authenticate": 'Basic realm="interop", Bearer'})


def _token_refusal(status: int, code: str) -> Refusal:
    headers = {"WWW-Authenticate": 'Basic realm="interop"'} if status == 401 else None  # noqa: PLR2004 - HTTP's number
    return Refusal(Response.of({"error": code}, status=status, headers=headers))
