"""Rows as a server answers them, whatever it has stored.

Belongs here: pure functions on one row. Does not belong here: fields that depend on when a row was written
(`row_marks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.sandbox.api.row_fields import FIELDS, OWNER_FIELDS, spelled_id, with_ids

if TYPE_CHECKING:
    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.row_fields import ListName, Row


def shown(row: Row, list_name: ListName, behaviour: Behaviour) -> Row:
    """The row as it is answered."""
    if not behaviour.rows_carry_tenant_id:
        row = {name: value for name, value in row.items() if name not in OWNER_FIELDS}
    if behaviour.omits_true_selected and row.get("selected") is True:
        row = {name: value for name, value in row.items() if name != "selected"}
    if behaviour.null_texts_as_empty:
        row = {**row, **_empty_texts(row, list_name)}
    if behaviour.id_spelling != "stored":
        row = with_ids(row, lambda text: spelled_id(text, behaviour.id_spelling))
    return row


def _empty_texts(row: Row, list_name: ListName) -> Row:
    texts = [name for name, kind in FIELDS[list_name].items() if kind == "text"]
    return {name: "" for name in texts if row.get(name) is None}
