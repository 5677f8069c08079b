"""Everything that the vendor's page leaves open, as one value.

Belongs here: a field for each open question, with the answers that the engine can give. Does not belong here: faults
(a delay, a dropped connection, a cut body): those are a layer around the engine, not a way of being right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PagingNext = Literal["number", "integer", "url", "relative", "token", "null", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One way in which the real API may behave; no client may depend on any single one.

    Paging
        paging_next           what `paging.next` holds while there is more: the page's number as text or as a JSON
                              number, an absolute or a relative URL, an opaque token (taken back as `page`);
                              `null` and `absent` never announce anything
        paging_end            what `paging.next` is on the last page
        next_after_full_page  a full page announces another one even if that one is empty
        max_page_size         the server's maximum, and its default
        oversized_page        a larger `page_size` is cut to the maximum, or refused with 400
        honours_page_size     False: every page has the maximum size, whatever was asked for
    Rows
        rows_carry_tenant_id  rows are stored with `account_id` and `tenant_id`; False: they are answered without
        nulls                 an explicit null is kept, dropped, or every known field that is absent becomes null
        trims_text            text of known fields loses blanks at its edges
        normalises_names      a name gets Unicode's form NFC, and one space for each run of blanks
        checks_uuids          ids that are no UUIDs are refused with 400
    Writing
        put                   PUT replaces the whole row, or merges what was sent into it
        append                a row whose id exists is refused with 400 (and the whole call with it), stored a second
                              time, or updated in its place; ids that repeat within one body are judged alike
        max_rows_per_post     more rows in one body are answered 413
        max_body_bytes        a longer body is answered 413
    Credentials
        actor_auth            what opens the scoping calls: a Bearer token, HTTP Basic, or either
        token_lifetime_s      how long a token really works
        expires_in            what the token call says about it; None leaves it out
    """

    paging_next: PagingNext = "number"
    paging_end: Literal["absent", "null", "empty"] = "absent"
    next_after_full_page: bool = False
    max_page_size: int = 500
    oversized_page: Literal["cap", "reject"] = "cap"
    honours_page_size: bool = True

    rows_carry_tenant_id: bool = True
    nulls: Literal["keep", "drop", "fill"] = "keep"
    trims_text: bool = False
    normalises_names: bool = False
    checks_uuids: bool = True

    put: Literal["replace", "merge"] = "replace"
    append: Literal["reject", "duplicate", "update"] = "reject"
    max_rows_per_post: int | None = None
    max_body_bytes: int | None = None

    actor_auth: Literal["either", "oauth2", "basic"] = "either"
    token_lifetime_s: float = 3600
    expires_in: int | str | None = 3600

    def __post_init__(self) -> None:
        """Raises ValueError for a maximum page size below 1: no list could ever be read."""
        if self.max_page_size < 1:
            raise ValueError("max_page_size must be 1 or more")


PLAIN = Behaviour()
"""The defaults: as strict as the page, as simple as can be."""
