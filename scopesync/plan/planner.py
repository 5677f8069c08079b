"""Plan: DesiredTenant x LiveTenant -> TenantPlan.

Belongs here: the pipeline, one line a stage. Does not belong here: any stage's own work.

    key the live rows -> compare -> order the calls -> judge
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scopesync.errors import StaleError
from scopesync.model import KINDS
from scopesync.plan.call_sequence import CallSequence, call_sequence
from scopesync.plan.changes import changes, schools_before_and_after, with_school_names
from scopesync.plan.guards.case import TenantCase
from scopesync.plan.guards.judge import judge
from scopesync.plan.notes import notes
from scopesync.plan.types import ListPlan, Strategy, TenantPlan
from scopesync.plan.writes import numbered
from scopesync.row_identity import canonical_key, fingerprint, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scopesync.model import DesiredTenant, Guards, Kind, Limits, ListName, LiveTenant, Remembered
    from scopesync.plan.types import Change
    from scopesync.row_identity import KeyedRows

NOT_MANAGED = Strategy("none", "not managed: no file mentions this list")


def plan_tenant(
    desired: DesiredTenant, live: LiveTenant, *, guards: Guards, remembered: Remembered | None = None
) -> TenantPlan:
    """What would change in the tenant, by which calls, and what the guards say: the same for the same input.

    `remembered` is what a ledger knows of the tenant, where there is one. Raises ConfigurationError when desired rows
    cannot be told apart on the live side.
    """
    rows = _keyed(live)
    found = _changes(desired, rows)
    limits = desired.connection.limits
    chosen = call_sequence(rows, found, rows_per_call=limits.rows_per_call, item_calls=limits.item_calls)
    lists = tuple(_list_plan(kind, desired, rows[kind.name], found[kind.name], chosen) for kind in KINDS)
    protected = _protected(desired, lists, remembered)
    case = TenantCase(lists, rows, chosen, live.identity, guards, protected, _last_rows(remembered))
    verdict = judge(case, allow=desired.allow)
    return TenantPlan(
        tenant=desired.tenant,
        connection=desired.connection.name,
        identity="verified" if live.identity.state == "verified" else "unverified",
        lists=lists,
        calls=numbered(chosen.writes),
        refusals=verdict.refusals,
        allowed=verdict.allowed,
        notes=(*live.notes, *(note for kind in KINDS for note in notes(kind, rows[kind.name]))),
    )


def _changes(desired: DesiredTenant, live: Mapping[ListName, KeyedRows]) -> dict[ListName, tuple[Change, ...]]:
    """The changes of both lists; schools first, for a course may name its school in any of several ways."""
    schools: tuple[Change, ...] = ()
    courses: tuple[Change, ...] = ()
    if "schools" in desired.lists:
        schools = changes(desired.lists["schools"], live["schools"])
    directory = schools_before_and_after(live["schools"], schools)
    if "courses" in desired.lists:
        courses = with_school_names(changes(desired.lists["courses"], live["courses"], directory), directory)
    return {"schools": schools, "courses": courses}


def judged_again(
    plan: TenantPlan,
    desired: DesiredTenant,
    live: LiveTenant,
    *,
    guards: Guards,
    remembered: Remembered | None = None,
) -> TenantPlan:
    """A saved plan with what the guards say of it today: a file can be edited, an exception withdrawn or expired.

    A plan whose lists have moved is given back as it is: it will not be applied.
    """
    if moved_lists(plan, live):
        return plan
    rows = _keyed(live)
    chosen = _calls_of(plan, live, desired.connection.limits)
    protected = _protected(desired, plan.lists, remembered)
    case = TenantCase(plan.lists, rows, chosen, live.identity, guards, protected, _last_rows(remembered))
    verdict = judge(case, allow=desired.allow)
    return replace(plan, refusals=verdict.refusals, allowed=verdict.allowed)


def moved_lists(plan: TenantPlan, live: LiveTenant) -> tuple[ListPlan, ...]:
    """The lists that are no longer as the plan saw them."""
    rows = _keyed(live)
    return tuple(part for part in plan.lists if fingerprint(part.kind, rows[part.kind.name]) != part.fingerprint)


def on_top_of(plan: TenantPlan, live: LiveTenant) -> TenantPlan:
    """The plan with its changes laid over the live rows as they are now, so that fields which nobody writes survive."""
    lists = tuple(replace(part, changes=_rebased(part, live.listing(part.kind).by_key)) for part in plan.lists)
    return replace(plan, lists=lists)


def _rebased(part: ListPlan, live: KeyedRows) -> tuple[Change, ...]:
    changes = []
    for change in part.changes:
        now = live.get(change.key)
        if change.before is None or now is None:
            changes.append(change)
            continue
        after = change.after
        if after is not None:
            after = {**now, **{field: after.get(field) for field in change.fields}}
        changes.append(replace(change, before=now, after=after))
    return tuple(changes)


def reviewed_calls(plan: TenantPlan, live: LiveTenant, limits: Limits) -> CallSequence:
    """The plan's calls with their bodies, made from the live lists that it was made from.

    Raises StaleError when they are not the calls that the plan shows (another version of the tool, or other limits).
    """
    found = _calls_of(plan, live, limits)
    if numbered(found.writes) != plan.calls:
        raise StaleError(
            f"{plan.tenant.name}: the calls of the plan are not those that this version and these limits would send",
            hint="make a new plan and have it reviewed",
        )
    return found


def _calls_of(plan: TenantPlan, live: LiveTenant, limits: Limits) -> CallSequence:
    changes = {part.kind.name: part.changes for part in plan.lists}
    return call_sequence(_keyed(live), changes, rows_per_call=limits.rows_per_call, item_calls=limits.item_calls)


def _protected(
    desired: DesiredTenant, lists: Iterable[ListPlan], remembered: Remembered | None
) -> Mapping[ListName, frozenset[str]]:
    """Keys of live rows that a file protects: the one last applied, or today's, also if it returns under another id."""
    found = {}
    for part in lists:
        wanted = desired.lists.get(part.kind.name)
        guarded = {key_of(part.kind, row.fields) for row in wanted.rows if row.protect} if wanted else set()
        recreated = {change.pair for change in part.changes if change.action == "create" and change.key in guarded}
        once = remembered.protected.get(part.kind.name, frozenset()) if remembered else frozenset()
        found[part.kind.name] = frozenset(map(canonical_key, once)) | guarded | {key for key in recreated if key}
    return found


def _last_rows(remembered: Remembered | None) -> Mapping[ListName, int]:
    return remembered.rows if remembered else {}


def _keyed(live: LiveTenant) -> Mapping[ListName, KeyedRows]:
    return {kind.name: live.listing(kind).by_key for kind in KINDS}


def _list_plan(
    kind: Kind, desired: DesiredTenant, live: KeyedRows, found: tuple[Change, ...], chosen: CallSequence
) -> ListPlan:
    wanted = desired.lists.get(kind.name)
    return ListPlan(
        kind=kind,
        manage=wanted.manage if wanted else "unmanaged",
        live_rows=len(live),
        fingerprint=fingerprint(kind, live),
        desired_rows=len(wanted.rows) if wanted else None,
        changes=found,
        unchanged=len(live) - sum(change.before is not None for change in found),
        strategy=chosen.strategies[kind.name] if wanted else NOT_MANAGED,
    )
