from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from scopesync.audit.actor import Who
from scopesync.audit.ledger.book import open_ledger
from scopesync.audit.ledger.run_log import Start
from scopesync.errors import LedgerError
from scopesync.model import DesiredRow, Remembered
from tests.audit.stage import ADD, AFTER, BEFORE, HERE, PLAN, Clock, applied, everybody_lives, running, vandal
from tests.support.builders import TENANT, desired, live, planned, school

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.audit.ledger.book import Ledger

CANARY = 'can"ary-7'


def test_an_intent_is_durable_before_the_call_and_its_outcome_is_unknown_until_it_is_told(
    ledger: Ledger, place: Path | str, clock: Clock
) -> None:
    with running(ledger) as run, run.tenant(PLAN) as log:
        log.before(BEFORE)
        log.intend(ADD, ["c"])
        with open_ledger(place, clock=clock, mask=str, create=False) as other:
            shown = other.show(run.id)
    tenant = shown["tenants"][0]
    assert [(call["path"], call["keys"], call["outcome"]) for call in tenant["calls"]] == [(ADD.path, ["c"], "unknown")]
    assert [state["moment"] for state in tenant["states"]] == ["before", "before"]
    assert (shown["status"], tenant["status"]) == ("unfinished", "unfinished")


def test_a_call_that_cannot_be_recorded_is_refused_before_it_is_sent(ledger: Ledger) -> None:
    """Fault 33."""
    with running(ledger) as run, run.tenant(PLAN) as log:
        with vandal(ledger) as connection:
            connection.exec_driver_sql("ALTER TABLE record RENAME TO gone")
        with pytest.raises(LedgerError, match="cannot be written") as failed:
            log.intend(ADD, ["c"])
        assert failed.value.exit_code == 1
        with vandal(ledger) as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO record")
    assert ledger.show(run.id)["tenants"][0]["calls"] == []


def test_a_server_that_went_away_refuses_the_intent_and_may_come_back(
    cluster: str, postgres: str, clock: Clock
) -> None:
    """Fault 63."""
    with open_ledger(postgres, clock=clock, mask=str) as ledger, running(ledger) as run, run.tenant(PLAN) as log:
        with psycopg.connect(cluster, autocommit=True) as connection:
            others = b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            connection.execute(others + b" AND backend_type = 'client backend'")
        with pytest.raises(LedgerError, match="cannot be written"):
            log.intend(ADD, ["c"])
        log.answered(log.intend(ADD, ["c"]))
        log.ended("applied")


@pytest.mark.parametrize(
    ("landed", "outcome"),
    [(False, {"outcome": "failed", "landed": False}), (None, {"outcome": "failed", "landed": None})],
)
def test_a_call_that_failed_says_why_and_whether_it_can_have_landed(
    ledger: Ledger, landed: None, outcome: dict[str, object]
) -> None:
    with running(ledger) as run, run.tenant(PLAN) as log:
        log.failed(log.intend(ADD), "no answer in time", landed=landed)
        log.ended("incomplete", "no answer in time")
    tenant = ledger.show(run.id)["tenants"][0]
    assert tenant["calls"][0] | outcome | {"message": "no answer in time"} == tenant["calls"][0]
    assert (tenant["status"], tenant["message"]) == ("incomplete", "no answer in time")
    assert tenant["sent"] == {"intended": 1, "answered": 0, "failed": 1}


def test_no_secret_gets_in_by_any_door(place: Path | str, clock: Clock) -> None:
    row = school("a", name=CANARY, **{CANARY: [CANARY]})
    secret_live = live([row])
    plan = planned(desired([row, school(f"x{CANARY}")]), secret_live)
    row_of = desired([row])
    guarded = replace(row_of.lists["schools"], rows=(DesiredRow({"school_id": CANARY}, protect=True),))
    wanted = {TENANT.id: replace(row_of, lists={"schools": guarded})}
    start = Start(CANARY, Who(CANARY, CANARY, CANARY, CANARY), CANARY, {"text": CANARY}, wanted)
    with open_ledger(place, clock=clock, mask=lambda text: text.replace(CANARY, "***")) as ledger:
        with ledger.run(start, HERE, alive=everybody_lives) as run:
            with run.tenant(plan) as log:
                log.before(secret_live)
                log.failed(log.intend(ADD, [CANARY]), CANARY, landed=None)
                log.after(secret_live)
                log.ended("applied", CANARY)
            run.confirmed(live([row, school("b")]))
            run.ended(CANARY)
        told = [ledger.show(run.id), ledger.plan(run.id), ledger.last_state(TENANT.id, "schools"), _everything(ledger)]
        assert "***" in repr(told[0])
        assert not any("ary-7" in repr(answer) for answer in told)
        with pytest.raises(LedgerError, match="cannot be written back"):
            ledger.states_before(run.id, TENANT.id)


def test_the_same_list_and_the_same_plan_are_stored_once(ledger: Ledger) -> None:
    applied(ledger)
    with ledger._database.reading() as connection:
        once = connection.exec_driver_sql("SELECT count(*) FROM content").scalar()
    applied(ledger)
    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM content").scalar() == once == 4


def test_a_tenant_with_nothing_to_do_is_recorded_once_and_again_only_when_something_is_new(ledger: Ledger) -> None:
    with running(ledger) as run:
        run.confirmed(AFTER)
    assert ledger.remembered(TENANT.id) == Remembered({"schools": frozenset("a")}, {"schools": 2, "courses": 0})
    recorded = ledger.head().seq
    with running(ledger) as run:
        run.confirmed(AFTER)
    assert ledger.head().seq == recorded + 2
    with running(ledger, protect="") as run:
        run.confirmed(AFTER)
    assert ledger.remembered(TENANT.id).protected == {"schools": frozenset()}


def test_what_a_run_merely_found_is_no_proof_of_how_the_list_was_left(ledger: Ledger) -> None:
    """A list that reads empty by mistake, seen before the first call, must not disarm the guard against it."""
    applied(ledger)
    with running(ledger) as run, run.tenant(PLAN) as log:
        log.before(live())
        log.ended("stale", "the live side moved")
    assert ledger.remembered(TENANT.id).rows == {"schools": 2, "courses": 0}
    with running(ledger) as run:
        run.confirmed(live())
    assert ledger.remembered(TENANT.id).rows == {"schools": 0, "courses": 0}


def _everything(ledger: Ledger) -> list[object]:
    with ledger._database.reading() as connection:
        tables = ("record", "tenant_lock")
        return [list(connection.exec_driver_sql(f"SELECT * FROM {table}")) for table in tables]  # noqa: S608 - ours
