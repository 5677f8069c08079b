from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scopesync.apply.fleet import apply_plan
from scopesync.apply.outcome import Outcome, TenantOutcome
from scopesync.errors import CredentialError, RefusedError
from scopesync.model import Tenant
from scopesync.plan.types import FailedTenant, Plan, TenantPlan
from tests.support.builders import TENANT, desired, live, planned, school
from tests.support.memory_side import MemorySide

if TYPE_CHECKING:
    from scopesync.apply.ports import Side

HAVE = live([school("s")])
WANT = desired([school("s"), school("new")])


def _named(name: str, want: object = WANT) -> TenantPlan:
    return replace(planned(want, HAVE), tenant=Tenant(name, name))  # type: ignore[arg-type]  # a DesiredTenant


def test_a_guard_of_one_tenant_stops_all_before_the_first_call() -> None:
    sides = {name: MemorySide(HAVE) for name in ("a", "b")}
    plan = Plan((_named("a"), _named("b", desired([]))))
    with pytest.raises(RefusedError):
        apply_plan(plan, lambda tenant: sides[tenant.tenant.id].side(), concurrency=2)
    assert not any(side.log or side.reads for side in sides.values())


def test_one_tenants_failure_changes_nothing_for_another() -> None:
    side = MemorySide(HAVE)

    def open_side(tenant: TenantPlan) -> Side:
        if tenant.tenant.id == "a":
            raise CredentialError("A_SECRET is not set")
        return side.side()

    failed = FailedTenant(TENANT, "us2", "unreachable", "no answer")
    outcome = apply_plan(Plan((_named("a"), failed, _named("b"))), open_side, concurrency=2)
    assert [(one.tenant.id, one.status) for one in outcome.tenants] == [("a", "unread"), ("b", "applied")]
    assert outcome.exit_code == 6
    assert side.log == ["append schools 1"]


def test_each_tenant_is_reported_as_it_ends() -> None:
    heard: list[TenantOutcome] = []
    apply_plan(Plan((_named("a"), _named("b"))), lambda _: MemorySide(HAVE).side(), concurrency=1, done=heard.append)
    assert [one.tenant.id for one in heard] == ["a", "b"]


@pytest.mark.parametrize(
    ("tenants", "code"),
    [
        ([], 0),
        ([("applied", 1), ("unchanged", 0)], 0),
        ([("stale", 0), ("unchanged", 0)], 4),
        ([("stale", 0), ("applied", 1)], 5),
        ([("unread", 0), ("applied", 1)], 6),
        ([("unread", 0), ("incomplete", 1), ("stale", 0)], 5),
    ],
)
def test_the_exit_code_promises_nothing_was_written_only_when_it_is_true(
    tenants: list[tuple[str, int]], code: int
) -> None:
    outcomes = tuple(TenantOutcome(TENANT, status, 1, sent) for status, sent in tenants)  # type: ignore[arg-type]  # a Status
    assert Outcome(outcomes).exit_code == code
