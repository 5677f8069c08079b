"""Answers that no page allows: HTML where JSON is wanted, wrong types, cut text, bombs.

Belongs here: pure functions from a sound answer to a spoilt one, each under the name that a script calls it by.
Does not belong here: when an answer is spoilt (`conditions`), broken connections (`transmission`).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scopesync.sandbox.api.messages import Response

    Document = dict[str, Any]

_HTML = b"<!doctype html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
_GARBAGE = bytes(range(255, 127, -1))  # no prefix of it is UTF-8, UTF-16 with a mark, or JSON
_BLANKS = b" " * (1 << 20)
_GZIP = 31  # zlib's number for the format of gzip with the largest window
_LEVELS = 200_000


def spoilt(response: Response, form: str) -> Response:
    """The answer with its body spoilt in that form, one of FORMS; status and headers stay. No body stays no body."""
    if not response.body:
        return response
    if form in _TEXTS:
        content_type, text = _TEXTS[form]
        return replace(response, headers={**response.headers, "Content-Type": content_type}, body=text)
    if form == "truncated":
        return replace(response, body=response.body[: len(response.body) // 2])
    return replace(response, body=_document_spoilt(response.body, _DOCUMENTS[form]))


def gzip_bomb(response: Response, blanks: int) -> Response:
    """The same body, followed by so many blanks, packed to a thousandth: sound JSON for who has the memory."""
    pack = zlib.compressobj(wbits=_GZIP)
    parts = [pack.compress(response.body)]
    parts += [pack.compress(_BLANKS[: blanks - start]) for start in range(0, blanks, len(_BLANKS))]
    headers = {**response.headers, "Content-Encoding": "gzip"}
    return replace(response, headers=headers, body=b"".join((*parts, pack.flush())))


def _document_spoilt(body: bytes, spoil: Callable[[Document], Any]) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        return body  # spoilt already
    return json.dumps(spoil(document)).encode() if isinstance(document, dict) else body


def _without_data(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "data"}


def _with_data(value: object) -> Callable[[Document], Document]:
    return lambda document: {**document, "data": value}


def _with_error(_document: Document) -> Document:
    error = {"status": 500, "code": "internal", "message": "Something went wrong.", "ext_message": "", "details": ""}
    return {"data": None, "error": error}


def _wrong(value: Any) -> Any:
    """The same shape, each leaf of another type: text becomes a number, all else text."""
    if isinstance(value, dict):
        return {name: _wrong(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_wrong(part) for part in value]
    return 42 if isinstance(value, str) else json.dumps(value)


def _with_nan(document: Document) -> Document:
    """A NaN in a field that nobody knows, in each row if there are rows: only a strict parser minds it."""
    data = document.get("data")
    if isinstance(data, list) and data:
        return {**document, "data": [{**row, "weight": float("nan")} for row in data]}
    return {**document, "weight": float("nan")}


_TEXTS: Mapping[str, tuple[str, bytes]] = {
    "html": ("text/html; charset=utf-8", _HTML),
    "html-as-json": ("application/json", _HTML),
    "garbage": ("application/json", _GARBAGE),
    "empty": ("application/json", b""),
    "nested": ("application/json", b"[" * _LEVELS + b"]" * _LEVELS),
}
_DOCUMENTS: Mapping[str, Callable[[Document], Any]] = {
    "error-object": _with_error,
    "no-data": _without_data,
    "null-data": _with_data(None),
    "text-data": _with_data("none"),
    "object-data": _with_data({}),
    "list": lambda document: [document],
    "wrong-types": _wrong,
    "nan": _with_nan,
}
FORMS = (*_TEXTS, "truncated", *_DOCUMENTS)
"""Every form in which a body can be spoilt."""
