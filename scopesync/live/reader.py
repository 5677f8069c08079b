"""Reading one tenant, and the vendor's records: complete lists or an error, never a part.

Belongs here: turning responses into pages, and pages into listings and records. Does not belong here: writing, and
where the credential comes from (`accounts`).
"""

from __future__ import annotations

import json
import logging
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from scopesync.errors import AnswerError, LiveError
from scopesync.live.answer_shape import check_rows, data_object, page_of, row_of
from scopesync.live.http.status_text import NotFoundError, StatusError, body_of
from scopesync.live.identity import judge_record, judge_rows
from scopesync.live.next_page import Place
from scopesync.live.paging import NoSuchPageError, Reading, read_list
from scopesync.live.paths import TENANTS, item_path, list_path, record_path
from scopesync.live.vendor_records import is_of, record_filters, record_from
from scopesync.model import COURSES, SCHOOLS, LiveTenant
from scopesync.row_identity import key_at_school, listing, same_id, written_content

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from scopesync.live.http.api_session import ReadSession
    from scopesync.live.http.client import HttpResponse
    from scopesync.live.next_page import Query
    from scopesync.live.paging import Habits, Page
    from scopesync.live.vendor_records import TenantRecord
    from scopesync.model import Identity, Kind, Listing, Row, Tenant

LOG = logging.getLogger("scopesync.live")

T = TypeVar("T")

PAST_THE_END = (204, 400, 404, 416)
"""The statuses with which servers refuse a page past the end."""
LONGEST_PAGE_NUMBER = 9


class TenantReader:
    """Reads one tenant with one credential. `record` returns the tenant's record, None where it cannot be read.

    `notes` returns the record's warnings on license and state; it costs one list of all records per connection.
    """

    def __init__(
        self,
        tenant: Tenant,
        session: Callable[[], ReadSession],
        *,
        page_size: int,
        habits: Habits,
        client_id: Callable[[], str],
        record: Callable[[], TenantRecord | None],
        notes: Callable[[], tuple[str, ...]],
    ) -> None:
        self._tenant = tenant
        self._session = session
        self._page_size = page_size
        self._habits = habits
        self._client_id = client_id
        self._record = record
        self._notes = notes

    def read(self) -> LiveTenant:
        """Both lists, complete (see `paging` for the limits), and which tenant they are of. Raises a LiveError.

        It costs ceil(rows / page size) requests a list, and once a tenant one for a token; where the connection has a
        vendor key also, once for all of its tenants, ceil(tenants / page size) for their records. Where rows name no
        tenant, one request for its record.
        """
        courses = self._listing(COURSES)  # first: the longer list shows how this server announces pages
        schools = self._listing(SCHOOLS)
        identity = self._identity(schools, courses)
        return LiveTenant(self._tenant, schools, courses, identity, self._notes())

    def find(self, kind: Kind, item_id: str) -> Row | None:
        """One row, requested by its id; None when the server answers 404.

        It costs one request, and one more when the response cannot be parsed. Raises a LiveError.
        """
        session = self._session()
        path = item_path(kind, item_id)
        where = f"GET {path}"
        try:
            row = read_twice(lambda: session.get(path), lambda body: row_of(body, kind, where), where)
        except NotFoundError:
            return None
        known_ids = [row[name] for name in ("id", kind.id_field) if row.get(name)]
        if known_ids and not any(same_id(known, item_id) for known in known_ids):
            raise AnswerError(f"{where} answered with another {kind.singular}")
        return row

    def _listing(self, kind: Kind) -> Listing:
        session = self._session()
        place = Place(session.origin, list_path(kind))

        def fetch(query: Query) -> Page:
            return read_page(session, place, query, lambda page, where: check_rows(page, kind, where))

        how = Reading(
            place,
            self._page_size,
            lambda row: row_key(row, kind),
            self._habits,
            content=lambda row: written_content(kind, row),
        )
        return listing(kind, read_list(fetch, how))

    def _identity(self, schools: Listing, courses: Listing) -> Identity:
        """The identity by the rows; the record is only requested when no row names a tenant."""
        identity = judge_rows(self._tenant, chain(schools.rows, courses.rows))
        if identity.state != "unverified":
            return identity
        return judge_record(self._tenant, self._record(), self._client_id())


def row_key(row: Row, kind: Kind) -> str:
    """What identifies a row across pages: its id, or its whole content where it has none.

    A course may be live once for each of its schools: so the school is a part of its key.
    """
    own_id = row.get("id")
    if own_id:
        return str(own_id)
    return key_at_school(kind, row) if row.get(kind.id_field) else json.dumps(row, sort_keys=True)


def read_page(session: ReadSession, place: Place, query: Query, check: Callable[[Page, str], Page]) -> Page:
    """One page of a list. Raises a LiveError that names the page; NoSuchPageError when it may be past the end."""
    where = f"{place}{_page_in_words(query)}"
    try:
        return read_twice(
            lambda: session.get(place.path, query),
            lambda body: check(page_of(body, where), where),
            where,
        )
    except StatusError as error:
        if error.status not in PAST_THE_END:
            raise
        raise NoSuchPageError(error.message, hint=error.hint) from error


def _page_in_words(query: Query) -> str:
    """The page of a query, for a message. The first page is not named; an opaque token is not shown."""
    page = dict(query).get("page", "")
    if page == "0":
        return ""
    is_number = page.isascii() and page.isdecimal() and len(page) <= LONGEST_PAGE_NUMBER
    return f" (page {page})" if is_number else " (a later page)"


def read_records(
    session: ReadSession,
    page_size: int,
    habits: Habits,
    *,
    accounts: Collection[str] = (),
    integrations: Collection[str] = (),
) -> tuple[TenantRecord, ...]:
    """Every tenant that the vendor key sees, in the server's order. Raises a LiveError.

    With `accounts` or `integrations`, by id or name, only the tenants of these. The server may ignore the filters that
    are sent, so the records are filtered again here.
    """
    place = Place(session.origin, TENANTS)

    def fetch(query: Query) -> Page:
        return read_page(session, place, query, lambda page, _: page)

    filters = record_filters(accounts, integrations)
    rows = read_list(fetch, Reading(place, page_size, lambda row: str(row.get("id")), habits, filters))
    records = (record_from(row) for row in rows)
    return tuple(record for record in records if is_of(record, accounts, integrations))


def read_record(session: ReadSession, tenant_id: str) -> TenantRecord | None:
    """The vendor's record of that tenant, None when the key sees no such tenant. Raises a LiveError."""
    path = record_path(tenant_id)
    where = f"GET {path}"
    try:
        return read_twice(lambda: session.get(path), lambda body: record_from(data_object(body, where)), where)
    except NotFoundError:
        return None


def read_own_record(session: ReadSession, tenant_id: str) -> TenantRecord | None:
    """The record of that tenant, read with the tenant's own credential; None where the server does not show it.

    The API's page leaves open whether it does (API unknown 16). So no error here is a failure of the run, and a refusal
    does not renew the token.
    """
    path = record_path(tenant_id)
    where = f"GET {path}"
    try:
        return record_from(data_object(body_of(session.try_get(path), where), where))
    except LiveError as error:
        LOG.info("%s: the tenant's own credential does not show its record: %s", where, error)
        return None


def read_twice(ask: Callable[[], HttpResponse], understand: Callable[[bytes], T], where: str) -> T:
    """The parsed response; a 200 that cannot be parsed is requested once more. Raises a LiveError."""
    body = body_of(ask(), where)
    try:
        return understand(body)
    except AnswerError:
        return understand(body_of(ask(), where))
