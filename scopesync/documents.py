"""The documents that leave the tool, as types: plans, drift, outcomes of an apply, runs of the ledger.

Belongs here: the layout of each document (the JSON Schemas say the same, and a test compares the two) and the words for
the states in it. Does not belong here: anything that makes or shows a document. Imports nothing of ours, so that
`report` can read documents without knowing the rooms that make them.

Every document is plain JSON data. A key that may be missing is marked `NotRequired`; a value that may be unknown is
`| None`, and then the key is there all the same.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

ListName = Literal["schools", "courses"]
Action = Literal["create", "update", "delete"]
Managed = Literal["exact", "additive", "unmanaged"]
StrategyKind = Literal["none", "items", "replace"]
Whose = Literal["this branch", "already pending", "both"]
RowState = Literal["missing", "unexpected", "different"]
"""`missing`: desired, not live. `unexpected`: live, not desired. `different`: live with other values."""

RowDocument: TypeAlias = dict[str, Any]
"""A school or course: the API's field names, unknown fields included."""


# What several documents say


class ToolDocument(TypedDict):
    """What wrote the document."""

    name: Literal["scopesync"]
    version: str


class SourceDocument(TypedDict):
    """The Git commit of the project's files, and whether files differed from it."""

    commit: str
    dirty: bool


class TenantName(TypedDict):
    """A tenant: its id, and its name in the project."""

    id: str
    name: str


class ErrorDocument(TypedDict):
    """Why nothing is known of a tenant: the kind of failure for programs, what happened for people."""

    kind: str
    message: str


class LiveListDocument(TypedDict):
    """A live list as it was read."""

    rows: int
    fingerprint: str


class DesiredListDocument(TypedDict):
    """A list that the files want."""

    rows: int


class CountsByAction(TypedDict):
    """How many rows each action concerns."""

    create: int
    update: int
    delete: int


# The plan


class PlanSummary(CountsByAction):
    """Counts over all tenants."""

    tenants: int
    changed_tenants: int
    unchanged: int
    calls: int
    refusals: int
    errors: int


class ChangeDocument(TypedDict):
    """One row that would be created, updated or deleted (see `plan.types.Change`)."""

    action: Action
    key: str
    name: str | None
    before: RowDocument | None
    after: RowDocument | None
    fields: list[str]
    origin: str | None
    pair: str | None
    school: str | None
    whose: Whose | None


class StrategyDocument(TypedDict):
    """How a list is changed, and why."""

    kind: StrategyKind
    reason: str


class PlannedListDocument(TypedDict):
    """What would change in one list; `desired` is None for a list that is not managed."""

    manage: Managed
    live: LiveListDocument
    desired: DesiredListDocument | None
    changes: list[ChangeDocument]
    unchanged: int
    strategy: StrategyDocument


class CallDocument(TypedDict):
    """One write: its place in the order, what is sent where, and how many rows are in its body."""

    step: int
    list: ListName
    method: str
    path: str
    query: dict[str, str]
    rows: int


class AllowBlock(TypedDict):
    """The block for a tenant file that would allow what a guard refuses; a person fills in `reason` and `expires`."""

    guard: str
    list: str
    count: int
    reason: str
    expires: str


class RefusalDocument(TypedDict):
    """What a guard refuses; `allow` is None where nothing allows it."""

    guard: str
    list: ListName
    message: str
    allow: AllowBlock | None


class AllowedDocument(TypedDict):
    """An exception that was used: the guard objected to `count` rows."""

    guard: str
    list: ListName
    count: int
    reason: str
    expires: str


class PlannedTenantDocument(TypedDict):
    """What would change in one tenant; `lists` is empty where there is an error."""

    tenant: TenantName
    connection: str
    identity: Literal["verified", "unverified"]
    notes: list[str]
    lists: dict[ListName, PlannedListDocument]
    calls: list[CallDocument]
    refusals: list[RefusalDocument]
    allowed: list[AllowedDocument]
    error: ErrorDocument | None


class SealDocument(TypedDict):
    """What makes a saved file the plan that was reviewed."""

    project: str
    expires_at: str
    checksum: str


class PlanDocument(TypedDict):
    """A plan, as in plan.schema.json; `seal` is there only in a saved one."""

    format_version: Literal["1"]
    tool: ToolDocument
    created_at: str
    source: SourceDocument | None
    digest: str
    summary: PlanSummary
    tenants: list[PlannedTenantDocument]
    seal: NotRequired[SealDocument]


# Drift


class DriftSummary(TypedDict):
    """Counts over all tenants."""

    tenants: int
    drifted_tenants: int
    missing: int
    unexpected: int
    different: int
    errors: int


