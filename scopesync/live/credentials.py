"""The credential of a tenant: found, checked, and never shown.

Belongs here: where a pair comes from, what a usable secret is, HTTP Basic. Does not belong here: asking the server
for anything (`tokens`, `connection`), and reading variables and files (`secrets`).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.errors import CredentialError
from scopesync.live.credential_command import VARIABLE, asked_command
from scopesync.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import SecretRef, Tenant
    from scopesync.secrets import SecretSources

SHORTEST_SECRET = 6
"""Shorter ones could not be hidden in what is printed without spoiling it, and are no secrets."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What opens one tenant: the client id, which may be shown, and the secret, which may not."""

    client_id: str
    client_secret: Secret


def resolve(
    tenant: Tenant,
    refs: tuple[SecretRef, SecretRef] | None,
    sources: SecretSources,
    connection: str,
    record: Callable[[], TenantRecord | None],
) -> Pair:
    """The pair of this tenant, from the first place that there is for it.

    1. The references in its file, `env:` or `file:`.
    2. SCOPESYNC_<NAME>_CLIENT_ID and _CLIENT_SECRET.
    3. The program that SCOPESYNC_CREDENTIAL_COMMAND names (`command`).
    4. Its record, read with the vendor key.

    What a person wrote for one tenant goes before what serves all of them. A place that is only half filled, or that
    fails, is an error, never a reason to look further. `record` gives None where there is no vendor key. Raises
    CredentialError that names exactly what to set.
    """
    id_name, secret_name = variables(tenant.name)
    if refs is not None:
        client_id = _client_id(_look_up(refs[0], sources), refs[0])
        return Pair(client_id, Secret(_secret(_look_up(refs[1], sources), refs[1])))
    environment = sources.environment
    if environment.named(id_name) is not None or environment.named(secret_name) is not None:
        client_id = _client_id(sources.variable(id_name), id_name)
        return Pair(client_id, Secret(_secret(sources.variable(secret_name), secret_name)))
    command = environment.credential_command
    if command is not None:
        client_id, secret = asked_command(command, tenant, connection, environment.variables)
        hidden = Secret(_secret(secret, VARIABLE))
        return Pair(_client_id(client_id, VARIABLE), hidden)
    found = record()
    if found is None or not found.client_id or found.client_secret is None:
        raise CredentialError(
            f"tenant {tenant.name}: no credential", hint=f"set {id_name} and {secret_name} in the environment"
        )
    return pair_of(found)


def pair_of(record: TenantRecord) -> Pair:
    """The pair that a tenant's record carries. Raises CredentialError when it carries none."""
    if not record.client_id or record.client_secret is None:
        id_name, secret_name = variables(record.name)
        raise CredentialError(
            f"tenant {record.name}: its record carries no credential", hint=f"set {id_name} and {secret_name}"
        )
    where = f"the record of {record.name}"
    return Pair(_client_id(record.client_id, where), Secret(_secret(record.client_secret.reveal(), where)))


def variables(name: str) -> tuple[str, str]:
    """The environment variables of the tenant of that name: upper case, all but letters and digits as `_`."""
    stem = "SCOPESYNC_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
    return f"{stem}_CLIENT_ID", f"{stem}_CLIENT_SECRET"


def vendor_key(ref: SecretRef, sources: SecretSources) -> Secret:
    """The connection's API key. Raises CredentialError."""
    return Secret(_secret(_look_up(ref, sources), ref))


def basic(user: str, password: Secret) -> Secret:
    """The value of an `Authorization` header for HTTP Basic; the vendor's key is sent as user and password alike."""
    text = base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()
    Secret(text)  # registered by itself: in a log it may stand without the word before it
    return Secret(f"Basic {text}")


def _look_up(ref: SecretRef, sources: SecretSources) -> str:
    return sources.look_up(ref.source, ref.name)


def _secret(text: str, where: object) -> str:
    """The same text, if it can be a secret. Nothing of it is ever quoted."""
    if text.endswith(("\n", "\r")):
        raise CredentialError(f"the secret in {where} ends with a newline", hint="set it again without the newline")
    if not text.isprintable():
        raise CredentialError(f"the secret in {where} holds control characters")
    if len(text) < SHORTEST_SECRET:
        raise CredentialError(f"the secret in {where} is shorter than {SHORTEST_SECRET} characters")
    return text


def _client_id(text: str, where: object) -> str:
    """The same text, if it can be a client id: HTTP Basic ends the user name at a colon."""
    if not text.strip() or not text.isprintable() or ":" in text:
        raise CredentialError(f"the client id in {where} is empty, or holds a colon or control characters")
    return text
