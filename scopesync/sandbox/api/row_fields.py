"""The fields of rows, and what a row is called.

Belongs here: the page's fields with their types, ids and their spellings. Does not belong here: what a server makes of
a row (`stored_rows`, `stored_texts`, `shown_rows`).
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scopesync.sandbox.api.behaviour import IdSpelling

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
# courses have every id that schools have
_ID_FIELDS = frozenset(name for name, kind in FIELDS["courses"].items() if kind == "uuid")
OWNER_FIELDS = ("account_id", "tenant_id")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ANY_SPELLING = re.compile(r"\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?")
_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "braces": lambda text: f"{{{text}}}",
    "no-dashes": lambda text: text.replace("-", ""),
}


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID in its usual form: 36 characters, hyphens, no braces."""
    return _UUID.fullmatch(text) is not None


def taken_id(text: str, spelling: IdSpelling) -> str:
    """An id that a request names, as the server understands it: one that spells ids its own way takes every way."""
    if spelling == "stored" or not _ANY_SPELLING.fullmatch(text):
        return text
    return str(uuid.UUID(text))


def spelled_id(text: str, spelling: IdSpelling) -> str:
    """An id as the server answers it; a text that is no UUID stays as it is."""
    if spelling == "stored" or not _ANY_SPELLING.fullmatch(text):
        return text
    return _SPELLINGS[spelling](str(uuid.UUID(text)))


def with_ids(row: Row, change: Callable[[str], str]) -> Row:
    """The row with that change to each of its ids."""
    ids = {name: value for name, value in row.items() if name in _ID_FIELDS and isinstance(value, str)}
    return {**row, **{name: change(value) for name, value in ids.items()}}


def row_key(list_name: ListName, row: Mapping[str, Any]) -> str | None:
    """What `{id}` means for that row, in lower case: its `id` if it has one, else its school or course id."""
    candidates = (row.get("id"), row.get(ID_FIELD[list_name]))
    return next((value.lower() for value in candidates if isinstance(value, str)), None)


def school_of(row: Mapping[str, Any]) -> str | None:
    """What a course calls its school, and a school itself: the id in lower case, failing that the reference."""
    school_id = row.get("school_id")
    if isinstance(school_id, str):
        return school_id.lower()
    reference = row.get("school_ref_id")
    return reference if isinstance(reference, str) else None
