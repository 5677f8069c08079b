"""What only a sandbox has: paths to set its faults, to read its record, and its own description.

Belongs here: the paths under `/_sandbox/`, which the real API does not have. Does not belong here: what is under `/v2`.

    GET, PUT, DELETE /_sandbox/faults        the script of faults: read it, play another one from its start, play none
    GET, DELETE      /_sandbox/served        what was done and which faults struck; DELETE forgets both
    GET              /_sandbox/openapi.yaml  the API's description
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING

from scopesync.sandbox.api.messages import NO_CONTENT, Refusal, Response, refusal
from scopesync.sandbox.faults.script import NO_FAULTS, script_of
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.faults.faulty_engine import Faulty

PREFIX = "/_sandbox/"


class Control:
    """A faulty engine with its control paths beside it. Only these very paths lead here, however others are written."""

    def __init__(self, faulty: Faulty) -> None:
        self._faulty = faulty
        self._paths: Mapping[str, Mapping[str, Callable[[Request], Response]]] = {
            "faults": {"GET": self._show_faults, "PUT": self._set_faults, "DELETE": self._clear_faults},
            "served": {"GET": self._show_served, "DELETE": self._forget_served},
            "openapi.yaml": {"GET": _show_description},
        }

    def handle(self, request: Request) -> Response:
        """The answer of a control path, of the faulty engine for every other one."""
        if not request.path.startswith(PREFIX):
            return self._faulty.handle(request)
        methods = self._paths.get(request.path.removeprefix(PREFIX), {})
        try:
            if not methods:
                raise refusal(404, "not_found", "There is no such path.")
            if request.method not in methods:
                headers = {"Allow": ", ".join(methods)}
                raise refusal(405, "method_not_allowed", f"{request.method} is not allowed here.", headers=headers)
            return methods[request.method](request)
        except Refusal as refused:
            return refused.response

    def _show_faults(self, _request: Request) -> Response:
        return Response.of(self._faulty.script.document)

    def _set_faults(self, request: Request) -> Response:
        try:
            self._faulty.use(script_of(request.body))
        except SandboxError as error:
            raise refusal(400, "bad_script", str(error)) from error
        return NO_CONTENT

    def _clear_faults(self, _request: Request) -> Response:
        self._faulty.use(NO_FAULTS)
        return NO_CONTENT

    def _show_served(self, _request: Request) -> Response:
        served, struck = self._faulty.engine.served, self._faulty.struck
        return Response.of({"served": [asdict(one) for one in served], "struck": [asdict(one) for one in struck]})

    def _forget_served(self, _request: Request) -> Response:
        self._faulty.engine.forget_served()
        self._faulty.forget_struck()
        return NO_CONTENT


def openapi_text() -> str:
    """The API's description: in `scopesync/schemas` of a wheel, in `schemas` beside the package of a checkout."""
    package = files("scopesync")
    installed = package / "schemas"
    return ((installed if installed.is_dir() else package / ".." / "schemas") / "interop-api.yaml").read_text("utf-8")


def _show_description(_request: Request) -> Response:
    return Response(200, {"Content-Type": "application/yaml"}, openapi_text().encode())
