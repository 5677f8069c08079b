"""The rows of the two scoping lists: their checks, and the form in which they are stored.

Belongs here: pure functions on rows. Does not belong here: where rows are kept, requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.sandbox.api.messages import refusal
from scopesync.sandbox.api.row_fields import FIELDS, ID_FIELD, is_uuid, row_key, school_of, taken_id, with_ids
from scopesync.sandbox.api.stored_texts import with_stored_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.row_fields import FieldType, ListName, Row


def checked(row: object, list_name: ListName, *, where: str, behaviour: Behaviour) -> Row:
    """The row, if every known field has the page's type or is null; else a refusal that names the field.

    `where` says which part of the body the row is. Unknown fields may be anything.
    """
    if not isinstance(row, dict):
        raise refusal(400, "invalid_type", f"{where} must be an object.", details=where)
    taken: Row = row
    if behaviour.id_spelling != "stored":
        taken = with_ids(row, lambda text: taken_id(text, behaviour.id_spelling))
    for name, kind in FIELDS[list_name].items():
        value = taken.get(name)
        if value is not None and not _fits(value, kind, uuids=behaviour.checks_uuids):
            raise refusal(400, "invalid_type", f"{where}.{name} must be a {kind}.", details=f"{where}.{name}")
    return taken


def settled(row: Row, list_name: ListName, *, tenant: Mapping[str, Any], behaviour: Behaviour) -> Row:
    """The row as it is stored: owned by the tenant, text and nulls as the behaviour says.

    A row that names another tenant or account is refused: it would be the work of a client that mixed them up.
    """
    owner = {"account_id": tenant["account"]["id"], "tenant_id": tenant["id"]}
    for name, value in owner.items():
        if row.get(name) is not None and row[name].lower() != value.lower():
            raise refusal(400, "foreign_row", f"A row names another {name} than the credential's.", details=name)
    owned = with_stored_texts({**row, **owner}, list_name, behaviour)
    return _without_doubt_about_nulls(owned, list_name, behaviour)


def joined(live: tuple[Row, ...], sent: tuple[Row, ...], list_name: ListName, behaviour: Behaviour) -> tuple[Row, ...]:
    """The list after a POST: `live` is what stays (nothing, for a replace), `sent` what came."""
    rows = (*live, *sent)
    if behaviour.append == "update":
        by_key = {_identity(row, list_name, behaviour) or number: row for number, row in enumerate(rows)}
        return tuple(by_key.values())
    if behaviour.append == "reject":
        refuse_repeated(live, sent, list_name, behaviour)
    return rows


def changed(before: Row, sent: Row, list_name: ListName, behaviour: Behaviour) -> Row:
    """The row after a PUT: what was sent, over the old row where PUT merges; its ids stay what they were."""
    base = before if behaviour.put == "merge" else {}
    ids = {name: before[name] for name in ("id", ID_FIELD[list_name]) if name in before and sent.get(name) is None}
    after = {**base, **sent, **ids}
    if row_key(list_name, after) != row_key(list_name, before):
        raise refusal(400, "id_mismatch", "The body's id is not the path's.", details=ID_FIELD[list_name])
    return after


def refuse_repeated(live: Iterable[Row], sent: Iterable[Row], list_name: ListName, behaviour: Behaviour) -> None:
    """Refuses rows that have the key of a live row, or of one that was sent before them."""
    seen = {_identity(row, list_name, behaviour) for row in live}
    for row in sent:
        identity = _identity(row, list_name, behaviour)
        if identity is None:
            continue
        if identity in seen:
            key = row_key(list_name, row)
            raise refusal(400, "duplicate", f"The id {key} is there already.", details=ID_FIELD[list_name])
        seen.add(identity)


def _identity(row: Row, list_name: ListName, behaviour: Behaviour) -> object:
    """What no two rows of a list may share; None for a row without a key, of which there may be many."""
    key = row_key(list_name, row)
    if key is not None and behaviour.courses_per_school and list_name == "courses":
        return (key, school_of(row))
    return key


def _fits(value: object, kind: FieldType, *, uuids: bool) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    return isinstance(value, str) and (kind == "text" or not uuids or is_uuid(value))


def _without_doubt_about_nulls(row: Row, list_name: ListName, behaviour: Behaviour) -> Row:
    if behaviour.nulls == "drop":
        return {name: value for name, value in row.items() if value is not None}
    if behaviour.nulls == "fill":
        return {**dict.fromkeys(FIELDS[list_name]), **row}
    return row
