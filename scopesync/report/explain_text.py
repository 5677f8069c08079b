"""An explanation of one row -> text.

Belongs here: plain sentences. Does not belong here: finding the row (plan).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scopesync.report.lines import lines_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DOES = {"create": "adds it", "update": "changes", "delete": "removes it"}


def explain_text(document: Mapping[str, Any], *, width: int) -> str:
    """A paragraph for each row found: which file asks for it, what is live, what a plan does and why."""
    return "\n".join(lines_text(_lines(row), width=width) for row in document["rows"])


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['list']}: {row['name'] or '(no name)'}  {row['key']}"
    if row["school"]:
        yield f"  school: {row['school']}"
    live = "not there" if row["live"] is None else _fields(row["live"])
    yield f"  files: {_files(row)}"
    yield f"  live: {live}"
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
    does = _DOES[change["action"]]
    if change["fields"]:
        does = f"{does} {', '.join(change['fields'])}"
    return f"{does}, {_calls(row['calls'])} ({row['reason']})"


def _calls(steps: Sequence[int]) -> str:
    if not steps:
        return "by no call"
    noun = "call" if len(steps) == 1 else "calls"
    return f"in {noun} {', '.join(map(str, steps))}"


def _why_nothing(row: Mapping[str, Any]) -> str:
    if row["wanted"] is not None:
        return "does nothing: live has every field as the files want it"
    if row["managed"] == "additive":
        return "does nothing: nothing is removed from an additive list"
    return "does nothing with a list that is not managed"


def _fields(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
