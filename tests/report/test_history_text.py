from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.report.history_text import history_text, run_text

if TYPE_CHECKING:
    from scopesync.documents import AskedDocument, RunDocument, TenantRunDocument, WhoDocument

ID = "7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11"
ROW = "5f0e8c1a-1111-4111-8111-000000000001"
AT = "2026-03-02T14:15:00.000+00:00"
WHO: WhoDocument = {
    "user": "lisa",
    "host": "laptop",
    "ci_url": "https://ci.example/1",
    "commit": "c0ffee00c0ffee00",
    "dirty": True,
}
TENANT: TenantRunDocument = {
    "tenant": {"id": ID, "name": "springfield"},
    "status": "applied",
    "message": None,
    "changes": {"create": 1, "update": 0, "delete": 1000},
    "sent": None,
    "took_over": None,
}
CALL = {"at": "2026-03-02", "method": "POST", "path": "/p", "query": {"replace": "false"}, "message": None}
TOUCH = {"list": "schools", "key": ROW, "name": "North", "action": "create", "answered": True, "seen": True}
ASKED: AskedDocument = {"tenant": None, "row": None, "since": None}


def _run(**changes: Any) -> RunDocument:
    tenant: Any = {**TENANT, **changes}
    return {
        "id": 13,
        "started_at": AT,
        "ended_at": AT,
        "status": "stale",
        "command": "apply",
        "who": WHO,
        "process": {"host": "laptop", "pid": 4711},
        "tool_version": "1.0",
        "plan": None,
        "tenants": [tenant],
    }


def _lines(*runs: RunDocument, asked: dict[str, str] | None = None, width: int = 200) -> list[str]:
    question: Any = {**ASKED, **(asked or {})}
    return history_text({"asked": question, "runs": list(runs)}, width=width).splitlines()


def test_a_listing_says_who_when_from_which_commit_and_why_numbers_jump() -> None:
    assert _lines(_run(message="why")) == [
        "Runs, newest first; a run bears the number of its first record in the ledger",
        f"run 13  {AT}  apply by lisa on laptop from c0ffee00c0ff and edits, https://ci.example/1: stale",
        f"  springfield  -1,000 +1 ~0: applied  {ID}",
        "    why",
    ]


def test_a_listing_fits_eighty_columns() -> None:
    assert _lines(_run(rows=[TOUCH]), width=80, asked={"row": ROW}) == [
        "Runs, newest first; a run bears the number of its first record in the ledger",
        "run 13  2026-03-02T14:15:00.000+00:00  apply by lisa on laptop from c0ffee00c0ff",
        "    and edits, https://ci.example/1",
        "  springfield  -1,000 +1 ~0: applied  7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11",
        "    created North  5f0e8c1a-1111-4111-8111-000000000001 (schools)",
    ]


@pytest.mark.parametrize("asked", [{"row": ROW}, {"tenant": "springfield"}])
def test_how_the_whole_run_ended_is_not_said_of_a_part_of_it(asked: dict[str, str]) -> None:
    assert "stale" not in "".join(_lines(_run(), asked=asked))


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({}, f"created North  {ROW} (schools)"),
        ({"answered": False}, f"created North  {ROW} (schools)"),
        ({"action": "update", "name": None}, f"updated {ROW} (schools)"),
        (
            {"action": "delete", "seen": None},
            f"removed North  {ROW} (schools): the call was answered; the list was not read back",
        ),
        (
            {"seen": False},
            f"created North  {ROW} (schools): the call was answered, but it was not so when the list was read back",
        ),
        (
            {"answered": False, "seen": None},
            f"perhaps created North  {ROW} (schools): the outcome of the call is not known",
        ),
        (
            {"answered": False, "seen": False},
            f"perhaps created North  {ROW} (schools): no answer, and it was not so when the list was read back",
        ),
    ],
)
def test_what_was_done_to_a_row_and_how_far_that_is_known(known: dict[str, Any], line: str) -> None:
    assert _lines(_run(rows=[{**TOUCH, **known}]), asked={"row": ROW})[-1] == f"    {line}"


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({}, "No run in this ledger"),
        ({"row": "x"}, 'No run in this ledger touched the school or course "x"'),
        ({"row": "x", "tenant": "a"}, 'No run in this ledger touched the school or course "x" in a'),
        ({"tenant": "a", "since": "2026"}, "No run in this ledger had anything to change in a since 2026"),
        ({"since": "2026"}, "No run in this ledger since 2026"),
    ],
)
def test_where_there_is_nothing_to_see_it_says_of_what(asked: dict[str, str], line: str) -> None:
    assert _lines(asked=asked) == [line]


def test_one_run_shows_each_call_with_its_rows_counted_in_words() -> None:
    calls = [
        {**CALL, "rows": 1, "outcome": "answered", "landed": True},
        {**CALL, "rows": 1200, "outcome": "failed", "landed": None, "message": "no answer"},
        {**CALL, "rows": 0, "query": {}, "outcome": "failed", "landed": False},
    ]
    assert run_text(_run(calls=calls), width=200).splitlines()[2:] == [
        "    2026-03-02  POST /p?replace=false (1 row): answered",
        "    2026-03-02  POST /p?replace=false (1,200 rows): failed, and it is not known whether it was carried out",
        "      no answer",
        "    2026-03-02  POST /p: failed",
    ]


def test_what_a_server_said_acts_on_no_terminal() -> None:
    assert "\x1b" not in "".join(
        _lines(_run(message="\x1b[2J", rows=[{**TOUCH, "name": "\x1b[2J"}]), asked={"row": ROW})
    )
