"""Answers that are given again.

Belongs here: which answer stands for which request, and until when. Does not belong here: making answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.sandbox.api.messages import Request, Response


@dataclass(slots=True)
class AnswerCache:
    """Answers to GET by tenant, path and query. A request with `Cache-Control: no-cache` is never answered from it."""

    clock: Callable[[], float]
    _kept: dict[tuple[str, str, str], tuple[float, Response]] = field(default_factory=dict)

    def answer(self, tenant_id: str, request: Request) -> Response | None:
        """The answer that was kept for such a request and is not too old, or None."""
        if "no-cache" in (request.header("Cache-Control") or "").lower():
            return None
        until, response = self._kept.get((tenant_id, request.path, request.query), (0, None))
        return response if self.clock() < until else None

    def keep(self, tenant_id: str, request: Request, response: Response, *, seconds: float) -> None:
        """Keep the answer for so long."""
        self._kept[tenant_id, request.path, request.query] = (self.clock() + seconds, response)
