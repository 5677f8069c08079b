"""What the status of a response to a read means.

Belongs here: 200, or which error. Does not belong here: writes, where the status also shows whether anything happened
(`writer`), and retries (`retry`): what arrives here is the last response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.errors import AnswerError, UnreachableError
from scopesync.live.answer_shape import reason_in
from scopesync.live.http.retry import FIRST_SERVER_ERROR, REQUEST_TIMEOUT, TOO_MANY

if TYPE_CHECKING:
    from scopesync.live.http.client import HttpResponse

OK = 200
NOT_FOUND = 404
REDIRECTS = range(300, 400)


class StatusError(AnswerError):
    """A status other than 200 that a retry would not change."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFoundError(StatusError):
    """404. For a list it never means "empty"; for one tenant's record, that the key does not see it."""


def body_of(answer: HttpResponse, where: str) -> bytes:
    """The body of a response with status 200. Raises UnreachableError or AnswerError on any other status."""
    status = answer.status
    if status == OK:
        return answer.body
    if status in REDIRECTS:
        raise AnswerError(f"{where} answered {status}: redirects are not followed", hint="check base_url")
    if status in (TOO_MANY, REQUEST_TIMEOUT) or status >= FIRST_SERVER_ERROR:
        raise UnreachableError(f"{where} answered {status} to every attempt{reason_in(answer.body)}")
    kind = NotFoundError if status == NOT_FOUND else StatusError
    raise kind(f"{where} answered {status}{reason_in(answer.body)}", status=status)
