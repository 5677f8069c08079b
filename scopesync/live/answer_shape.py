"""The shape of an answer: JSON that the API's page allows, or an AnswerError that names the place.

Belongs here: strict JSON, the envelope, the types of known fields. Does not belong here: fetching, following `next`
(`paging`), judging whose rows they are (`identity`). Nothing is coerced, and unknown fields are kept.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

from scopesync.errors import AnswerError
from scopesync.live.paging import Page
from scopesync.model import SERVER_FIELDS
from scopesync.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.model import Kind

LONGEST_REASON = 300
TOTALS = ("total", "total_count")


def json_object(body: bytes, where: str) -> dict[str, Any]:
    """The JSON object that the body is. Raises AnswerError, also on NaN, infinities and broken Unicode."""
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
        if b"\\ud" in body.lower():
            json.dumps(content, ensure_ascii=False).encode()  # half of a surrogate pair could never be written out
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"{where} answered with something other than JSON ({type(error).__name__})") from error
    if not isinstance(content, dict):
        raise AnswerError(f"{where} answered with JSON that is no object")
    return content


def page_of(body: bytes, where: str) -> Page:
    """The page that the body holds: `{data: [objects], paging: {next}}`. Raises AnswerError."""
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
    """The same page, if every known field has its type: text or null, `selected` a boolean or null."""
    texts = (*SERVER_FIELDS, *(name for name in kind.fields if name != "selected"), "id")
    for number, row in enumerate(page.rows):
        for name in texts:
            value = row.get(name)
            if value is not None and not isinstance(value, str):
                raise AnswerError(f"{where}: row {number} of the page has no text in {name}")
        if not isinstance(row.get("selected"), bool | None):
            raise AnswerError(f"{where}: row {number} of the page has no boolean in selected")
    return page


def refuse_error(content: Mapping[str, Any], where: str) -> None:
    """Raise AnswerError when the answer carries an error, whatever its status."""
    if content.get("error"):
        raise AnswerError(f"{where} answered with an error: {reason_of(content)}")


def reason_of(content: Mapping[str, Any]) -> str:
    """The server's own words in an error object, as one bounded line. They are data: the sink makes them harmless.

    A server may quote what it was sent, and a message goes to places that are no sink (a saved plan, a ledger): so
    secrets are hidden here, before anything is cut.
    """
    error = content.get("error")
    if not isinstance(error, dict):
        return _line(error) if isinstance(error, str) else "no reason given"
    words = [_line(error[name]) for name in ("code", "message", "ext_message", "details") if error.get(name)]
    return "; ".join(words)[:LONGEST_REASON] or "no reason given"


def reason_in(body: bytes) -> str:
    """The same from a body that may be anything: empty when it holds no error object."""
    try:
        content = json_object(body, "")
    except AnswerError:
        return ""
    return f": {reason_of(content)}" if content.get("error") else ""


def _line(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return "".join(c if c.isprintable() else " " for c in mask(text))[:LONGEST_REASON]


def _total(paging: Mapping[str, Any]) -> int | None:
    """The number of rows that the server claims, should it ever claim one."""
    totals = [paging[name] for name in TOTALS if name in paging]
    return next((total for total in totals if isinstance(total, int) and not isinstance(total, bool)), None)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number beyond every bound")
    return number
