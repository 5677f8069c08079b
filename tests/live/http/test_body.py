from __future__ import annotations

import gzip
import zlib
from itertools import repeat
from typing import TYPE_CHECKING

import pytest

from scopesync.errors import AnswerError
from scopesync.live.http.body import read_body

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = b'{"data": []}' * 1000


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("", TEXT), ("identity", TEXT), ("gzip", gzip.compress(TEXT)), ("deflate", zlib.compress(TEXT))],
    ids=["plain", "identity", "gzip", "deflate"],
)
def test_a_body_is_unpacked(encoding: str, packed: bytes) -> None:
    chunks = [packed[at : at + 7] for at in range(0, len(packed), 7)]
    assert read_body(chunks, encoding) == TEXT


def test_fault_19_a_body_without_end_is_cut_at_the_cap() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for chunk in repeat(b"x" * 1000):
            taken += 1
            yield chunk

    with pytest.raises(AnswerError, match="larger than 10000 bytes sent"):
        read_body(endless(), "", cap=10_000)
    assert taken == 11


def test_fault_19_a_gzip_bomb_is_cut_at_the_cap() -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=9)
    with pytest.raises(AnswerError, match="larger than 1000000 bytes unpacked"):
        read_body([bomb], "gzip", cap=1_000_000)


@pytest.mark.parametrize(("encoding", "body"), [("gzip", b"no gzip"), ("br", b""), ("gzip, gzip", b"")])
def test_what_cannot_be_unpacked(encoding: str, body: bytes) -> None:
    with pytest.raises(AnswerError):
        read_body([body], encoding)


def test_a_packed_body_that_is_cut_off() -> None:
    with pytest.raises(AnswerError, match="cut off"):
        read_body([gzip.compress(TEXT)[:-9]], "gzip")
