"""History documents -> text.

Belongs here: what a person asks a year later: who, when, from which commit, what. Does not belong here: finding it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def history_text(document: Mapping[str, Any]) -> str:
    """A paragraph for each run, newest first: its number, when, who, from which commit, and how each tenant ended."""
    lines = [line for run in document["runs"] for line in (_headline(run), *_tenants(run))]
    return "".join(f"{one_line(line)}\n" for line in lines or ["no run has been recorded that fits"])


def run_text(run: Mapping[str, Any]) -> str:
    """One run with every call: what was intended, and what became of it."""
    return "".join(f"{one_line(line)}\n" for line in (_headline(run), *_tenants(run)))


def _headline(run: Mapping[str, Any]) -> str:
    who = run["who"]
    commit = f" from {who['commit'][:12]}{' and edits' if who['dirty'] else ''}" if who["commit"] else ""
    job = f", {who['ci_url']}" if who["ci_url"] else ""
    by = f"{run['command']} by {who['user']} on {who['host']}{commit}{job}"
    return f"run {run['id']}  {run['started_at']}  {by}: {run['status']}"


def _tenants(run: Mapping[str, Any]) -> Iterator[str]:
    for tenant in run["tenants"]:
        counts = tenant["changes"]
        changes = f"-{counts['delete']:,} +{counts['create']:,} ~{counts['update']:,}"
        yield f"  {tenant['tenant']['name']}  {tenant['tenant']['id']}  {changes}: {tenant['status']}"
        if tenant["message"]:
            yield f"    {tenant['message']}"
        for call in tenant.get("calls", ()):
            yield from _call(call)


def _call(call: Mapping[str, Any]) -> Iterator[str]:
    query = "".join(f"?{name}={value}" for name, value in call["query"].items())
    rows = f" ({call['rows']} rows)" if call["rows"] else ""
    landed = ", and it is not known whether it was carried out" if call["landed"] is None else ""
    yield f"    {call['at']}  {call['method']} {call['path']}{query}{rows}: {call['outcome']}{landed}"
    if call["message"]:
        yield f"      {call['message']}"
