"""Everything that the vendor's page leaves open, as one value.

Belongs here: a field for each open question, with the answers that the engine can give. Does not belong here: faults
(a delay, a dropped connection, a cut body): those are a layer around the engine, not a way of being right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

PagingNext = Literal["number", "integer", "url", "relative", "token", "null", "absent"]
PastTheEnd = Literal["empty", "404", "400", "416", "last-page"]
IdSpelling = Literal["stored", "upper", "braces", "no-dashes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One way in which the real API may behave; no client may depend on any single one.

    Paging
        paging_next           what `paging.next` holds while there is more: the page's number as text or as a JSON
                              number, an absolute or a relative URL, an opaque token (taken back as `page`);
                              `null` and `absent` never announce anything
        paging_url            an absolute URL in `paging.next` has the origin that was asked, another scheme, or the
                              name of an inner host; its path is the same
        paging_end            what `paging.next` is on the last page
        next_after_full_page  a full page announces another one even if that one is empty
        first_page            the number of the first page, 0 or 1; under 1, page 0 is empty and announces nothing
        page_past_end         a page past the end is empty, refused with that status, or the last page again
        page_overlap          so many rows of a page come again at the head of the next one
        max_page_size         the server's maximum, and its default
        oversized_page        a larger `page_size` is cut to the maximum, or refused with 400
        honours_page_size     false: every page has the maximum size, whatever was asked for
    Answers
        empty_error           an `error` object beside `data`: none, or one whose members are all null, empty or 0,
                              or one that says 200
        honoured_filters      which filters restrict the list of tenants: both, `accounts` alone, or none
        tenant_finds_itself   what a tenant's own credential gets from `GET /tenants/{id}` of its own id: 401, its
                              record, or 403
    Rows as they are answered
        rows_carry_tenant_id  rows are stored with `account_id` and `tenant_id`; false: they are answered without
        owner_until_written   what these two fields are in a row that was not written since the server started:
                              shown, null or absent
        owner_reads_late      so many times is a row still answered without them after it was written
        id_spelling           ids as they are stored, in capitals, in braces or without dashes; all but `stored` also
                              take every one of these spellings
        omits_true_selected   `selected` is left out where it is true
        null_texts_as_empty   each text field that is null or absent is answered as ""
        stamps                rows carry `updated_at`, `etag` and `version`, which change when the row is written,
                              on every read, or every night
        added_field           rows carry a field that no client wrote: never, always, or from the first POST or PUT of
                              the list on
    Rows as they are stored
        nulls                 an explicit null is kept, dropped, or every known field that is absent becomes null
        trims_text            text of known fields loses blanks at its edges
        normalises_names      a name gets Unicode's form NFC, and one space for each run of blanks
        decomposes_text       text of known fields gets Unicode's form NFD
        cuts_text_at          text of known fields keeps so many characters
        escapes_html          text of known fields gets `&amp;` for `&`, and so on
        lower_cases_text      text of known fields is stored in lower case
        sorts_keywords        `keywords`, divided by commas, are put in order
        names_from_roster     the roster gives a name: never, where none was sent, or always (a name that is sent
                              changes nothing)
        checks_uuids          ids that are no UUIDs are refused with 400
    Writing
        put                   PUT replaces the whole row, or merges what was sent into it
        append                a row whose id exists is refused with 400 (and the whole call with it), stored a second
                              time, or updated in its place; ids that repeat within one body are judged alike
        courses_per_school    a course may be live once at each school: its id and its school's are its key; calls on
                              one row reach the first that has the id
        refused_rows          of a POST, every second row is refused; the answer is 207 or a plain 200
        max_rows_per_post     more rows in one body are answered 413
        max_body_bytes        a longer body is answered 413
        cascade               schools take their courses with them when a replace leaves them out, or whenever they go
    Time
        read_lag_s            reads show a write after so many seconds
        read_lag_reads        and not before so many reads of the list
        lagging_reads         every read lags, or every second one, the first after a write among them
        cached_s              the answer to a GET is given again for so long, unless `Cache-Control: no-cache` is sent
        write_delay_s         writes are carried out so many seconds after their answer
        post_delay_s          a POST is carried out so many seconds after its answer, if that is later
        post_answer           a POST that is accepted is answered 200, 202 or 504, or its connection is dropped
        refill_delay_s        a replace wipes the list, and fills it so many seconds later
    Load
        requests_per_second   more requests of all tenants together are answered 429
        retry_after_s         what `Retry-After` then says; null leaves it out
        unavailable_s         every request is answered 503 for so long, beginning with the first; no `Retry-After`
    Credentials
        actor_auth            what opens the scoping calls: a Bearer token, HTTP Basic, or either
        token_lifetime_s      how long a token really works
        expires_in            what the token call says about it; null leaves it out
    """

    paging_next: PagingNext = "number"
    paging_url: Literal["as-asked", "other-scheme", "inner-host"] = "as-asked"
    paging_end: Literal["absent", "null", "empty"] = "absent"
    next_after_full_page: bool = False
    first_page: int = 0
    page_past_end: PastTheEnd = "empty"
    page_overlap: int = 0
    max_page_size: int = 500
    oversized_page: Literal["cap", "reject"] = "cap"
    honours_page_size: bool = True

    empty_error: Literal["none", "nulls", "blanks", "zeros", "success"] = "none"
    honoured_filters: Literal["both", "accounts", "none"] = "both"
    tenant_finds_itself: Literal["unauthorized", "answered", "forbidden"] = "unauthorized"

    rows_carry_tenant_id: bool = True
    owner_until_written: Literal["shown", "null", "absent"] = "shown"
    owner_reads_late: int = 0
    id_spelling: IdSpelling = "stored"
    omits_true_selected: bool = False
    null_texts_as_empty: bool = False
    stamps: Literal["none", "write", "read", "night"] = "none"
    added_field: Literal["never", "always", "after-write"] = "never"

    nulls: Literal["keep", "drop", "fill"] = "keep"
    trims_text: bool = False
    normalises_names: bool = False
    decomposes_text: bool = False
    cuts_text_at: int | None = None
    escapes_html: bool = False
    lower_cases_text: bool = False
    sorts_keywords: bool = False
    names_from_roster: Literal["never", "missing", "always"] = "never"
    checks_uuids: bool = True

    put: Literal["replace", "merge"] = "replace"
    append: Literal["reject", "duplicate", "update"] = "reject"
    courses_per_school: bool = False
    refused_rows: Literal["none", "207", "200"] = "none"
    max_rows_per_post: int | None = None
    max_body_bytes: int | None = None
    cascade: Literal["none", "replace", "always"] = "none"

    read_lag_s: float = 0
    read_lag_reads: int = 0
    lagging_reads: Literal["all", "every-second"] = "all"
    cached_s: float = 0
    write_delay_s: float = 0
    post_delay_s: float = 0
    post_answer: Literal["200", "202", "504", "dropped"] = "200"
    refill_delay_s: float = 0

    requests_per_second: int | None = None
    retry_after_s: int | None = None
    unavailable_s: float = 0

    actor_auth: Literal["either", "oauth2", "basic"] = "either"
    token_lifetime_s: float = 3600
    expires_in: int | str | None = 3600

    def __post_init__(self) -> None:
        """Raises ValueError for a value with which no list could ever be read, or that means nothing."""
        if self.max_page_size < 1:
            raise ValueError("max_page_size must be 1 or more")
        if self.first_page not in (0, 1):
            raise ValueError("first_page must be 0 or 1")
        if self.requests_per_second is not None and self.requests_per_second < 1:
            raise ValueError("requests_per_second must be 1 or more")
        for name in _AMOUNTS:
            if not 0 <= (getattr(self, name) or 0) < math.inf:
                raise ValueError(f"{name} must be 0 or more")


_AMOUNTS = (
    *("page_overlap", "owner_reads_late", "cuts_text_at", "max_rows_per_post", "max_body_bytes", "retry_after_s"),
    *("read_lag_s", "read_lag_reads", "cached_s", "write_delay_s", "post_delay_s", "refill_delay_s", "unavailable_s"),
)

PLAIN = Behaviour()
"""The defaults: as strict as the page, as simple as can be."""
