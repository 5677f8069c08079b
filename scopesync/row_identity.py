"""What a row is called, when two rows are the same, which values are alike, and the index that finds a row.

Belongs here: every rule on the identity of rows; no other module compares ids, references or local ids. Does not belong
here: how a course names its school (`school_links`), what follows from a difference (`plan`, `apply`, `audit`).

- An id (`school_id`, `course_id`, `account_id`, `tenant_id`) is a UUID: capitals, braces or missing dashes are only
  another spelling of the same id. An id that is no UUID is compared exactly.
- References and local ids are compared exactly, case included.
- Other texts are compared in Unicode's NFC form. Null, absent and "" are alike; `selected` null or absent is true.
- A row means the row with its id; without an id, the row with its reference; only without a reference, the row with its
  local id.
- A course may be in scope once for each of its schools. Where an id repeats, its rows are told apart by their school.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from scopesync.model import KINDS, SERVER_FIELDS, Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from scopesync.model import Kind, Row

KeyedRows: TypeAlias = "Mapping[str, Row]"
"""Rows by key, in the order of their keys, as `keyed` makes them."""

Key = TypeVar("Key")

ID_FIELDS = frozenset((*(kind.id_field for kind in KINDS), *SERVER_FIELDS))
"""Fields that hold UUIDs."""

REFERENCE_KEY, LOCAL_ID_KEY, CONTENT_KEY = "ref:", "local:", "row:"
"""How the keys of rows without an id begin."""

_CHUNK = 1000
"""Rows that are encoded at once: a call for each row takes nearly twice the time, one for all a second copy of them."""

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID_LINES = re.compile(f"(?:{_UUID.pattern}\n)*")
_HEX_DIGITS = re.compile("[0-9a-f]{32}")


# Ids and what stands in for them


def stand_in_fields(kind: Kind) -> tuple[str, str]:
    """The fields that identify a row without an id, the one that decides first."""
    return kind.ref_field, "local_id"


def identity_fields(kind: Kind) -> tuple[str, str, str]:
    """The fields that identify a row, the one that decides first."""
    return kind.id_field, *stand_in_fields(kind)


def deciding_field(kind: Kind, row: Row) -> str | None:
    """The field that says which row this is; None where nothing says it."""
    return next((field for field in identity_fields(kind) if row.get(field)), None)


def canonical_id(text: str) -> str:
    """The one spelling of an id: a UUID in small letters with dashes. Text that is no UUID comes back as it is."""
    if _UUID.fullmatch(text):
        return text
    digits = text.lower().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    if not _HEX_DIGITS.fullmatch(digits):
        return text
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def canonical_ids(texts: Sequence[str]) -> Sequence[str]:
    """`canonical_id` of each text. Lists in which all ids are canonical already cost a fifth of asking one by one."""
    lines = "\n".join(texts) + "\n"
    if _UUID_LINES.fullmatch(lines):
        return texts
    return [canonical_id(text) for text in texts]


def same_id(one: str, other: str) -> bool:
    """Whether the two are spellings of one id."""
    return one == other or canonical_id(one) == canonical_id(other)


# Values


def alike(field: str, one: Any, other: Any) -> bool:
    """Whether a field with either value says the same: a server may keep the one for the other.

    `None` stands for a field that is null or absent.
    """
    if one == other:
        return True
    if field == "selected":
        return _selected(one) is _selected(other)
    if one in (None, "") or other in (None, ""):
        return one in (None, "") and other in (None, "")
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    if field in ID_FIELDS:
        return canonical_id(one) == canonical_id(other)
    return _composed(one) == _composed(other)


def differs(row: Row, wanted: Row) -> bool:
    """Whether a field of `wanted` has another value in `row`. Asked of each row of a list."""
    for field, value in wanted.items():  # noqa: SIM110 - any() with a generator takes twice the time
        if row.get(field) != value and not alike(field, row.get(field), value):
            return True
    return False


def differing_fields(fields: Iterable[str], one: Row, other: Row) -> tuple[str, ...]:
    """Those of the fields whose values are not alike in the two rows, in the order given."""
    return tuple(field for field in fields if not alike(field, one.get(field), other.get(field)))


def says_something(field: str, value: Any) -> bool:
    """Whether the value is more than what null means for that field."""
    return not alike(field, value, None)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _selected(value: Any) -> Any:
    return True if value is None else value


# Keys


def canonical(value: Any) -> bytes:
    """The same bytes for the same JSON value, whatever the order of its keys; ASCII, so lone surrogates survive."""
    return _JSON.encode(value).encode("ascii")


def key_of(kind: Kind, row: Row) -> str:
    """The key of the row by itself: its id, else its reference, else its local id, else a digest of its content."""
    if row.get(kind.id_field):
        return canonical_id(str(row[kind.id_field]))
    if row.get(kind.ref_field):
        return f"{REFERENCE_KEY}{row[kind.ref_field]}"
    if row.get("local_id"):
        return f"{LOCAL_ID_KEY}{row['local_id']}"
    return f"{CONTENT_KEY}{hashlib.sha256(canonical(row)).hexdigest()[:12]}"


def key_at_school(kind: Kind, row: Row) -> str:
    """The key of a course whose id repeats: `ID@SCHOOL`. The same as `key_of` for every other row."""
    school = row.get("school_id") or row.get("school_ref_id")
    if kind.name != "courses" or not row.get(kind.id_field) or not school:
        return key_of(kind, row)
    return f"{key_of(kind, row)}@{canonical_id(str(school))}"


def canonical_key(key: str) -> str:
    """A key that an earlier version wrote, with its id in the one spelling."""
    identifier, mark, rest = key.partition("#")
    return f"{canonical_id(identifier)}{mark}{rest}"


def keyed(kind: Kind, rows: Collection[Row]) -> KeyedRows:
    """The rows by key, in the order of their keys: the same result for any order of `rows`.

    Rows that share an id are told apart by their school. Rows that share that too are copies: the first, in the order
    of their content, has the plain key, and the others `#2`, `#3`. What people write decides before the rest: a time of
    change that the server renews must not swap two copies. No row is ever lost here.
    """
    by_id = _by_distinct_ids(kind, rows)
    if by_id is not None:
        return {key: by_id[key] for key in sorted(by_id)}
    named: dict[str, list[Row]] = defaultdict(list)
    repeated = _repeated_keys(kind, rows)
    for row in rows:
        key = key_of(kind, row)
        named[key_at_school(kind, row) if key in repeated else key].append(row)
    result: dict[str, Row] = {}
    for key in sorted(named):
        first, *copies = _in_order_of_content(kind, named[key]) if len(named[key]) > 1 else named[key]
        result[key] = first
        for number, copy in enumerate(copies, start=2):
            result[_free(f"{key}#{number}", taken=named)] = copy
    return result


def listing(kind: Kind, rows: Iterable[Row]) -> Listing:
    """A live list that was read completely, with its rows by key."""
    complete = tuple(rows)
    return Listing(kind, complete, keyed(kind, complete))


def _in_order_of_content(kind: Kind, rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (canonical(written_content(kind, row)), canonical(row)))


def _by_distinct_ids(kind: Kind, rows: Collection[Row]) -> KeyedRows | None:
    """The rows by id where each has an id of its own, as nearly always: a third of the time. None where not."""
    ids = [row[kind.id_field] for row in rows if row.get(kind.id_field)]
    if len(ids) < len(rows):
        return None
    by_id = dict(zip(canonical_ids(ids), rows, strict=True))
    return by_id if len(by_id) == len(rows) else None


def _repeated_keys(kind: Kind, rows: Iterable[Row]) -> frozenset[str]:
    """Ids that several rows bear."""
    bearers = Counter(key_of(kind, row) for row in rows if row.get(kind.id_field))
    return frozenset(key for key, count in bearers.items() if count > 1)


def _free(key: str, *, taken: Mapping[str, Any]) -> str:
    """The key, lengthened until no row of the list bears it as its own."""
    while key in taken:
        key += "#"
    return key


# Finding


class RowIndex(Generic[Key]):
    """Finds the rows of one list that another row may mean, by the rules at the head of this module.

    `rows` are the list's rows by any key; what is found are these keys, in their order.
    """

    def __init__(self, kind: Kind, rows: Mapping[Key, Row]) -> None:
        self._kind = kind
        self._rows = rows
        self._by_field: dict[str, Mapping[str, list[Key]]] = {}

    def meant_by(self, row: Row) -> Sequence[Key]:
        """The keys of the rows that `row` may mean: none, one, or several that its own fields cannot tell apart."""
        identifier = row.get(self._kind.id_field)
        if identifier:
            return self.with_id(identifier)
        for field in stand_in_fields(self._kind):
            if row.get(field):
                return self._index(field).get(row[field], ())
        return ()

    def with_id(self, identifier: str) -> Sequence[Key]:
        """The keys of the rows that bear this id, in any spelling."""
        return self._index(self._kind.id_field).get(canonical_id(identifier), ())

    def _index(self, field: str) -> Mapping[str, list[Key]]:
        if field not in self._by_field:
            found: dict[str, list[Key]] = defaultdict(list)
            for key, row in self._rows.items():
                value = row.get(field)
                if value and isinstance(value, str):
                    found[canonical_id(value) if field in ID_FIELDS else value].append(key)
            self._by_field[field] = dict(found)
        return self._by_field[field]


# Digests


def written_content(kind: Kind, row: Row) -> dict[str, Any]:
    """What the row says in the fields that people write, in the one spelling: alike rows have equal contents."""
    content = {}
    for field in kind.fields:
        value = row.get(field)
        if value is None or value == "" or (field == "selected" and value is True):
            continue
        if isinstance(value, str):
            value = canonical_id(value) if field in ID_FIELDS else _composed(value)
        content[field] = value
    return content


def fingerprint(kind: Kind, rows: Mapping[str, Row]) -> str:
    """A digest of what the rows say in the fields that people write, in any order: `sha256:` and 64 hex digits.

    Fields that only the server writes are not in it: that it renews a time of change each night makes no plan stale.
    """
    ordered = (written_content(kind, row) for row in rows.values())
    parts = iter(lambda: list(islice(ordered, _CHUNK)), [])
    return digest(map(canonical, parts), name=kind.name)


def digest(parts: Iterable[bytes], *, name: str) -> str:
    """A digest of the parts in their order; `name` keeps digests of different things apart."""
    total = hashlib.sha256(name.encode())
    for part in parts:
        total.update(b"\n")
        total.update(part)
    return f"sha256:{total.hexdigest()}"
