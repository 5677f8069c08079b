"""The rows of the two scoping lists: their fields, their checks, the form in which they are stored and shown.

Belongs here: pure functions on rows. Does not belong here: where rows are kept, requests.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from scopesync.sandbox.api.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scopesync.sandbox.api.behaviour import Behaviour

Row: TypeAlias = "dict[str, Any]"
ListName = Literal["schools", "courses"]
FieldType = Literal["uuid", "text", "flag"]

_SCHOOL: Mapping[str, FieldType] = {
    "account_id": "uuid",
    "tenant_id": "uuid",
    "school_id": "uuid",
    "school_ref_id": "text",
    "name": "text",
    "local_id": "text",
    "keywords": "text",
    "selected": "flag",
}
FIELDS: Mapping[ListName, Mapping[str, FieldType]] = {
    "schools": _SCHOOL,
    "courses": {**_SCHOOL, "course_id": "uuid", "course_ref_id": "text"},
}
ID_FIELD: Mapping[ListName, str] = {"schools": "school_id", "courses": "course_id"}
_OWNER = ("account_id", "tenant_id")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID in its usual form: 36 characters, hyphens, no braces."""
    return _UUID.fullmatch(text) is not None


def row_key(list_name: ListName, row: Mapping[str, Any]) -> str | None:
    """What `{id}` means for that row, in lower case: its `id` if it has one, else its school or course id."""
    candidates = (row.get("id"), row.get(ID_FIELD[list_name]))
    return next((value.lower() for value in candidates if isinstance(value, str)), None)


def checked(row: object, list_name: ListName, *, where: str, uuids: bool) -> Row:
    """The row, if every known field has the page's type or is null; else a refusal that names the field.

    `where` says which part of the body the row is; `uuids` asks for well-formed ids. Unknown fields may be anything.
    """
    if not isinstance(row, dict):
        raise refusal(400, "invalid_type", f"{where} must be an object.", details=where)
    for name, kind in FIELDS[list_name].items():
        value = row.get(name)
        if value is not None and not _fits(value, kind, uuids=uuids):
            raise refusal(400, "invalid_type", f"{where}.{name} must be a {kind}.", details=f"{where}.{name}")
    return row


def settled(row: Row, list_name: ListName, *, tenant: Mapping[str, Any], behaviour: Behaviour) -> Row:
    """The row as it is stored: owned by the tenant, text and nulls as the behaviour says.

    A row that names another tenant or account is refused: it would be the work of a client that mixed them up.
    """
    owner = {"account_id": tenant["account"]["id"], "tenant_id": tenant["id"]}
    for name, value in owner.items():
        if row.get(name) is not None and row[name].lower() != value.lower():
            raise refusal(400, "foreign_row", f"A row names another {name} than the credential's.", details=name)
    owned = {**row, **owner}
    known = FIELDS[list_name]
    if behaviour.trims_text:
        owned = {name: _trimmed(value) if name in known else value for name, value in owned.items()}
    if behaviour.normalises_names and isinstance(owned.get("name"), str):
        owned["name"] = " ".join(unicodedata.normalize("NFC", owned["name"]).split())
    return _without_doubt_about_nulls(owned, list_name, behaviour)


def shown(row: Row, behaviour: Behaviour) -> Row:
    """The row as it is answered."""
    if behaviour.rows_carry_tenant_id:
        return row
    return {name: value for name, value in row.items() if name not in _OWNER}


def joined(live: tuple[Row, ...], sent: tuple[Row, ...], list_name: ListName, behaviour: Behaviour) -> tuple[Row, ...]:
    """The list after a POST: `live` is what stays (nothing, for a replace), `sent` what came."""
    rows = (*live, *sent)
    if behaviour.append == "update":
        by_key = {row_key(list_name, row) or number: row for number, row in enumerate(rows)}
        return tuple(by_key.values())
    if behaviour.append == "reject":
        _refuse_repeated(live, sent, list_name)
    return rows


def changed(before: Row, sent: Row, list_name: ListName, behaviour: Behaviour) -> Row:
    """The row after a PUT: what was sent, over the old row where PUT merges; its ids stay what they were."""
    base = before if behaviour.put == "merge" else {}
    ids = {name: before[name] for name in ("id", ID_FIELD[list_name]) if name in before and sent.get(name) is None}
    after = {**base, **sent, **ids}
    if row_key(list_name, after) != row_key(list_name, before):
        raise refusal(400, "id_mismatch", "The body's id is not the path's.", details=ID_FIELD[list_name])
    return after


def _fits(value: object, kind: FieldType, *, uuids: bool) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    return isinstance(value, str) and (kind == "text" or not uuids or is_uuid(value))


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _without_doubt_about_nulls(row: Row, list_name: ListName, behaviour: Behaviour) -> Row:
    if behaviour.nulls == "drop":
        return {name: value for name, value in row.items() if value is not None}
    if behaviour.nulls == "fill":
        return {**dict.fromkeys(FIELDS[list_name]), **row}
    return row


def _refuse_repeated(live: Iterable[Row], sent: Iterable[Row], list_name: ListName) -> None:
    seen = {row_key(list_name, row) for row in live}
    for key in filter(None, (row_key(list_name, row) for row in sent)):
        if key in seen:
            raise refusal(400, "duplicate", f"The id {key} is there already.", details=ID_FIELD[list_name])
        seen.add(key)
