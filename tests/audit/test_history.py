from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator

from scopesync.audit.attribution import Memory
from scopesync.documents import RunDocument
from scopesync.errors import UsageError
from scopesync.model import Remembered, Tenant
from scopesync.plan.types import Call
from tests.audit.stage import ADD, AFTER, BEFORE, PLAN, Clock, applied, running
from tests.support.builders import TENANT, desired, live, planned, school
from tests.support.shapes import schema_of

if TYPE_CHECKING:
    from scopesync.audit.ledger.book import Ledger

OTHER = Tenant(id="0c9f0000-0000-4000-8000-000000000001", name="shelbyville")
CREATED = {"list": "schools", "key": "c", "action": "create"}


def test_runs_and_one_run_are_of_the_documents_type(ledger: Ledger) -> None:
    run = applied(ledger)
    shown, listed = ledger.show(run), [*ledger.runs(), *ledger.runs(row="c")]
    assert "calls" in shown["tenants"][0]
    assert "rows" in listed[-1]["tenants"][0]
    for document in (shown, *listed):
        Draft7Validator(schema_of(RunDocument)).validate(json.loads(json.dumps(document)))


def test_the_whole_story_of_a_run(ledger: Ledger) -> None:
    run = applied(ledger)
    at = "2026-03-02T14:15:00.000+00:00"
    call = {"list": "schools", "at": at, "ended_at": at, "outcome": "answered", "message": None, "landed": True}
    document = ledger.show(run)
    states = document["tenants"][0].pop("states")
    assert document == {
        "id": 1,
        "started_at": at,
        "ended_at": at,
        "status": "applied",
        "command": "apply",
        "who": {"user": "lisa", "host": "laptop", "ci_url": "https://ci.example/1", "commit": "c0ffee", "dirty": False},
        "process": {"host": "laptop", "pid": 11},
        "tool_version": "1.0",
        "plan": document["plan"],
        "tenants": [
            {
                "tenant": {"id": TENANT.id, "name": "springfield"},
                "status": "applied",
                "message": None,
                "changes": {"create": 1, "update": 0, "delete": 1},
                "sent": {"intended": 2, "answered": 2, "failed": 0},
                "took_over": None,
                "keys": {
                    "schools": {"create": ["c"], "update": [], "delete": ["b"]},
                    "courses": {"create": [], "update": [], "delete": []},
                },
                "calls": [
                    {
                        **call,
                        "seq": 5,
                        "step": 1,
                        "method": "POST",
                        "path": "/tenant/scoping/schools",
                        "query": {"replace": "false"},
                        "rows": 1,
                        "keys": ["c"],
                    },
                    {
                        **call,
                        "seq": 7,
                        "step": 2,
                        "method": "DELETE",
                        "path": "/tenant/scoping/schools/b",
                        "query": {},
                        "rows": 0,
                        "keys": ["b"],
                    },
                ],
            }
        ],
    }
    assert [(one["list"], one["moment"], one["rows"]) for one in states] == [
        ("schools", "before", 2),
        ("courses", "before", 0),
        ("schools", "after", 2),
        ("courses", "after", 0),
    ]
    assert states[0]["fingerprint"] == PLAN.lists[0].fingerprint
    assert ledger.plan(run) == {"digest": "sha256:d"}


def test_a_list_comes_back_as_it_was_before_a_run_and_as_it_was_last_seen(ledger: Ledger) -> None:
    run = applied(ledger)
    before = ledger.states_before(run, TENANT.id)
    assert {name: state.rows for name, state in before.items()} == {"schools": BEFORE.schools.rows, "courses": ()}
    assert ledger.states_before(run, "another") == {}
    last = ledger.last_state(TENANT.id, "schools")
    assert last is not None
    assert (last.rows, last.run, last.moment) == (AFTER.schools.rows, run, "after")
    assert ledger.last_state("another", "schools") is None


def test_runs_are_found_by_tenant_by_time_and_by_row(ledger: Ledger, clock: Clock) -> None:
    assert ledger.runs() == ()
    first = applied(ledger)
    clock.advance(3600)
    with running(ledger) as second:
        pass

    def found(**asked: str) -> list[int]:
        return [document["id"] for document in ledger.runs(**asked)]  # type: ignore[arg-type]  # all but `since` are text

    assert found() == [second.id, first]
    assert found(tenant=TENANT.id) == found(tenant="springfield") == [first]
    assert found(row="c") == found(row="b") == [first]
    assert found(row="a") == []
    assert [document["id"] for document in ledger.runs(since=clock() - timedelta(minutes=1))] == [second.id]


