"""The vendor's record of a tenant (TenantInfo), as far as scopesync uses it.

Belongs here: the record, parsing it, and its warnings for a person who wants to change the tenant. Does not belong
here: fetching it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.errors import AnswerError
from scopesync.row_identity import canonical_id, same_id
from scopesync.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ACTIVE = frozenset(
    {"active", "complete", "completed", "enabled", "ok", "online", "ready", "running", "started", "valid"}
)
"""Words that mean a healthy state. The API's page lists none, so any other word is shown to people as it is."""

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NOT_SEEN = "the vendor's record of this tenant could not be read: whether its license is active is not known"


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """What the vendor key sees of one tenant. Times are texts as the server wrote them; None is unknown.

    `client_id` and `client_secret` are the pair that opens the tenant's lists.
    """

    id: str
    name: str
    account_id: str | None = None
    account: str | None = None
    integration_id: str | None = None
    integration: str | None = None
    license_status: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    op_state: str | None = None
    setup_state: str | None = None
    last_sync_at: str | None = None
    sis_op_state: str | None = None
    sis_setup_state: str | None = None
    sis_last_sync_at: str | None = None
    auth_type: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None


def record_from(info: Mapping[str, Any]) -> TenantRecord:
    """The record that a TenantInfo object holds. Raises AnswerError on a wrong type, without quoting any value."""
    tenant_id = _text(info, "id")
    if not tenant_id:
        raise AnswerError("a tenant's record has no id")
    secret = _text(info, "auth", "client_secret")
    return TenantRecord(
        id=tenant_id,
        name=_text(info, "name") or tenant_id,
        account_id=_text(info, "account", "id"),
        account=_text(info, "account", "name"),
        integration_id=_text(info, "integration", "id"),
        integration=_text(info, "integration", "name"),
        license_status=_text(info, "license", "status"),
        valid_from=_text(info, "license", "valid_from"),
        valid_to=_text(info, "license", "valid_to"),
        op_state=_text(info, "status", "op_state"),
        setup_state=_text(info, "status", "setup_state"),
        last_sync_at=_text(info, "status", "last_sync_at"),
        sis_op_state=_text(info, "sis_status", "op_state"),
        sis_setup_state=_text(info, "sis_status", "setup_state"),
        sis_last_sync_at=_text(info, "sis_status", "last_sync_at"),
        auth_type=_text(info, "auth", "type"),
        client_id=_text(info, "auth", "client_id"),
        client_secret=Secret(secret) if secret else None,
    )


def record_filters(accounts: Collection[str], integrations: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The query parameters that filter tenants by these accounts and integrations, as far as the server supports it.

    The server takes lists separated by commas; accounts must be UUIDs. A list with any other value is not sent at all,
    since sending a part of it would leave tenants out.
    """
    filters = []
    if accounts and all(_UUID.fullmatch(canonical_id(account)) for account in accounts):
        filters.append(("accounts", ",".join(canonical_id(account) for account in accounts)))
    if integrations and not any("," in integration for integration in integrations):
        filters.append(("integrations", ",".join(integrations)))
    return tuple(filters)


def is_of(record: TenantRecord, accounts: Collection[str], integrations: Collection[str]) -> bool:
    """Whether the record belongs to one of these accounts and integrations, by id or name; no words mean all."""
    is_of_account = _is_one_of(accounts, record.account_id, record.account)
    return is_of_account and _is_one_of(integrations, record.integration_id, record.integration)


def _is_one_of(words: Collection[str], own_id: str | None, name: str | None) -> bool:
    if not words:
        return True
    has_id = own_id is not None and any(same_id(own_id, word) for word in words)
    return has_id or (name is not None and name in words)


def notes_of(record: TenantRecord) -> tuple[str, ...]:
    """What a person should know before changing this tenant: a license or a state that is not active.

    They quote the server: whoever shows them must escape them.
    """
    until = f" (valid until {record.valid_to})" if record.valid_to else ""
    states = (
        ("the license is", record.license_status, until),
        ("the integration is", record.op_state, ""),
        ("the set-up of the integration is", record.setup_state, ""),
        ("the student information system is", record.sis_op_state, ""),
        ("the set-up of the student information system is", record.sis_setup_state, ""),
    )
    notes = []
    for what, word, more in states:
        if word and word.strip().lower() not in ACTIVE:
            notes.append(f"{what} {word}{more}")
    return tuple(notes)


def _text(info: Mapping[str, Any], *path: str) -> str | None:
    """The text at that path, None where it is null or absent."""
    value: Any = info
    for name in path:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise AnswerError(f"a tenant's record holds no object where {'.'.join(path)} should be")
        value = value.get(name)
    if value is not None and not isinstance(value, str):
        raise AnswerError(f"a tenant's record holds no text in {'.'.join(path)}")
    return value
