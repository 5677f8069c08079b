"""The sandbox's engine as an httpx transport, for tests in process: nothing of either is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from scopesync.sandbox.api.messages import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scopesync.sandbox.api.messages import Answering, Response


@dataclass
class _Pieces(httpx.SyncByteStream):
    """A body as it goes out: silences are slept, a connection that ends too early is the error that a socket gives."""

    response: Response
    sleep: Callable[[float], None]

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self.response.pieces():
                self.sleep(self.response.sending.pause_s)
                yield piece
        except ConnectionResetError as error:
            raise httpx.RemoteProtocolError(str(error)) from error


def engine_transport(layer: Answering, *, sleep: Callable[[float], None] = lambda _: None) -> httpx.MockTransport:
    """The engine, or a layer around it, as an httpx transport; `sleep` is what slow bodies do in between."""

    def answer(sent: httpx.Request) -> httpx.Response:
        path, _, query = sent.url.raw_path.decode("ascii").partition("?")
        response = layer.handle(Request(sent.method, path, query, sent.headers, sent.content, sent.url.scheme))
        if response.sending.drops:
            raise httpx.RemoteProtocolError("dropped by the script of faults")
        return httpx.Response(response.status, headers=dict(response.headers), stream=_Pieces(response, sleep))

    return httpx.MockTransport(answer)
