"""The shape of a response: JSON as the API's page describes it, or an AnswerError that names the request.

Belongs here: strict JSON, the envelope, the types of known fields. Does not belong here: fetching, following `next`
(`paging`), judging which tenant the rows belong to (`identity`). Nothing is coerced; unknown fields are kept.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

from scopesync.errors import AnswerError
from scopesync.live.paging import Page
from scopesync.model import SERVER_FIELDS
from scopesync.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scopesync.model import Kind, Row

LONGEST_REASON = 300
TOTALS = ("total", "total_count")
GOOD_STATUS = re.compile(r"2[0-9]{2}")
NO_NEWS = ("", "0", "0.0", "ok", "success")


def json_object(body: bytes, where: str) -> dict[str, Any]:
    """The body, parsed as a JSON object. Raises AnswerError, also on NaN, infinities and broken Unicode."""
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
        if b"\\ud" in body.lower():
            json.dumps(content, ensure_ascii=False).encode()  # raises on a lone surrogate, which no file can hold
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"{where} answered with something other than JSON ({type(error).__name__})") from error
    if not isinstance(content, dict):
        raise AnswerError(f"{where} answered with JSON that is no object")
    return content


def page_of(body: bytes, where: str) -> Page:
    """The body, parsed as a page: `{data: [objects], paging: {next}}`. Raises AnswerError."""
    content = json_object(body, where)
    refuse_error(content, where)
    data = content.get("data")
    if not isinstance(data, list):
        raise AnswerError(f"{where} answered without a list under data")
    for number, row in enumerate(data):
        if not isinstance(row, dict):
            raise AnswerError(f"{where}: row {number} of the page is no object")
    paging = content.get("paging")
    if paging is not None and not isinstance(paging, dict):
        raise AnswerError(f"{where} answered with paging that is no object")
    return Page(tuple(data), next=(paging or {}).get("next"), total=_total(paging or {}))


def check_rows(page: Page, kind: Kind, where: str) -> Page:
    """The same page. Raises AnswerError unless known fields are text or null, and `selected` a boolean or null."""
    texts = _text_fields(kind)
    for number, row in enumerate(page.rows):
        _check_row(row, texts, f"{where}: row {number} of the page")
    return page


def row_of(body: bytes, kind: Kind, where: str) -> Row:
    """The body, parsed as one row: `{data: object, error}`, checked like the rows of a page. Raises AnswerError."""
    row = data_object(body, where)
    _check_row(row, _text_fields(kind), f"{where}: the row")
    return row


def data_object(body: bytes, where: str) -> dict[str, Any]:
    """The object under `data`. Raises AnswerError when it is missing, or when the body also holds an error."""
    content = json_object(body, where)
    refuse_error(content, where)
    data = content.get("data")
    if not isinstance(data, dict):
        raise AnswerError(f"{where} answered without an object under data")
    return data


def _text_fields(kind: Kind) -> tuple[str, ...]:
    return (*SERVER_FIELDS, *(name for name in kind.fields if name != "selected"), "id")


def _check_row(row: Row, texts: Iterable[str], what: str) -> None:
    for name in texts:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            raise AnswerError(f"{what} has no text in {name}")
    if not isinstance(row.get("selected"), bool | None):
        raise AnswerError(f"{what} has no boolean in selected")


def refuse_error(content: Mapping[str, Any], where: str) -> None:
    """Raise AnswerError when the body holds an error (see `says_error`), whatever the status."""
    if says_error(content.get("error")):
        raise AnswerError(f"{where} answered with an error: {reason_of(content)}")


def says_error(error: Any) -> bool:
    """Whether the value under `error` reports an error. Some servers send an empty error object with every success.

    It does not when each of its members, at any depth, is null, empty, 0, false, a word for success, or a 2xx as
    `status` or `code`.
    """
    return _is_bad_news("error", error)


def _is_bad_news(name: str, value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_bad_news(member, inner) for member, inner in value.items())
    if isinstance(value, list):
        return any(_is_bad_news(name, inner) for inner in value)
    text = "" if value in (None, False) else str(value).strip().lower()
    if text in NO_NEWS:
        return False
    is_good_status = name in ("status", "code") and GOOD_STATUS.fullmatch(text)
    return not is_good_status


def reason_of(content: Mapping[str, Any]) -> str:
    """The server's own words in an error object, as one bounded line. Whoever shows them must escape them.

    A server may quote the request, and messages are also stored (in plans and the ledger): so secrets are masked here,
    before the line is cut.
    """
    error = content.get("error")
    if isinstance(error, str):
        return server_line(error)
    if not isinstance(error, dict):
        return "no reason given"
    words = [server_line(error[name]) for name in ("code", "message", "ext_message", "details") if error.get(name)]
    return "; ".join(words)[:LONGEST_REASON] or "no reason given"


def reason_in(body: bytes) -> str:
    """`: ` and the server's own words, for the end of a message; empty when the body holds no error object."""
    try:
        content = json_object(body, "")
    except AnswerError:
        return ""
    return f": {reason_of(content)}" if says_error(content.get("error")) else ""


def server_line(value: Any) -> str:
    """A value of the server as one bounded line without secrets."""
    text = value if isinstance(value, str) else json.dumps(value)
    masked = mask(text)
    printable = "".join(character if character.isprintable() else " " for character in masked)
    return printable[:LONGEST_REASON]


def _total(paging: Mapping[str, Any]) -> int | None:
    """The number of rows that the server reports; None where it reports none."""
    totals = [paging[name] for name in TOTALS if name in paging]
    return next((total for total in totals if isinstance(total, int) and not isinstance(total, bool)), None)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number beyond every bound")
    return number
