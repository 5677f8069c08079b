from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scopesync.apply.fleet import apply_plan
from scopesync.apply.outcome import Outcome, TenantOutcome
from scopesync.errors import CredentialError, LedgerError, RefusedError, WriteError
from scopesync.model import Tenant
from scopesync.plan.types import FailedTenant, Plan, TenantPlan
from tests.support.builders import TENANT, desired, live, planned, school
from tests.support.memory_log import MemoryLog
from tests.support.memory_side import MemorySide

if TYPE_CHECKING:
    from scopesync.apply.ports import Side

HAVE = live([school("s")])
WANT = desired([school("s"), school("new")])


def _named(name: str, want: object = WANT) -> TenantPlan:
    return replace(planned(want, HAVE), tenant=Tenant(name, name))  # type: ignore[arg-type]  # a DesiredTenant


def test_a_guard_of_one_tenant_stops_all_before_the_first_call() -> None:
    """Invariant 6."""
    sides = {name: MemorySide(HAVE) for name in ("a", "b")}
    plan = Plan((_named("a"), _named("b", desired([]))))
    with pytest.raises(RefusedError):
        apply_plan(plan, lambda tenant: sides[tenant.tenant.id].side(), MemoryLog(), concurrency=2)
    assert not any(side.log or side.reads for side in sides.values())


def test_one_tenants_failure_changes_nothing_for_another() -> None:
    """Invariant 8."""
    side = MemorySide(HAVE)

    def open_side(tenant: TenantPlan) -> Side:
        if tenant.tenant.id == "a":
            raise CredentialError("A_SECRET is not set")
        return side.side()

    failed = FailedTenant(TENANT, "us2", "unreachable", "no answer")
    outcome = apply_plan(Plan((_named("a"), failed, _named("b"))), open_side, MemoryLog(), concurrency=2)
    assert [(one.tenant.id, one.status) for one in outcome.tenants] == [("a", "unread"), ("b", "applied")]
    assert outcome.exit_code == 6
    assert side.log == ["append schools 1"]


class _Heard:
    def __init__(self) -> None:
        self.told: list[str] = []

    def begun(self, name: str, calls: int) -> None:
        self.told.append(f"{name} begun, {calls}")

    def sent(self, name: str) -> None:
        self.told.append(f"{name} sent")

    def ended(self, name: str) -> None:
        self.told.append(f"{name} ended")


def test_a_watcher_hears_of_each_tenant_and_each_call() -> None:
    on_sent = _Heard()
    plan = Plan((_named("a"), _named("b", desired([school("s")]))))
    apply_plan(plan, lambda _: MemorySide(HAVE).side(), MemoryLog(), concurrency=1, listener=on_sent)
    assert on_sent.told == ["a begun, 1", "a sent", "a ended", "b begun, 0", "b ended"]


@pytest.mark.parametrize(
    ("tenants", "code"),
    [
        ([], 0),
        ([("applied", 1), ("unchanged", 0)], 0),
        ([("stale", 0), ("unchanged", 0)], 4),
        ([("stale", 0), ("applied", 1)], 5),
        ([("unread", 0), ("applied", 1)], 6),
        ([("unread", 0), ("incomplete", 1), ("stale", 0)], 5),
        ([("unrecorded", 0)], 1),
        ([("unrecorded", 0), ("applied", 1)], 5),
        ([("interrupted", 1)], 5),
        ([("not started", 0), ("unread", 0)], 6),
        ([("not started", 0), ("applied", 1)], 5),
    ],
)
def test_the_exit_code_promises_nothing_was_written_only_when_it_is_true(
    tenants: list[tuple[str, int]], code: int
) -> None:
    outcomes = tuple(TenantOutcome(TENANT, status, 1, sent) for status, sent in tenants)  # type: ignore[arg-type]  # a Status
    assert Outcome(outcomes).exit_code == code


def _many(count: int) -> Plan:
    return Plan(tuple(_named(f"t{number:02}") for number in range(count)))


def test_ten_tenants_that_fail_in_a_row_stop_the_rest() -> None:
    """Fault 30."""
    opened: list[str] = []

    def open_side(tenant: TenantPlan) -> Side:
        opened.append(tenant.tenant.id)
        raise CredentialError("no")

    outcome = apply_plan(_many(30), open_side, MemoryLog(), concurrency=1)
    assert len(opened) == 10
    assert [one.status for one in outcome.tenants] == ["unread"] * 10 + ["not started"] * 20
    assert outcome.exit_code == 6


def test_one_tenant_of_five_hundred_fails_and_the_others_are_applied() -> None:
    """Fault 30."""

    def open_side(tenant: TenantPlan) -> Side:
        if tenant.tenant.id == "t07":
            raise CredentialError("no")
        return MemorySide(HAVE).side()

    outcome = apply_plan(_many(50), open_side, MemoryLog(), concurrency=8)
    assert [one.tenant.id for one in outcome.tenants if one.status != "applied"] == ["t07"]


def test_a_tenant_that_another_run_holds_is_stale_and_names_the_holder() -> None:
    """Fault 32."""
    log = MemoryLog()
    log.holder = "lisa on laptop"
    side = MemorySide(HAVE)
    outcome = apply_plan(_many(1), lambda _: side.side(), log, concurrency=1)
    assert [one.status for one in outcome.tenants] == ["stale"]
    assert "lisa on laptop" in str(outcome.tenants[0].message)
    assert outcome.exit_code == 4
    assert not side.reads


def test_after_an_interruption_nothing_is_started() -> None:
    """Invariant 12."""
    side = MemorySide(HAVE)
    outcome = apply_plan(_many(3), lambda _: side.side(), MemoryLog(), concurrency=1, stopped=lambda: bool(side.log))
    assert [one.status for one in outcome.tenants] == ["interrupted", "not started", "not started"]
    assert side.log == ["append schools 1"]


class _FullAtTheLastWord(MemoryLog):
    def ended(self, status: str, message: str | None = None) -> None:
        raise LedgerError(f"no space left on the disk for {status} {message}")


def test_an_end_that_cannot_be_recorded_is_not_called_unsent_when_a_call_landed_without_an_answer() -> None:
    side = MemorySide(HAVE)
    side.fail = {1: WriteError("no answer in 30 s", landed=None)}
    outcome = apply_plan(_many(1), lambda _: side.side(), _FullAtTheLastWord(), concurrency=1)
    assert [(one.status, one.sent) for one in outcome.tenants] == [("incomplete", 0)]
    assert side.log == ["append schools 1"]