class DifferenceDocument(TypedDict):
    """One row that differs; `moved_by` is one of `audit.attribution.MovedBy`."""

    state: RowState
    key: str
    name: str | None
    live: RowDocument | None
    desired: RowDocument | None
    fields: list[str]
    origin: str | None
    school: str | None
    moved_by: str


class DriftedListDocument(TypedDict):
    """What differs in one list; `desired` is None for a list that is not managed."""

    manage: Managed
    live: LiveListDocument
    desired: DesiredListDocument | None
    differences: list[DifferenceDocument]


class DriftedTenantDocument(TypedDict):
    """What differs in one tenant; `lists` is empty where there is an error."""

    tenant: TenantName
    connection: str
    identity: Literal["verified", "unverified"]
    lists: dict[ListName, DriftedListDocument]
    error: ErrorDocument | None


class DriftDocument(TypedDict):
    """Where the live side differs from the files, as in drift.schema.json.

    `memory` says whether there is a ledger, without which nobody can say who moved a row.
    """

    format_version: Literal["1"]
    tool: ToolDocument
    created_at: str
    source: SourceDocument | None
    memory: bool
    summary: DriftSummary
    tenants: list[DriftedTenantDocument]


# The outcome of an apply


class LeftDocument(TypedDict):
    """A row that is not as it should be after an apply; `cause` is one of `apply.outcome.Cause`."""

    list: ListName
    key: str
    name: str | None
    state: RowState
    cause: str
    fields: list[str]
    sent: dict[str, Any]
    kept: dict[str, Any]


class TenantOutcomeDocument(TypedDict):
    """How one tenant ended (an `apply.outcome.Status`): `sent` of `calls` calls were answered with success."""

    tenant: TenantName
    status: str
    calls: int
    sent: int
    message: str | None
    differences: list[LeftDocument]


class OutcomeDocument(TypedDict):
    """What became of an apply."""

    tenants: list[TenantOutcomeDocument]


# The runs of the ledger


class WhoDocument(TypedDict):
    """Who started a run, and from which files; None where the environment and Git say nothing."""

    user: str
    host: str
    ci_url: str | None
    commit: str | None
    dirty: bool | None


class ProcessDocument(TypedDict):
    """The process that ran."""

    host: str
    pid: int


class HolderDocument(TypedDict):
    """The dead run whose lock was taken over."""

    run: int
    user: str
    host: str
    pid: int
    since: str


class SentDocument(TypedDict):
    """How many calls were recorded before sending, and how many of these succeeded and failed."""

    intended: int
    answered: int
    failed: int


class RecordedCallDocument(CallDocument):
    """One call as it was recorded: the keys of its rows, and what became of it.

    `outcome` is `answered`, `failed` or `unknown`. `landed` says whether it was carried out; None: that is not known.
    """

    seq: int
    at: str
    keys: list[str]
    outcome: str
    ended_at: str | None
    message: str | None
    landed: bool | None


class StateDocument(TypedDict):
    """A list as it was read `before` the first call or `after` the last."""

    list: ListName
    at: str
    moment: str
    rows: int
    fingerprint: str


class TouchDocument(TypedDict):
    """What a run did to one row, and how far that is known (see `audit.row_history.touches`)."""

    list: ListName
    key: str
    name: str | None
    action: Action
    answered: bool
    seen: bool | None


class TenantRunDocument(TypedDict):
    """What a run did in one tenant; `sent` is None while the tenant has not ended.

    `keys` (list -> action -> keys), `calls` and `states` are there where one run is shown, `rows` where a row was asked
    for.
    """

    tenant: TenantName
    status: str
    message: str | None
    changes: CountsByAction
    sent: SentDocument | None
    took_over: HolderDocument | None
    keys: NotRequired[dict[ListName, dict[Action, list[str]]]]
    calls: NotRequired[list[RecordedCallDocument]]
    states: NotRequired[list[StateDocument]]
    rows: NotRequired[list[TouchDocument]]


class RunDocument(TypedDict):
    """One run, as `history show` gives it; `plan` is the digest of the plan document that it carried out."""

    id: int
    started_at: str
    ended_at: str | None
    status: str
    command: str
    who: WhoDocument
    process: ProcessDocument
    tool_version: str
    plan: str | None
    tenants: list[TenantRunDocument]


class AskedDocument(TypedDict):
    """Which runs were asked for; None where nothing narrows them."""

    tenant: str | None
    row: str | None
    since: str | None


class HistoryDocument(TypedDict):
    """The runs that were asked for, newest first."""

    asked: AskedDocument
    runs: list[RunDocument]
