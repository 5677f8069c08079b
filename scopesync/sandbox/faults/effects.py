"""What faults do: each effect is a value that wraps the work on one request.

Belongs here: the effects and what they do around the work. Does not belong here: which requests they meet
(`conditions`), how people write them (`script`).

An effect takes an exchange and what would answer it, and answers in its place. It may change the exchange before,
the answer after, or never let the work be done; what was done stands in the engine's record, whatever was answered.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Protocol

from scopesync.sandbox.api.messages import Response, refusal
from scopesync.sandbox.api.row_fields import ID_FIELD
from scopesync.sandbox.faults.spoiled_answers import gzip_bomb, spoilt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.engine import Engine
    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.api.row_fields import ListName, Row
    from scopesync.sandbox.faults.conditions import Facts

_DROPPED = Response(503)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way to the engine, with what an effect may need."""

    request: Request
    facts: Facts
    engine: Engine
    sleep: Callable[[float], None]
    behaviour: Behaviour
    opens: str | None = None

    def work(self) -> Response:
        """What the engine answers."""
        return self.engine.handle(self.request, behaviour=self.behaviour, opens=self.opens)


class Effect(Protocol):
    """One thing that can happen to an exchange."""

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The answer; `proceed` does the work, and the effects further in, when and if it is called."""
        ...


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds of silence before the work is done and after it."""

    before: float = 0
    after: float = 0

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The same answer, later."""
        exchange.sleep(self.before)
        response = proceed(exchange)
        exchange.sleep(self.after)
        return response


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection is closed without an answer: before the work, or after it, which no client can tell apart."""

    after_work: bool

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """No answer."""
        response = proceed(exchange) if self.after_work else _DROPPED
        return replace(response, sending=replace(response.sending, drops=True))


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is closed after so many bytes of the body; a negative number counts from the body's end."""

    after: int

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The start of the answer."""
        response = proceed(exchange)
        after = self.after if self.after >= 0 else max(0, len(response.body) + self.after)
        return replace(response, sending=replace(response.sending, cut_after=after))


@dataclass(frozen=True, slots=True)
class Drip:
    """The body comes in pieces of so many bytes, with so many seconds of silence before each."""

    piece_bytes: int
    pause_s: float

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The same answer, slowly."""
        response = proceed(exchange)
        sending = replace(response.sending, piece_bytes=self.piece_bytes, pause_s=self.pause_s)
        return replace(response, sending=sending)


@dataclass(frozen=True, slots=True)
class Pad:
    """So many blanks follow the body; None: they never end."""

    blanks: int | None

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The same document, larger."""
        response = proceed(exchange)
        return replace(response, sending=replace(response.sending, blanks=self.blanks))


@dataclass(frozen=True, slots=True)
class GzipBomb:
    """A small body that unpacks to so many bytes more than it should have."""

    blanks: int

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The same document, packed."""
        response = proceed(exchange)
        return gzip_bomb(response, self.blanks) if response.has_body else response


@dataclass(frozen=True, slots=True)
class LongHeader:
    """A header with so many bytes."""

    size: int

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The same answer, with that header."""
        response = proceed(exchange)
        return replace(response, headers={**response.headers, "X-Padding": "x" * self.size})


@dataclass(frozen=True, slots=True)
class Spoil:
    """The body is spoilt in one of the forms of `spoils.FORMS`."""

    form: str

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The same status, another body."""
        return spoilt(proceed(exchange), self.form)


@dataclass(frozen=True, slots=True)
class Answer:
    """Another answer, in the place of the work or, where `done`, after it; without a `body` it is an error object."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    done: bool = False

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """That answer, whatever the engine would say."""
        if self.done:
            proceed(exchange)
        error = refusal(self.status, "fault", "The script of faults answers this.", headers=self.headers).response
        if not error.has_body:
            return Response(self.status, self.headers)
        return error if self.body is None else replace(error, body=self.body)


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody changes the list just before: rows come in at its front, go from it, or move from it to the end."""

    insert: int = 0
    remove: int = 0
    move: int = 0

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The answer over the list as it is now."""
        tenant_id, name = exchange.facts.tenant_id, exchange.facts.list_name
        if tenant_id is not None and name is not None:
            exchange.engine.rearrange(
                tenant_id,
                name,
                lambda rows: (*islice(_strangers(tenant_id, name, rows), self.insert), *self._left(rows)),
            )
        return proceed(exchange)

    def _left(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        rest = rows[self.remove :]
        return rest[self.move :] + rest[: self.move]


@dataclass(frozen=True, slots=True)
class ExpireTokens:
    """The tokens of the request's tenant end before it is answered, or those of everyone."""

    everyones: bool

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """What is answered to a token that has ended."""
        tenant_id = exchange.facts.tenant_id
        if self.everyones or tenant_id is not None:
            exchange.engine.expire_tokens(None if self.everyones else tenant_id)
        return proceed(exchange)


@dataclass(frozen=True, slots=True)
class Swap:
    """The credential opens this tenant, not its own; on the token call: so does the token that it buys."""

    tenant_id: str

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The answer out of the other tenant's lists; 401 where there is no such tenant."""
        return proceed(replace(exchange, opens=self.tenant_id))


@dataclass(frozen=True, slots=True)
class Behave:
    """Some fields of `Behaviour` have other values."""

    fields: Mapping[str, Any]

    def around(self, exchange: Exchange, proceed: Callable[[Exchange], Response]) -> Response:
        """The answer of an API that behaves so."""
        return proceed(replace(exchange, behaviour=replace(exchange.behaviour, **self.fields)))


def _strangers(tenant_id: str, list_name: ListName, rows: tuple[Row, ...]) -> Iterator[Row]:
    """Rows that another client may add, none of which is there: the same ones for the same list in every run."""
    id_field = ID_FIELD[list_name]
    there = {row.get(id_field) for row in rows}
    for number in count(1):
        row_id = str(uuid.uuid5(uuid.UUID(tenant_id), f"{list_name}/{number}"))
        if row_id not in there:
            yield {"tenant_id": tenant_id, id_field: row_id, "name": f"Another client's {number}", "selected": True}