def test_a_run_tells_of_the_tenants_that_were_asked_about_and_of_no_other(ledger: Ledger) -> None:
    with running(ledger) as run:
        for tenant in (TENANT, OTHER):
            with run.tenant(replace(PLAN, tenant=tenant)) as log:
                log.before(replace(BEFORE, tenant=tenant))
                if tenant is OTHER:
                    log.answered(log.intend(ADD, ["c"]))

    def names(**asked: str) -> list[str]:
        (document,) = ledger.runs(**asked)  # type: ignore[arg-type]  # all but `since` are text
        return [tenant["tenant"]["name"] for tenant in document["tenants"]]

    assert names() == ["springfield", "shelbyville"]
    assert names(tenant="springfield") == ["springfield"]
    assert names(row="c") == names(row="c", tenant="shelbyville") == ["shelbyville"]
    assert ledger.runs(row="c", tenant="springfield") == ()


def test_a_row_has_the_runs_that_touched_it_and_not_those_that_only_meant_to(ledger: Ledger) -> None:
    with running(ledger) as run, run.tenant(PLAN) as log:
        log.ended("stale", "the live side moved")
    with running(ledger) as run, run.tenant(PLAN) as log:
        log.before(BEFORE)
        log.failed(log.intend(ADD, ["c"]), "400", landed=False)
        log.after(BEFORE)
        log.ended("incomplete")
    with running(ledger) as killed, killed.tenant(PLAN) as log:
        log.before(BEFORE)
        log.intend(ADD, ["c"])
    done = applied(ledger)
    assert [(one["id"], one["tenants"][0]["rows"]) for one in ledger.runs(row="c")] == [
        (done, [{**CREATED, "name": "School c", "answered": True, "seen": True}]),
        (killed.id, [{**CREATED, "name": None, "answered": False, "seen": None}]),
    ]


def test_a_row_is_found_in_a_list_that_was_replaced_as_a_whole(ledger: Ledger) -> None:
    """A call for a whole list names no rows, and here the row had no id when it was sent."""
    have, sent = live([school("a")]), school(None, school_ref_id="R")
    with running(ledger) as run, run.tenant(planned(desired([school("a"), sent]), have)) as log:
        log.before(have)
        log.answered(log.intend(Call(1, "schools", "POST", "/tenant/scoping/schools", {"replace": "true"}, 2)))
        log.after(live([school("a"), {**sent, "school_id": "given"}]))
        log.ended("applied")
    (found,) = ledger.runs(row="given")
    assert found["id"] == run.id
    assert [(one["key"], one["action"], one["seen"]) for one in found["tenants"][0]["rows"]] == [
        ("ref:R", "create", True)
    ]
    assert ledger.runs(row="a") == ()


def test_a_tenant_of_which_no_record_speaks_is_a_mistake_of_the_one_who_asks(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match='no run in this ledger concerns a tenant with the name or id "springfield"'):
        ledger.runs(tenant="springfield")
    with running(ledger) as run:
        run.confirmed(BEFORE)
    assert ledger.runs(tenant="springfield") == ledger.runs(tenant=TENANT.id) == ()


def test_a_run_that_is_not_there_is_a_mistake_of_the_one_who_asks(ledger: Ledger) -> None:
    first = applied(ledger)
    for number in (0, first + 1, 99, 2**63, 2**99):
        with pytest.raises(UsageError, match=f"no run {number}"):
            ledger.show(number)
        with pytest.raises(UsageError, match=f"no run {number}"):
            ledger.plan(number)


def test_memory_is_how_a_run_last_left_the_list(ledger: Ledger) -> None:
    assert ledger.memory(TENANT.id, "schools") is None
    assert ledger.remembered(TENANT.id) == Remembered()
    applied(ledger)
    assert ledger.memory(TENANT.id, "schools") == Memory((school("a"), school("c")))
    assert ledger.remembered(TENANT.id) == Remembered({"schools": frozenset("a")}, {"schools": 2, "courses": 0})


def test_what_a_killed_run_set_out_to_change_is_in_doubt_until_the_list_is_seen_again(ledger: Ledger) -> None:
    applied(ledger)
    with running(ledger) as run, run.tenant(PLAN) as log:
        log.before(BEFORE)
        assert ledger.memory(TENANT.id, "schools") == Memory((school("a"), school("c")))
        log.intend(ADD, ["c"])
        assert ledger.memory(TENANT.id, "schools") == Memory((school("a"), school("c")), frozenset("bc"))
        assert ledger.memory(TENANT.id, "courses") == Memory(())
        log.after(BEFORE)
    assert ledger.memory(TENANT.id, "schools") == Memory((school("a"), school("b")))
