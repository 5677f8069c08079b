"""The nouns: what a tenant is, what is in scope, what people want and what is live.

Belongs here: immutable values that more than one room speaks of. Does not belong here: reading, comparing, writing,
rules about what may change. Everything that schools and courses differ in is a field of `Kind`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Row: TypeAlias = "Mapping[str, Any]"
"""One row of a scoping list as JSON: the API's field names, unknown fields included. Never changed in place."""

Manage = Literal["exact", "additive"]
"""`exact`: the desired list is the whole truth. `additive`: nothing is ever removed."""

ListName = Literal["schools", "courses"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two scoping lists, and everything in which the two differ.

    `fields` are those that people may write, in the order in which they are shown; all are text but `selected`.
    """

    name: ListName
    singular: str
    id_field: str
    ref_field: str
    fields: tuple[str, ...]


SCHOOLS = Kind(
    name="schools",
    singular="school",
    id_field="school_id",
    ref_field="school_ref_id",
    fields=("school_id", "school_ref_id", "name", "local_id", "keywords", "selected"),
)
COURSES = Kind(
    name="courses",
    singular="course",
    id_field="course_id",
    ref_field="course_ref_id",
    fields=(
        "course_id",
        "course_ref_id",
        "school_id",
        "school_ref_id",
        "name",
        "local_id",
        "keywords",
        "selected",
    ),
)
KINDS: tuple[Kind, ...] = (SCHOOLS, COURSES)
KIND_BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}

SERVER_FIELDS = ("account_id", "tenant_id")
"""Fields that the server owns: sent back as they came, never written by people."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One integration in one district: the id is pinned, the name is for people."""

    id: str
    name: str


# What people want


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept, never the secret: `env:NAME` or `file:PATH` (relative to the project)."""

    source: Literal["env", "file"]
    name: str

    def __str__(self) -> str:
        return f"{self.source}:{self.name}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard one connection may be worked.

    `rows_per_call` bounds the rows of one write. Up to `item_calls` calls a list are preferred to a replace of the
    list; None: a list is never replaced unless nothing else can change it. A write that was answered is looked for up
    to `settle_s` seconds.
    """

    concurrency: int = 8
    requests_per_second: float = 20
    page_size: int = 500
    rows_per_call: int = 1000
    timeout_s: float = 30
    settle_s: float = 30
    item_calls: int | None = 200


@dataclass(frozen=True, slots=True)
class Connection:
    """One host of the Interop API. `vendor_key` opens the tenants' records, where it is given."""

    name: str
    base_url: str
    auth: Literal["oauth2", "basic"] = "oauth2"
    vendor_key: SecretRef | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class ChangeLimit:
    """How much of a live list may change: at most `percent` of its rows and at most `count`; None is no bound."""

    percent: float | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Guards:
    """The project's bounds on a change; the defaults stand in docs/guards.md."""

    max_removals: ChangeLimit = ChangeLimit(percent=20, count=200)
    max_additions: ChangeLimit = ChangeLimit(percent=100, count=2000)
    max_updates: ChangeLimit = ChangeLimit(percent=50, count=None)


@dataclass(frozen=True, slots=True)
class Allow:
    """A reviewed exception to one guard on one list: at most `count` rows, until the end of the day `expires`."""

    guard: str
    list: ListName
    count: int
    reason: str
    expires: date


class DesiredRow(NamedTuple):
    """A row that people want. `fields` holds what is mentioned, defaults included; an explicit None clears a field.

    `origin` is `file:line` of the row, relative to the project. A tuple, for there are hundreds of thousands of rows:
    a frozen dataclass takes nearly twice the time to make.
    """

    fields: Row
    origin: str | None = None
    protect: bool = False


@dataclass(frozen=True, slots=True)
class DesiredList:
    """A list that is managed. No rows means *nothing in scope*, not *do not touch*: that is no `DesiredList` at all."""

    kind: Kind
    rows: tuple[DesiredRow, ...]
    manage: Manage = "exact"


@dataclass(frozen=True, slots=True)
class DesiredTenant:
    """Everything that the files say of one tenant. A kind that is missing from `lists` is not managed.

    `credentials` is the pair (client id, client secret) where the file names one; `origin` is the tenant file.
    """

    tenant: Tenant
    connection: Connection
    lists: Mapping[ListName, DesiredList]
    credentials: tuple[SecretRef, SecretRef] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    allow: tuple[Allow, ...] = ()
    origin: str | None = None


# What is live


@dataclass(frozen=True, slots=True)
class Listing:
    """A live list that was read *completely*, in the server's order. A list that was not has no `Listing`.

    `by_key` holds the same rows by key, in the order of their keys. `row_identity.listing` makes a `Listing`.
    """

    kind: Kind
    rows: tuple[Row, ...]
    by_key: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which tenant a credential really opened.

    `verified`: rows or the tenant's record name this tenant and no other. `unverified`: nothing names any tenant.
    `foreign`: something names another one. `evidence` says in words what was seen.
    """

    state: Literal["verified", "unverified", "foreign"]
    evidence: str


@dataclass(frozen=True, slots=True)
class LiveTenant:
    """Both lists of one tenant, complete, with the identity of what was read.

    `notes` say in words what a person should know before changing this tenant (an expired license, a stopped state).
    """

    tenant: Tenant
    schools: Listing
    courses: Listing
    identity: Identity
    notes: tuple[str, ...] = ()

    def listing(self, kind: Kind) -> Listing:
        """The live list of that kind."""
        return self.schools if kind is SCHOOLS else self.courses


# What is remembered


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was recorded of one tenant when it was last applied or seen.

    `protected`: keys of rows that the file of that time marked `protect`. `rows`: how many rows each list had; a list
    that is missing was never seen.
    """

    protected: Mapping[ListName, frozenset[str]] = field(default_factory=dict)
    rows: Mapping[ListName, int] = field(default_factory=dict)
