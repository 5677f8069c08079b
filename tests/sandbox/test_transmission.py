from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.sandbox.transmission import WHOLE, Sending


def sent(sending: Sending, body: bytes) -> tuple[bytes, bool]:
    """The bytes that go out, and whether the connection lasted."""
    arrived = b""
    try:
        for piece in sending.pieces(body):
            arrived += piece
    except ConnectionResetError:
        return arrived, False
    return arrived, True


@given(body=st.binary(max_size=60), blanks=st.integers(0, 40), size=st.integers(1, 20), cut=st.integers(0, 120))
def test_the_bytes_do_not_depend_on_the_pieces(body: bytes, blanks: int, size: int, cut: int) -> None:
    whole = body + b" " * blanks
    assert sent(Sending(blanks=blanks, piece_bytes=size), body) == (whole, True)
    assert sent(Sending(blanks=blanks, piece_bytes=size, cut_after=cut), body) == (whole[:cut], cut >= len(whole))
    assert Sending(blanks=blanks, piece_bytes=size).length(body) == len(whole)


def test_pieces_have_the_size_that_was_asked_for() -> None:
    assert list(Sending(piece_bytes=2, blanks=3).pieces(b"abcde")) == [b"ab", b"cd", b"e", b"  ", b" "]
    assert list(WHOLE.pieces(b"abcde")) == [b"abcde"]
    assert list(WHOLE.pieces(b"")) == []


def test_a_body_without_end_goes_on_and_announces_no_length() -> None:
    endless = Sending(blanks=None, piece_bytes=4)
    assert endless.length(b"{}") is None
    assert list(islice(endless.pieces(b"{}"), 1000))[-1] == b"    "


@pytest.mark.parametrize("cut", [0, 1, 5000])
def test_also_a_body_without_end_can_be_cut(cut: int) -> None:
    arrived, whole = sent(Sending(blanks=None, cut_after=cut), b"{}")
    assert (len(arrived), whole) == (cut, False)
