"""The credential of a tenant: found, checked, and never shown.

Belongs here: where a pair comes from, what a usable secret is, HTTP Basic. Does not belong here: asking the server
for anything (`tokens`, `connection`), and the process's environment (the mapping is passed in).
"""

from __future__ import annotations

import base64
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scopesync.errors import CredentialError
from scopesync.live.credential_command import VARIABLE, asked_command
from scopesync.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import SecretRef, Tenant

SHORTEST_SECRET = 6
"""Shorter ones could not be hidden in what is printed without spoiling it, and are no secrets."""
LARGEST_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Pair:
    """What opens one tenant: the client id, which may be shown, and the secret, which may not."""

    client_id: str
    client_secret: Secret


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where secrets may be looked up: the environment that was passed in, and the project's folder."""

    environ: Mapping[str, str]
    root: Path


def resolve(
    tenant: Tenant,
    refs: tuple[SecretRef, SecretRef] | None,
    around: Surroundings,
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
        return Pair(_client_id(look_up(refs[0], around), refs[0]), Secret(_secret(look_up(refs[1], around), refs[1])))
    if id_name in around.environ or secret_name in around.environ:
        return Pair(
            _client_id(_variable(id_name, around.environ), id_name),
            Secret(_secret(_variable(secret_name, around.environ), secret_name)),
        )
    command = around.environ.get(VARIABLE)
    if command:
        client_id, secret = asked_command(command, tenant, connection, around.environ)
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


def vendor_key(ref: SecretRef, around: Surroundings) -> Secret:
    """The connection's API key. Raises CredentialError."""
    return Secret(_secret(look_up(ref, around), ref))


def basic(user: str, password: Secret) -> Secret:
    """The value of an `Authorization` header for HTTP Basic; the vendor's key is sent as user and password alike."""
    text = base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()
    Secret(text)  # registered by itself: in a log it may stand without the word before it
    return Secret(f"Basic {text}")


def look_up(ref: SecretRef, around: Surroundings) -> str:
    """The text that a reference names. From a file, one newline at the end is the editor's and is dropped."""
    if ref.source == "env":
        return _variable(ref.name, around.environ)
    text = _file(around.root / ref.name, ref)
    return text.removesuffix("\n").removesuffix("\r")


def _variable(name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise CredentialError(f"the environment variable {name} is not set", hint=f"export {name}=…")
    return environ[name]


def _file(path: Path, ref: SecretRef) -> str:
    """The text of a small regular file; opened without waiting, so that a FIFO cannot hold the run."""
    without_waiting = getattr(os, "O_NONBLOCK", 0)  # Windows has neither the flag nor FIFOs among its files
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | without_waiting), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CredentialError(f"{ref} is not a regular file")
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise CredentialError(f"{ref} cannot be read: {reason}", hint="the path is relative to the project") from error
    if len(data) > LARGEST_FILE:
        raise CredentialError(f"{ref} is larger than {LARGEST_FILE} bytes: that is no secret")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise CredentialError(f"{ref} is not UTF-8 text") from None  # the cause would carry the bytes


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
