"""Names of tenants: what may be one, what is made of one.

Belongs here: the pattern, environment variables, file stems. Does not belong here: which tenants there are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from scopesync.schemas import validator

if TYPE_CHECKING:
    from collections.abc import Collection

_LONGEST = 60
"""Leaves room for a number behind a stem, within the 64 characters of a name."""


def is_name(text: str) -> bool:
    """Whether the tenant schema takes `text` as a name."""
    schema = validator("tenant").schema
    assert isinstance(schema, dict)
    return re.match(schema["properties"]["name"]["pattern"], text) is not None


def environment_part(name: str) -> str:
    """A tenant's name as it stands in SCOPESYNC_<NAME>_CLIENT_ID: capitals, and `_` for `-` and `.`."""
    return name.upper().replace("-", "_").replace(".", "_")


def file_stem(name: str, taken: Collection[str] = ()) -> str:
    """A stem for the file of the tenant that people call `name`: lower-case ASCII, and a name by the schema.

    It cannot be mistaken for one of `taken`, neither on a disk that ignores case nor in an environment variable.
    """
    ascii_name = unicodedata.normalize("NFKD", name.replace("'", "")).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower())[:_LONGEST].strip("-") or "tenant"
    used = {environment_part(one) for one in taken}
    number = 1
    while environment_part(candidate := stem if number == 1 else f"{stem}-{number}") in used:
        number += 1
    return candidate
