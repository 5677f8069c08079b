"""Keys: what a row is called, and what its list looks like as one number.

Belongs here: the one way to name a row and to fingerprint rows. Does not belong here: which rows belong together.
"""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from scopesync.model import Kind, Row

KeyedRows = dict[str, "Row"]
"""Rows by key, in the order of their keys, as `keyed` makes them."""

_CHUNK = 1000
"""Rows that are encoded at once: a call for each row takes nearly twice the time, one for all a second copy of them."""

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical(value: Any) -> bytes:
    """The same bytes for the same JSON value, whatever the order of its keys; ASCII, so lone surrogates survive."""
    return _JSON.encode(value).encode("ascii")


def key_of(kind: Kind, row: Row) -> str:
    """What the row is called: its id, else its reference, else its local id, else a digest of its content."""
    if row.get(kind.id_field):
        return str(row[kind.id_field])
    if row.get(kind.ref_field):
        return f"ref:{row[kind.ref_field]}"
    if row.get("local_id"):
        return f"local:{row['local_id']}"
    return f"row:{hashlib.sha256(canonical(row)).hexdigest()[:12]}"


def keyed(kind: Kind, rows: Collection[Row]) -> KeyedRows:
    """The rows by key, in the order of their keys: the same result for any order of `rows`.

    Copies of a key are told apart by `#2`, `#3`, in the order of their content, so that no row is ever lost here.
    """
    by_id: dict[Any, Row] = {row.get(kind.id_field): row for row in rows}
    if len(by_id) == len(rows) and all(by_id):  # every row has an id of its own, as nearly always: a third of the time
        return {key: by_id[key] for key in sorted(by_id)}
    named: dict[str, list[Row]] = {}
    for row in rows:
        named.setdefault(key_of(kind, row), []).append(row)
    result: KeyedRows = {}
    for key in sorted(named):
        first, *copies = sorted(named[key], key=canonical) if len(named[key]) > 1 else named[key]
        result[key] = first
        for number, copy in enumerate(copies, start=2):
            result[_free(f"{key}#{number}", taken=named)] = copy
    return result


def _free(key: str, *, taken: Mapping[str, Any]) -> str:
    """The key, lengthened until no row of the list bears it as its own."""
    while key in taken:
        key += "#"
    return key


def fingerprint(kind: Kind, rows: KeyedRows) -> str:
    """A digest of the rows with all their fields, whatever order they came in: `sha256:` and 64 hex digits."""
    ordered = iter(rows.values())
    parts = iter(lambda: list(islice(ordered, _CHUNK)), [])
    return digest(map(canonical, parts), name=kind.name)


def digest(parts: Iterable[bytes], *, name: str) -> str:
    """A digest of the parts in their order; `name` keeps digests of different things apart."""
    total = hashlib.sha256(name.encode())
    for part in parts:
        total.update(b"\n")
        total.update(part)
    return f"sha256:{total.hexdigest()}"
