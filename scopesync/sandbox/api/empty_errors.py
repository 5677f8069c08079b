"""The `error` object that some servers put beside `data` when there is none.

Belongs here: its forms. Does not belong here: real errors (`messages`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scopesync.sandbox.api.messages import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.sandbox.api.behaviour import Behaviour

_MEMBERS = ("status", "code", "message", "ext_message", "details")
_ERRORS: Mapping[str, Mapping[str, Any]] = {
    "nulls": dict.fromkeys(_MEMBERS),
    "blanks": dict.fromkeys(_MEMBERS, ""),
    "zeros": {**dict.fromkeys(_MEMBERS, ""), "status": 0, "code": 0},
    "success": {**dict.fromkeys(_MEMBERS, ""), "status": 200, "code": "OK"},
}


def with_empty_error(response: Response, behaviour: Behaviour) -> Response:
    """The answer, with an error that says nothing beside its `data`, where the server gives one."""
    if behaviour.empty_error == "none" or not response.body:
        return response
    document = response.document()
    if "data" not in document or "error" in document:
        return response
    document["error"] = _ERRORS[behaviour.empty_error]
    return replace(response, body=Response.of(document).body)
