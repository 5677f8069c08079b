"""Writing to one tenant: five calls, each with one promise, and what a failure means for the live side.

Belongs here: building the calls, naming failures. Does not belong here: paths (`paths`), choosing what to write and in
which order (`plan`, `apply`), proving the result (the caller reads back).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from scopesync.errors import AnswerError, ConflictError, WriteError
from scopesync.live.answer_shape import json_object, reason_in, refuse_error
from scopesync.live.http.client import NoResponseError
from scopesync.live.http.retry import FIRST_SERVER_ERROR, REQUEST_TIMEOUT
from scopesync.live.http.status_text import NOT_FOUND
from scopesync.live.paths import item_path, list_path
from scopesync.live.refused_rows import refused_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scopesync.live.http.api_session import WriteSession
    from scopesync.live.http.client import HttpResponse
    from scopesync.model import Kind, Row

CONFLICTS = (409, 412)
GOOD = range(200, 300)
PLAN_AGAIN = "another client writes to this list: plan again"
FIRST_REFUSAL = 400
ACCEPTED = 202
MULTI_STATUS = 207
NOT_DONE_YET = "the server may still do it: look again before anything is sent a second time"
MOST_NAMED = 10


class TenantWriter:
    """Writes to one tenant with one credential.

    Every method raises WriteError: `landed` is False when certainly nothing was changed, None when only reading back
    can show it; ConflictError when another client writes; CredentialError when the credential is refused. A return
    without an error means that the server accepted the call, not that it carried it out.
    """

    def __init__(self, session: Callable[[], WriteSession]) -> None:
        self._session = session

    def append(self, kind: Kind, rows: Sequence[Row]) -> None:
        """Add these rows to the list. Never sent again once it may have landed. Raises WriteError without any row."""
        self._post(kind, rows, replace=False)

    def replace(self, kind: Kind, rows: Sequence[Row]) -> None:
        """Replace the list by these rows. Raises WriteError without any row: use `clear` for that."""
        self._post(kind, rows, replace=True)

    def update(self, kind: Kind, item_id: str, row: Row) -> None:
        """Send the whole row of that item. Raises WriteError with status 404 when the item does not exist."""
        path = item_path(kind, item_id)
        body = _json(row, f"PUT {path}")
        _accept(lambda: self._session().put(path, body), f"PUT {path}")

    def delete(self, kind: Kind, item_id: str) -> None:
        """Remove that item. One that does not exist any more (404) counts as removed."""
        path = item_path(kind, item_id)
        try:
            _accept(lambda: self._session().delete(path), f"DELETE {path}")
        except WriteError as error:
            if error.status != NOT_FOUND:
                raise

    def clear(self, kind: Kind) -> None:
        """Remove every row of the list; no other method can."""
        path = list_path(kind)
        _accept(lambda: self._session().clear(path), f"DELETE {path}")

    def _post(self, kind: Kind, rows: Sequence[Row], *, replace: bool) -> None:
        path = list_path(kind)
        where = f"POST {path}?replace={'true' if replace else 'false'}"
        if not rows:
            raise WriteError(f"{where}: there is no row to send; nothing was sent", landed=False)
        body = _json({"data": list(rows)}, where)
        _accept(lambda: self._session().post(path, body, replace=replace), where)


def _json(content: Any, where: str) -> bytes:
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError) as error:
        raise WriteError(f"{where}: a row cannot be written as JSON; nothing was sent", landed=False) from error


def _accept(send: Callable[[], HttpResponse], where: str) -> None:
    """Send; return when the server accepted the call, otherwise raise the WriteError that the failure means."""
    try:
        answer = send()
    except NoResponseError as error:
        raise WriteError(str(error), landed=None if error.sent else False) from error
    except AnswerError as error:
        raise WriteError(f"{where}: {error}", landed=None) from error
    if answer.status not in GOOD:
        raise _refusal(answer, where)
    if answer.status == ACCEPTED:
        raise WriteError(
            f"{where} answered 202: accepted, not done yet", landed=None, status=ACCEPTED, hint=NOT_DONE_YET
        )
    _refuse_bad_news(answer, where)


def _refusal(answer: HttpResponse, where: str) -> WriteError:
    """The error for a status. Only a 4xx proves that nothing happened, and only without an earlier attempt in doubt."""
    message = f"{where} answered {answer.status}{reason_in(answer.body)}"
    is_client_error = FIRST_REFUSAL <= answer.status < FIRST_SERVER_ERROR
    is_refusal = is_client_error and answer.status != REQUEST_TIMEOUT
    landed: Literal[False] | None = None
    if is_refusal and not answer.doubt:
        landed = False
    if answer.status in CONFLICTS:
        return ConflictError(message, landed=landed, status=answer.status, hint=PLAN_AGAIN)
    return WriteError(message, landed=landed, status=answer.status)


def _refuse_bad_news(answer: HttpResponse, where: str) -> None:
    """Raise WriteError when a 2xx comes with an error, with refused rows, or with a body that is not JSON."""
    if not answer.body.strip():
        return
    try:
        content = json_object(answer.body, where)
        refuse_error(content, where)
    except AnswerError as error:
        raise WriteError(str(error), landed=None, status=answer.status) from error
    refused = refused_rows(content) if answer.status == MULTI_STATUS else ()
    if refused:
        named = ", ".join(refused[:MOST_NAMED])
        more = f" and {len(refused) - MOST_NAMED} more" if len(refused) > MOST_NAMED else ""
        message = f"{where} answered 207: the server refused {len(refused)} of the rows: {named}{more}"
        raise WriteError(message, landed=None, status=MULTI_STATUS)
