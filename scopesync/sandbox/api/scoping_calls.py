"""Calls on scoping lists in time: when a write is carried out, and when reads show it.

Belongs here: everything between two requests of a list. Does not belong here: what one call does (`scoping_lists`).

A write that is carried out later is answered from a rehearsal on a copy of the tenant's lists: a server checks what it
is sent at once, and what it finds when the time has come is nobody's to hear any more.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scopesync.sandbox.api.agenda import Agenda
from scopesync.sandbox.api.answer_cache import AnswerCache
from scopesync.sandbox.api.cascade import courses_left
from scopesync.sandbox.api.list_views import LaggingReads, PresentList
from scopesync.sandbox.api.messages import NO_CONTENT, Refusal, Response, refusal
from scopesync.sandbox.api.row_fields import FIELDS
from scopesync.sandbox.api.row_marks import RowMarks
from scopesync.sandbox.api.scoping_lists import ScopingList, replaces
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.transmission import Sending

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.messages import Request
    from scopesync.sandbox.api.routes import ScopingCall
    from scopesync.sandbox.api.store import TenantRecord


@dataclass(frozen=True, slots=True)
class _Work:
    """One call with the list that it is for."""

    call: ScopingCall
    request: Request
    on_list: ScopingList

    @property
    def behaviour(self) -> Behaviour:
        return self.on_list.behaviour

    @property
    def tenant_id(self) -> str:
        return str(self.on_list.tenant["id"])

    def done(self) -> Response:
        """What the list answers once the call has had its effect; raises a Refusal where it has none."""
        return self.on_list.answer(self.call, self.request)


@dataclass(slots=True)
class ScopingCalls:
    """The scoping lists of every tenant. `on_done` is called right after each write that was carried out."""

    store: Store
    clock: Callable[[], float]
    on_done: Callable[[Request, Response, str], None]
    _agenda: Agenda = field(init=False)
    _lagging: LaggingReads = field(init=False)
    _cache: AnswerCache = field(init=False)
    _marks: RowMarks = field(init=False)

    def __post_init__(self) -> None:
        """Start with nothing promised, hidden, cached or marked."""
        self._agenda = Agenda(self.clock)
        self._lagging = LaggingReads(self.clock)
        self._cache = AnswerCache(self.clock)
        self._marks = RowMarks(self.clock)

    def answer(self, call: ScopingCall, request: Request, tenant: TenantRecord, behaviour: Behaviour) -> Response:
        """The answer to one call of that tenant; refuses what the page does not allow."""
        view = PresentList(self.store, tenant["id"], call.list_name)
        work = _Work(call, request, ScopingList(self.store, behaviour, tenant, call.list_name, self._marks, view))
        return self._write(work) if call.writes else self._read(work)

    def do_what_is_due(self) -> None:
        """Carry out the writes whose time has come."""
        self._agenda.do_what_is_due()

    def _read(self, work: _Work) -> Response:
        cached_s = work.behaviour.cached_s
        kept = self._cache.answer(work.tenant_id, work.request) if cached_s else None
        if kept is not None:
            return kept
        past = self._lagging.past_for_reading(work.tenant_id, work.call.list_name)
        answer = work.done() if past is None else replace(work, on_list=replace(work.on_list, view=past)).done()
        if cached_s:
            self._cache.keep(work.tenant_id, work.request, answer, seconds=cached_s)
        return answer

    def _write(self, work: _Work) -> Response:
        delay_s = _delay_s(work)
        refills = work.behaviour.refill_delay_s > 0 and work.call.operation == "create" and replaces(work.request)
        if not delay_s and not refills:
            return _told(work, self._carry_out(work, work.done))
        answer = _rehearsed(work)
        if refills:
            self._agenda.add(delay_s, lambda: self._carry_out(work, lambda: _wiped(work)))
            delay_s += work.behaviour.refill_delay_s
        self._agenda.add(delay_s, lambda: self._carry_out_late(work))
        self._agenda.do_what_is_due()  # a list may be wiped at once, and filled later
        return _told(work, answer)

    def _carry_out_late(self, work: _Work) -> None:
        with suppress(Refusal):  # the list has changed since: the client has its answer already
            self._carry_out(work, work.done)

    def _carry_out(self, work: _Work, write: Callable[[], Response]) -> Response:
        """Write, with all that goes with a write: what reads show, what schools take along, who is notified."""
        behaviour = work.behaviour
        lags = behaviour.read_lag_s > 0 or behaviour.read_lag_reads > 0
        cascades = work.call.list_name == "schools" and _cascades(work)
        # only where needed: to read whole lists at each write takes long
        before = {name: self.store.rows(work.tenant_id, name) for name in FIELDS if lags or cascades}
        answer = write()
        if cascades:
            after = self.store.rows(work.tenant_id, "schools")
            courses = courses_left(before["courses"], before=before["schools"], after=after)
            self.store.replace(work.tenant_id, "courses", courses)
        for name in FIELDS if lags else ():
            self._lagging.hide_write(work.tenant_id, name, before[name], behaviour)
        self.on_done(work.request, answer, work.tenant_id)
        return answer


def _delay_s(work: _Work) -> float:
    behaviour = work.behaviour
    if work.call.operation == "create":
        return max(behaviour.write_delay_s, behaviour.post_delay_s)
    return behaviour.write_delay_s


def _cascades(work: _Work) -> bool:
    cascade = work.behaviour.cascade
    return cascade == "always" or (cascade == "replace" and work.call.operation == "create")


def _wiped(work: _Work) -> Response:
    """The first half of a replace in the background: the list is empty."""
    work.on_list.store.replace(work.tenant_id, work.call.list_name, ())
    return NO_CONTENT


def _rehearsed(work: _Work) -> Response:
    """What a write would answer now; nothing is changed."""
    with closing(Store.in_memory()) as copy:
        for name in FIELDS:
            copy.replace(work.tenant_id, name, work.on_list.store.rows(work.tenant_id, name))
        on_copy = replace(work.on_list, store=copy, marks=work.on_list.marks.copy())
        return replace(work, on_list=on_copy).done()


def _told(work: _Work, answer: Response) -> Response:
    """What the client gets to hear of a write that was accepted."""
    told = work.behaviour.post_answer
    if told == "200" or work.call.operation != "create":
        return answer
    if told == "202":
        return replace(answer, status=202)
    if told == "504":
        return refusal(504, "gateway_timeout", "The server behind this gateway did not answer in time.").response
    return replace(answer, sending=Sending(drops=True))
