"""The body of a response, with one limit for the bytes on the wire and for the bytes that they unpack to.

Belongs here: counting and unpacking. Does not belong here: parsing the bytes (`answer_shape`), deadlines of sockets
(`deadline`).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from scopesync.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes, before and after unpacking: some 150,000 rows in one page."""

_EITHER_HEADER = zlib.MAX_WBITS | 32
_PIECE = 1024 * 1024


def read_body(chunks: Iterable[bytes], encoding: str, *, cap: int = LARGEST_BODY) -> bytes:
    """The whole body, unpacked. Raises AnswerError beyond `cap`, before more than that is held in memory."""
    packed = _capped(chunks, cap, "sent")
    if encoding in ("", "identity"):
        return b"".join(packed)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise AnswerError("the answer is packed in a way that was not asked for")
    return b"".join(_capped(_unpacked(packed), cap, "unpacked"))


def _capped(chunks: Iterable[bytes], cap: int, what: str) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > cap:
            raise AnswerError(f"the answer is larger than {cap} bytes {what}")
        yield chunk


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The unpacked body in pieces of at most a megabyte. Raises AnswerError when the packed stream is cut off."""
    unpacker = zlib.decompressobj(_EITHER_HEADER)
    try:
        for chunk in chunks:
            yield unpacker.decompress(chunk, _PIECE)
            while unpacker.unconsumed_tail:
                yield unpacker.decompress(unpacker.unconsumed_tail, _PIECE)
    except zlib.error as error:
        raise AnswerError("the answer cannot be unpacked") from error
    if not unpacker.eof:
        raise AnswerError("the packed answer is cut off")
