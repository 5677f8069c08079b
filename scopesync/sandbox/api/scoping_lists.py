"""The six operations on a scoping list, written once for schools and courses.

Belongs here: what a request does to a list and what it answers. Does not belong here: whose list it is (`callers`),
when a write is done and seen (`scoping_calls`), the form of rows (`stored_rows`, `shown_rows`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scopesync.sandbox.api.messages import NO_CONTENT, Response, refusal
from scopesync.sandbox.api.pages import paged
from scopesync.sandbox.api.row_fields import is_uuid, row_key, taken_id
from scopesync.sandbox.api.shown_rows import shown
from scopesync.sandbox.api.stored_rows import changed, checked, joined, refuse_repeated, settled
from scopesync.sandbox.api.stored_texts import with_roster_name

if TYPE_CHECKING:
    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.list_views import ListView
    from scopesync.sandbox.api.messages import Refusal, Request
    from scopesync.sandbox.api.pages import Page
    from scopesync.sandbox.api.routes import ScopingCall
    from scopesync.sandbox.api.row_fields import ListName, Row
    from scopesync.sandbox.api.row_marks import RowMarks
    from scopesync.sandbox.api.store import Store, TenantRecord


@dataclass(frozen=True, slots=True)
class ScopingList:
    """One list of one tenant, as the API shows it. Reads look at `view`, writes change the `store`."""

    store: Store
    behaviour: Behaviour
    tenant: TenantRecord
    name: ListName
    marks: RowMarks
    view: ListView

    def answer(self, call: ScopingCall, request: Request) -> Response:
        """Do what the call says and answer it; refuses what the page does not allow, and changes nothing then."""
        if call.row_id is None:
            return {"list": self._list, "create": self._create, "clear": self._clear}[call.operation](request)
        row_id = taken_id(call.row_id, self.behaviour.id_spelling)
        if self.behaviour.checks_uuids and not is_uuid(row_id):
            raise refusal(400, "invalid_parameter", "The id must be a UUID.", details="id")
        if call.operation == "update":
            return self._update(row_id, request)
        return {"find": self._find, "delete": self._delete}[call.operation](row_id)

    @property
    def _tenant_id(self) -> str:
        return str(self.tenant["id"])

    @property
    def _first_only(self) -> bool:
        """Whether a call on one row reaches only the first that has the id."""
        return self.behaviour.courses_per_school and self.name == "courses"

    def _list(self, request: Request) -> Response:
        return Response.of(paged(request, self.behaviour, total=self.view.count(), rows=self._shown_page))

    def _shown_page(self, page: Page) -> list[Row]:
        return [self._shown(row) for row in self.view.slice(page.offset, page.size)]

    def _create(self, request: Request) -> Response:
        """Replace unless told otherwise, as the page says; answers one object, as the page says: the first row."""
        sent = self._sent_rows(request)
        taken = sent if self.behaviour.refused_rows == "none" else sent[::2]
        live = () if replaces(request) else self.store.rows(self._tenant_id, self.name)
        self.store.replace(self._tenant_id, self.name, joined(live, taken, self.name, self.behaviour))
        self.marks.note_written(self._tenant_id, self.name, taken)
        answer = self._answer(sent[0] if sent else {})
        refused_some = len(taken) < len(sent)
        return replace(answer, status=207) if refused_some and self.behaviour.refused_rows == "207" else answer

    def _clear(self, _request: Request) -> Response:
        self.store.replace(self._tenant_id, self.name, ())
        return NO_CONTENT

    def _find(self, row_id: str) -> Response:
        row = self.view.first(row_id)
        if row is None:
            raise self._not_found()
        return self._answer(row)

    def _update(self, row_id: str, request: Request) -> Response:
        live = self.store.row(self._tenant_id, self.name, row_id)
        if live is None:
            raise self._not_found()
        row = checked(self._body(request), self.name, where="body", behaviour=self.behaviour)
        after = self._settled(changed(live, row, self.name, self.behaviour), live=live)
        if self._first_only and self.behaviour.append == "reject":
            refuse_repeated(self._twins(row_id), [after], self.name, self.behaviour)
        self.store.put(self._tenant_id, self.name, after, first_only=self._first_only)
        self.marks.note_written(self._tenant_id, self.name, [after])
        return self._answer(after)

    def _twins(self, row_id: str) -> tuple[Row, ...]:
        """The rows that have the same id as the one that calls on it reach."""
        rows = self.store.rows(self._tenant_id, self.name)
        return tuple(row for row in rows if row_key(self.name, row) == row_id.lower())[1:]

    def _delete(self, row_id: str) -> Response:
        if not self.store.delete(self._tenant_id, self.name, row_id, first_only=self._first_only):
            raise self._not_found()
        return NO_CONTENT

    def _sent_rows(self, request: Request) -> tuple[Row, ...]:
        document = self._body(request)
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, list):
            raise refusal(400, "invalid_type", "The body must be an object with a list under data.", details="data")
        if self.behaviour.max_rows_per_post is not None and len(data) > self.behaviour.max_rows_per_post:
            raise refusal(413, "too_large", f"At most {self.behaviour.max_rows_per_post} rows a call.", details="data")
        places = [(f"data[{number}]", row) for number, row in enumerate(data)]
        sound = [checked(row, self.name, where=where, behaviour=self.behaviour) for where, row in places]
        return tuple(self._settled(row, live=self._known_to_roster(row)) for row in sound)

    def _settled(self, row: Row, *, live: Row | None) -> Row:
        named = with_roster_name(row, self.name, self.behaviour, live=live)
        return settled(named, self.name, tenant=self.tenant, behaviour=self.behaviour)

    def _known_to_roster(self, row: Row) -> Row | None:
        key = row_key(self.name, row)
        if key is None or self.behaviour.names_from_roster == "never":
            return None
        return self.store.row(self._tenant_id, self.name, key)

    def _body(self, request: Request) -> Any:
        limit = self.behaviour.max_body_bytes
        if limit is not None and len(request.body) > limit:
            raise refusal(413, "too_large", f"A body may have {limit} bytes at most.", details="body")
        return request.document()

    def _not_found(self) -> Refusal:
        return refusal(404, "not_found", f"There is no such row among the {self.name}.", details="id")

    def _answer(self, row: Row) -> Response:
        return Response.of({"data": self._shown(row)})

    def _shown(self, row: Row) -> Row:
        return shown(self.marks.answered(self._tenant_id, self.name, row, self.behaviour), self.name, self.behaviour)


def replaces(request: Request) -> bool:
    """Whether a POST replaces the whole list; refuses a word that is neither true nor false."""
    return _flag(request, "replace", default=True)


def _flag(request: Request, name: str, *, default: bool) -> bool:
    sent = request.parameter(name)
    if sent not in (None, "true", "false"):
        raise refusal(400, "invalid_parameter", f"{name} must be true or false.", details=name)
    return default if sent is None else sent == "true"
