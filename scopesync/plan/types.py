"""What a plan is made of; the plan document is exactly this, written as JSON.

Belongs here: immutable values. Does not belong here: how they are found (match, changes, call_sequence, guards) or
written (document).

What `before` and `after` of a `Change` mean:

    action   before             after
    create   None               the new row, whole
    update   the live row       the live row with our changes on top, fields that we do not know included
    delete   the live row       None
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from scopesync.errors import RefusedError, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.documents import Action, AllowBlock, Managed, StrategyKind, Whose
    from scopesync.model import Kind, ListName, Row, Tenant


@dataclass(frozen=True, slots=True)
class Change:
    """One row that would be created, updated or deleted. `fields` names what an update changes, in the kind's order.

    `pair` is the key of the other half where a row is re-created: removed under one id, added under another, with the
    same reference. `school` is the name of a course's school, for people. `whose` says which side of a comparison with
    another commit asks for the change (see `whose`).
    """

    action: Action
    key: str
    name: str | None
    before: Row | None
    after: Row | None
    fields: tuple[str, ...] = ()
    origin: str | None = None
    pair: str | None = None
    school: str | None = None
    whose: Whose | None = None


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a list is changed, and one plain sentence why."""

    kind: StrategyKind
    reason: str


@dataclass(frozen=True, slots=True)
class Call:
    """One write as a reviewer sees it: `path` below the API's base, `rows` the number of rows in its body."""

    step: int
    list: ListName
    method: str
    path: str
    query: Mapping[str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard's no: the numbers in words, and the `allow` block that would cover it (None: nothing covers it)."""

    guard: str
    list: ListName
    message: str
    allow: AllowBlock | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """A reviewed exception that was used: a guard objected to `count` rows, and an `allow` block covers them.

    `reason` and `expires` (YYYY-MM-DD) are those of the block.
    """

    guard: str
    list: ListName
    count: int
    reason: str
    expires: str


@dataclass(frozen=True, slots=True)
class ListPlan:
    """What would change in one list. `desired_rows` is None for a list that is not managed.

    `fingerprint` covers the live list as it was read, in any order of its rows.
    """

    kind: Kind
    manage: Managed
    live_rows: int
    fingerprint: str
    desired_rows: int | None
    changes: tuple[Change, ...]
    unchanged: int
    strategy: Strategy

    def count(self, action: Action) -> int:
        """How many rows that action concerns."""
        return sum(change.action == action for change in self.changes)


@dataclass(frozen=True, slots=True)
class TenantPlan:
    """What would change in one tenant, by which calls, and what the guards refuse; `notes` are for people.

    `allowed` are the reviewed exceptions without which there would be more refusals.
    """

    tenant: Tenant
    connection: str
    identity: Literal["verified", "unverified"]
    lists: tuple[ListPlan, ...]
    calls: tuple[Call, ...]
    refusals: tuple[Refusal, ...]
    allowed: tuple[Allowed, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything would change."""
        return any(part.changes for part in self.lists)


@dataclass(frozen=True, slots=True)
class FailedTenant:
    """A tenant without a plan, and why: `kind` is the `kind` of the error's class, `message` is for people."""

    tenant: Tenant
    connection: str
    kind: str
    message: str


AnyTenant: TypeAlias = "TenantPlan | FailedTenant"


@dataclass(frozen=True, slots=True)
class Plan:
    """The tenants of one run, in the order of their names."""

    tenants: tuple[AnyTenant, ...]

    @property
    def planned(self) -> tuple[TenantPlan, ...]:
        """The tenants that could be planned."""
        return tuple(tenant for tenant in self.tenants if isinstance(tenant, TenantPlan))

    @property
    def failed(self) -> tuple[FailedTenant, ...]:
        """The tenants that could not."""
        return tuple(tenant for tenant in self.tenants if isinstance(tenant, FailedTenant))

    @property
    def refusals(self) -> tuple[tuple[Tenant, Refusal], ...]:
        """What the guards refuse, tenant by tenant."""
        return tuple((tenant.tenant, refusal) for tenant in self.planned for refusal in tenant.refusals)

    @property
    def changed(self) -> bool:
        """Whether anything would change in any tenant."""
        return any(tenant.changed for tenant in self.planned)

    @property
    def failure_code(self) -> int:
        """The exit code of the failures, or 0; an unread list (6) is the greater doubt than a fault in a file (1)."""
        return max((exit_code_of(tenant.kind) for tenant in self.failed), default=0)

    @property
    def exit_code(self) -> int:
        """What a plan means to a command that only shows it: a failure's code, else 3 when a guard refuses, else 0."""
        return self.failure_code or (RefusedError.exit_code if self.refusals else 0)
