"""How an answer goes out over its connection: whole and at once, or broken in one of the ways of real networks.

Belongs here: the plan of a transmission as a value, and the pieces that it makes of a body. Does not belong here:
sockets (`server`), HTTP clients. A socket and a test in process send the same pieces, so that both break alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """The transmission of one answer.

    drops        the connection is closed before a byte of the answer is sent; nothing else counts then
    cut_after    the connection is closed after so many bytes of the body; None, or a body that is shorter: never
    blanks       so many spaces follow the body (JSON allows them); None: without end, and no length is announced
    piece_bytes  the size of one piece
    pause_s      seconds of silence before each piece
    """

    drops: bool = False
    cut_after: int | None = None
    blanks: int | None = 0
    piece_bytes: int = _PIECE
    pause_s: float = 0.0

    def length(self, body: bytes) -> int | None:
        """What `Content-Length` says; None when it says nothing because there is no end."""
        return None if self.blanks is None else len(body) + self.blanks

    def pieces(self, body: bytes) -> Iterator[bytes]:
        """The bytes as they go out. Raises ConnectionResetError where the connection is closed before the end."""
        left = self.cut_after
        for piece in self._all_pieces(body):
            if left is None:
                yield piece
                continue
            if left < len(piece):
                yield piece[:left]
                raise ConnectionResetError("the script of faults ends this body here")
            yield piece
            left -= len(piece)

    def _all_pieces(self, body: bytes) -> Iterator[bytes]:
        for start in range(0, len(body), self.piece_bytes):
            yield body[start : start + self.piece_bytes]
        blanks = b" " * self.piece_bytes
        left = self.blanks
        while left is None:
            yield blanks
        for start in range(0, left, self.piece_bytes):
            yield blanks[: left - start]


WHOLE = Sending()
"""The whole body, at once, over a connection that lasts."""
