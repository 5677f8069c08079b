"""An explanation of one row -> text.

Belongs here: plain sentences. Does not belong here: finding the row (plan).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scopesync.report.lines import lines_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DOES = {"create": "adds it", "update": "changes", "delete": "removes it"}


def explain_text(document: Mapping[str, Any], *, width: int) -> str:
    """A paragraph for each row that was meant: who asks for it, what is live, what a plan does and why."""
    return "\n".join(lines_text(_lines(row), width=width) for row in document["rows"])


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['list']}: {row['name'] or '(no name)'}  {row['key']}"
    if row["school"]:
        yield f"  school: {row['school']}"
    yield f"  files: {_files(row)}"
    yield f"  live: {_fields(row['live']) if row['live'] is not None else 'not there'}"
    yield f"  plan: {_plan(row)}"


def _files(row: Mapping[str, Any]) -> str:
    if row["managed"] == "unmanaged":
        return "this list is not managed: no file mentions it"
    wanted = row["wanted"]
    if wanted is None:
        return "no row asks for it"
    guarded = ", protected" if wanted["protect"] else ""
    return f"asked for at {wanted['origin']}{guarded}: {_fields(wanted['fields'])}"


def _plan(row: Mapping[str, Any]) -> str:
    change = row["change"]
    if change is None:
        return _why_nothing(row)
    does = _DOES[change["action"]] + (f" {', '.join(change['fields'])}" if change["fields"] else "")
    steps = ", ".join(str(step) for step in row["calls"])
    by = f"in {'call' if len(row['calls']) == 1 else 'calls'} {steps}" if steps else "by no call"
    return f"{does}, {by} ({row['reason']})"


def _why_nothing(row: Mapping[str, Any]) -> str:
    if row["wanted"] is not None:
        return "does nothing: live has every field as the files want it"
    if row["managed"] == "additive":
        return "does nothing: nothing is removed from an additive list"
    return "does nothing with a list that is not managed"


def _fields(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
