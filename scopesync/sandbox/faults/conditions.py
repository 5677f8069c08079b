"""Which requests a fault meets: facts about a request, and conditions on them.

Belongs here: pure decisions, and the counting that they rest on as arguments. Does not belong here: keeping the counts
(`faulty_engine`), what then happens (`effects`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from scopesync.sandbox.api.messages import Refusal
from scopesync.sandbox.api.pages import asked_page
from scopesync.sandbox.api.routes import ScopingCall, TokenCall, route

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from scopesync.sandbox.api.engine import Engine
    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.api.routes import Call
    from scopesync.sandbox.api.row_fields import ListName

_READS = ("list", "find")
_WRITES = ("create", "clear", "update", "delete")
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("token", "list-tenants", "find-tenant", *_READS, *_WRITES)},
    "read": _READS,
    "write": _WRITES,
}
"""What a script may call operations: each by its name, a scoping list's reads and writes also together."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions look at. What a request does not have, or what cannot be told, is None."""

    method: str
    path: str
    parameters: Mapping[str, tuple[str, ...]]
    operation: str | None = None
    list_name: ListName | None = None
    page: int | None = None
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Conditions, all of which must hold; the default of each lets every request pass.

    Of the requests that it meets, a fault strikes those from the `first` (counted from 1) to the `last`, each one of
    `every`, `times` times at most, and each with that `probability`. `per_tenant` counts every tenant's alone: so
    tenants that are worked on at once meet the same faults, however their requests are mixed.
    """

    methods: AbstractSet[str] = frozenset()
    operations: AbstractSet[str] = frozenset()
    path: str = "*"
    query: Mapping[str, str] = field(default_factory=dict)
    list_name: ListName | None = None
    page: int | None = None
    tenant_id: str | None = None
    first: int = 1
    last: int | None = None
    every: int = 1
    times: int | None = None
    probability: float = 1.0
    per_tenant: bool = False

    def meets(self, facts: Facts) -> bool:
        """Whether the request is one of those that count."""
        return (
            (not self.methods or facts.method in self.methods)
            and (not self.operations or facts.operation in self.operations)
            and fnmatchcase(facts.path, self.path)
            and all(facts.parameters.get(name) == (value,) for name, value in self.query.items())
            and self.list_name in (None, facts.list_name)
            and self.page in (None, facts.page)
            and self.tenant_id in (None, facts.tenant_id)
        )

    def strikes(self, count: int, *, struck: int, draw: float) -> bool:
        """Whether the request with that count is struck, after `struck` others; `draw` is chance, from 0 up to 1."""
        in_turn = count >= self.first and (count - self.first) % self.every == 0
        in_time = (self.last is None or count <= self.last) and (self.times is None or struck < self.times)
        return in_turn and in_time and draw < self.probability


def facts_of(request: Request, engine: Engine) -> Facts:
    """The facts about a request; one that means no operation has a method and a path."""
    facts = Facts(request.method, request.path, request.parameters)
    try:
        call = route(request)
    except Refusal:
        return facts
    operation = _operation(call)
    return replace(
        facts,
        operation=operation,
        list_name=call.list_name if isinstance(call, ScopingCall) else None,
        page=_page(request, engine) if operation in ("list", "list-tenants") else None,
        tenant_id=engine.tenant_of(request),
    )


def chance(seed: int, *parts: object) -> float:
    """A number from 0 up to 1 that looks like chance, the same one for the same arguments on every machine."""
    text = "/".join(map(str, (seed, *parts)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48


def _operation(call: Call) -> str:
    if isinstance(call, ScopingCall):
        return call.operation
    if isinstance(call, TokenCall):
        return "token"
    return "list-tenants" if call.tenant_id is None else "find-tenant"


def _page(request: Request, engine: Engine) -> int | None:
    """The number of the page; a page's token is understood whether or not the engine gives tokens now."""
    try:
        return asked_page(request, replace(engine.behaviour, paging_next="token", oversized_page="cap")).number
    except Refusal:
        return None
