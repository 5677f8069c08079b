"""History documents -> text.

Belongs here: what a person asks a year later: who, when, from which commit, what. Does not belong here: finding it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.report.lines import lines_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scopesync.documents import (
        Action,
        AskedDocument,
        HistoryDocument,
        RecordedCallDocument,
        RunDocument,
        TenantRunDocument,
        TouchDocument,
    )

HEAD = "Runs, newest first; a run bears the number of its first record in the ledger"

_DID: Mapping[Action, str] = {"create": "created", "update": "updated", "delete": "removed"}


def history_text(document: HistoryDocument, *, width: int) -> str:
    """A paragraph for each run, newest first: its number, when, who, from which commit, and how each tenant ended."""
    return lines_text(_lines(document), width=width)


def run_text(run: RunDocument, *, width: int) -> str:
    """One run with every call: what was intended, and what became of it."""
    return lines_text(_run(run, whole=True), width=width)


def _lines(document: HistoryDocument) -> Iterator[str]:
    asked, runs = document["asked"], document["runs"]
    yield HEAD if runs else _none(asked)
    for run in runs:
        yield from _run(run, whole=asked["tenant"] is None and asked["row"] is None)


def _none(asked: AskedDocument) -> str:
    """Why there is nothing to see, in the words of what was asked."""
    did = ""
    if asked["row"] is not None:
        did = f' touched the school or course "{asked["row"]}"'
    elif asked["tenant"] is not None:
        did = " had anything to change"
    where = "" if asked["tenant"] is None else f" in {asked['tenant']}"
    since = "" if asked["since"] is None else f" since {asked['since']}"
    return f"No run in this ledger{did}{where}{since}"


def _run(run: RunDocument, *, whole: bool) -> Iterator[str]:
    """The run and its tenants. A run's status is the worst of its tenants', so it is shown only with all of them."""
    status = f": {run['status']}" if whole else ""
    yield _headline(run) + status
    for tenant in run["tenants"]:
        yield from _tenant(tenant)


def _headline(run: RunDocument) -> str:
    who = run["who"]
    commit = ""
    if who["commit"]:
        edits = " and edits" if who["dirty"] else ""
        commit = f" from {who['commit'][:12]}{edits}"
    job = f", {who['ci_url']}" if who["ci_url"] else ""
    return f"run {run['id']}  {run['started_at']}  {run['command']} by {who['user']} on {who['host']}{commit}{job}"


def _tenant(tenant: TenantRunDocument) -> Iterator[str]:
    counts = tenant["changes"]
    changes = f"-{counts['delete']:,} +{counts['create']:,} ~{counts['update']:,}"
    yield f"  {tenant['tenant']['name']}  {changes}: {tenant['status']}  {tenant['tenant']['id']}"
    if tenant["message"]:
        yield f"    {tenant['message']}"
    for row in tenant.get("rows", ()):
        yield f"    {_touch(row)}"
    for call in tenant.get("calls", ()):
        yield from _call(call)


def _touch(row: TouchDocument) -> str:
    """What was done to a row, and how far that is known."""
    name = f"{row['name']}  " if row["name"] else ""
    done = f"{_DID[row['action']]} {name}{row['key']} ({row['list']})"
    match row["answered"], row["seen"]:
        case _, True:
            return done
        case True, None:
            return f"{done}: the call was answered; the list was not read back"
        case True, False:
            return f"{done}: the call was answered, but it was not so when the list was read back"
        case _, False:
            return f"perhaps {done}: no answer, and it was not so when the list was read back"
        case _:
            return f"perhaps {done}: the outcome of the call is not known"


def _call(call: RecordedCallDocument) -> Iterator[str]:
    query = "".join(f"?{name}={value}" for name, value in call["query"].items())
    rows = ""
    if call["rows"]:
        noun = "row" if call["rows"] == 1 else "rows"
        rows = f" ({call['rows']:,} {noun})"
    landed = ", and it is not known whether it was carried out" if call["landed"] is None else ""
    yield f"    {call['at']}  {call['method']} {call['path']}{query}{rows}: {call['outcome']}{landed}"
    if call["message"]:
        yield f"      {call['message']}"
