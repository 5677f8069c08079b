"""The six operations on a scoping list, written once for schools and courses.

Belongs here: what a request does to a list and what it answers. Does not belong here: whose list it is (`callers`),
the form of rows (`stored_rows`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.sandbox.api.messages import NO_CONTENT, Response, refusal
from scopesync.sandbox.api.pages import asked_page, paging
from scopesync.sandbox.api.stored_rows import changed, checked, is_uuid, joined, settled, shown

if TYPE_CHECKING:
    from scopesync.sandbox.api.behaviour import Behaviour
    from scopesync.sandbox.api.messages import Refusal, Request
    from scopesync.sandbox.api.routes import ScopingCall
    from scopesync.sandbox.api.store import Store, TenantRecord
    from scopesync.sandbox.api.stored_rows import ListName, Row


@dataclass(frozen=True, slots=True)
class ScopingList:
    """One list of one tenant, as the API shows it."""

    store: Store
    behaviour: Behaviour
    tenant: TenantRecord
    name: ListName

    def answer(self, call: ScopingCall, request: Request) -> Response:
        """Do what the call says and answer it; refuses what the page does not allow, and changes nothing then."""
        if call.row_id is None:
            return {"list": self._list, "create": self._create, "clear": self._clear}[call.operation](request)
        if self.behaviour.checks_uuids and not is_uuid(call.row_id):
            raise refusal(400, "invalid_parameter", "The id must be a UUID.", details="id")
        if call.operation == "update":
            return self._update(call.row_id, request)
        return {"find": self._find, "delete": self._delete}[call.operation](call.row_id)

    @property
    def _tenant_id(self) -> str:
        return str(self.tenant["id"])

    def _list(self, request: Request) -> Response:
        page = asked_page(request, self.behaviour)
        rows = self.store.rows(self._tenant_id, self.name, offset=page.offset, limit=page.size)
        total = self.store.count(self._tenant_id, self.name)
        data = [shown(row, self.behaviour) for row in rows]
        return Response.of({"data": data, "paging": paging(request, page, total=total, behaviour=self.behaviour)})

    def _create(self, request: Request) -> Response:
        """Replace unless told otherwise, as the page says; answers one object, as the page says: the first row."""
        replace = _flag(request, "replace", default=True)
        sent = self._sent_rows(request)
        live = () if replace else self.store.rows(self._tenant_id, self.name)
        self.store.replace(self._tenant_id, self.name, joined(live, sent, self.name, self.behaviour))
        return self._answer(sent[0] if sent else {})

    def _clear(self, _request: Request) -> Response:
        self.store.replace(self._tenant_id, self.name, ())
        return NO_CONTENT

    def _find(self, row_id: str) -> Response:
        return self._answer(self._live_row(row_id))

    def _update(self, row_id: str, request: Request) -> Response:
        live = self._live_row(row_id)
        row = checked(self._body(request), self.name, where="body", uuids=self.behaviour.checks_uuids)
        after = changed(live, row, self.name, self.behaviour)
        settled_row = settled(after, self.name, tenant=self.tenant, behaviour=self.behaviour)
        self.store.put(self._tenant_id, self.name, settled_row)
        return self._answer(settled_row)

    def _delete(self, row_id: str) -> Response:
        if not self.store.delete(self._tenant_id, self.name, row_id):
            raise self._not_found()
        return NO_CONTENT

    def _sent_rows(self, request: Request) -> tuple[Row, ...]:
        document = self._body(request)
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, list):
            raise refusal(400, "invalid_type", "The body must be an object with a list under data.", details="data")
        if self.behaviour.max_rows_per_post is not None and len(data) > self.behaviour.max_rows_per_post:
            raise refusal(413, "too_large", f"At most {self.behaviour.max_rows_per_post} rows a call.", details="data")
        return tuple(self._settled(row, where=f"data[{number}]") for number, row in enumerate(data))

    def _settled(self, row: object, *, where: str) -> Row:
        sound = checked(row, self.name, where=where, uuids=self.behaviour.checks_uuids)
        return settled(sound, self.name, tenant=self.tenant, behaviour=self.behaviour)

    def _body(self, request: Request) -> Any:
        limit = self.behaviour.max_body_bytes
        if limit is not None and len(request.body) > limit:
            raise refusal(413, "too_large", f"A body may have {limit} bytes at most.", details="body")
        return request.document()

    def _live_row(self, row_id: str) -> Row:
        row = self.store.row(self._tenant_id, self.name, row_id)
        if row is None:
            raise self._not_found()
        return row

    def _not_found(self) -> Refusal:
        return refusal(404, "not_found", f"There is no such row among the {self.name}.", details="id")

    def _answer(self, row: Row) -> Response:
        return Response.of({"data": shown(row, self.behaviour)})


def _flag(request: Request, name: str, *, default: bool) -> bool:
    sent = request.parameter(name)
    if sent not in (None, "true", "false"):
        raise refusal(400, "invalid_parameter", f"{name} must be true or false.", details=name)
    return default if sent is None else sent == "true"
