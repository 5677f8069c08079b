"""What the ledger keeps: JSON values without secrets, and large ones as content, stored once by its digest.

Belongs here: masking, packing and unpacking. Does not belong here: tables, the chain.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.errors import LedgerError
from scopesync.row_identity import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_VERIFY = "`history verify` names the broken record"


@dataclass(frozen=True, slots=True)
class Content:
    """Packed bytes under the digest of the bytes themselves: `sha256:` and 64 hex digits."""

    digest: str
    packed: bytes

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Those bytes, packed."""
        return cls(_digest(data), zlib.compress(data, level=1))


def unpacked(digest: str, packed: bytes) -> bytes:
    """The bytes with that digest. Raises LedgerError when what is stored is something else."""
    try:
        data = zlib.decompress(packed)
    except zlib.error as error:
        raise LedgerError(f"the content {digest} is damaged", hint=_VERIFY) from error
    if _digest(data) != digest:
        raise LedgerError(f"the content {digest} was changed", hint=_VERIFY)
    return data


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def json_content(value: Any) -> Content:
    """A JSON value's content, the same for equal values."""
    return Content.of(canonical(value))


def masked(value: Any, mask: Callable[[str], str]) -> Any:
    """The JSON value without secrets in any of its texts; itself, where there is none in it.

    One look at all texts together is cheaper than one at each, and nearly always enough.
    """
    text = "\n".join(_texts(value))
    return value if mask(text) == text else _masked_parts(value, mask)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, part in value.items():
                yield key
                yield from _texts(part)
        case list() | tuple():
            for part in value:
                yield from _texts(part)


def _masked_parts(value: Any, mask: Callable[[str], str]) -> Any:
    """Text by text, so that a secret that looks like JSON's own signs cannot break the document."""
    match value:
        case str():
            return mask(value)
        case dict():
            return {mask(key): _masked_parts(part, mask) for key, part in value.items()}
        case list() | tuple():
            return [_masked_parts(part, mask) for part in value]
        case _:
            return value
