"""The outline of a report: what is said, in which order, before it is text or Markdown.

Belongs here: choosing and counting what a document holds. Does not belong here: layout and escaping (text, markdown).
Everything in an outline that came from a server is raw; the renderers clean it.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from scopesync.report.differences import field_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Tone = Literal["bad", "good", "change", "quiet", "plain"]


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row: a mark, what it is called, who asks for it, and what differs. `group` is the school of a course."""

    tone: Tone
    mark: str
    name: str | None
    key: str
    origin: str | None
    details: tuple[str, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ListPart:
    """One list: its counts, how it is changed, the first rows that differ, how many of each sort were left out."""

    name: str
    facts: tuple[str, ...]
    strategy: str | None = None
    rows: tuple[RowLine, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """A guard's no, and the block that would allow it."""

    guard: str
    list: str
    message: str
    allow: str | None


@dataclass(frozen=True, slots=True)
class TenantPart:
    """One tenant. `quiet`: nothing differs, one line is enough. `error`: why nothing is known.

    `allowed` are the exceptions to guards that were used.
    """

    name: str
    id: str
    facts: tuple[str, ...]
    quiet: bool = False
    notes: tuple[str, ...] = ()
    lists: tuple[ListPart, ...] = ()
    calls: tuple[str, ...] = ()
    refusals: tuple[RefusalLine, ...] = ()
    allowed: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole report: its title, the tenants in the document's order, and the sentences that sum it up.

    `digest` is that of a plan which changes something: what `apply --expect` asks for.
    """

    title: str
    tenants: tuple[TenantPart, ...] = ()
    summary: tuple[str, ...] = ()
    digest: str | None = None


_MARKS: Mapping[str, tuple[Tone, str]] = {
    "delete": ("bad", "-"),
    "create": ("good", "+"),
    "update": ("change", "~"),
    "unexpected": ("bad", "unexpected"),
    "missing": ("bad", "missing"),
    "different": ("change", "different"),
}
_WORDS = {"delete": "to remove", "create": "to add", "update": "to change"}

_STATES = ("unexpected", "missing", "different")

EVERY = 10**9
"""As `rows`: nothing is left out."""


def plan_outline(document: Mapping[str, Any], *, rows: int) -> Outline:
    """The outline of a plan document; at most `rows` changes of a list are shown, the rest is counted."""
    total = document["summary"]
    counts = ", ".join(f"{total[action]:,} {word}" for action, word in _WORDS.items())
    extent = f"{_count(total['calls'], 'call')} in {_count(total['tenants'], 'tenant')}"
    summary = [f"{counts}, {total['unchanged']:,} unchanged; {extent}"]
    if total["refusals"]:
        summary.append(f"{_count(total['refusals'], 'refusal')} by guards: this plan may not be applied as it stands")
    summary += _error_sentences(total)
    tenants = tuple(_plan_tenant(tenant, rows) for tenant in document["tenants"])
    return Outline("Plan", tenants, tuple(summary), document["digest"] if total["changed_tenants"] else None)


def drift_outline(document: Mapping[str, Any], *, rows: int) -> Outline:
    """The outline of a drift document; at most `rows` differences of a list are shown, the rest is counted."""
    total = document["summary"]
    counts = ", ".join(f"{total[state]:,} {state}" for state in ("unexpected", "missing", "different"))
    summary = [f"{counts}; {total['drifted_tenants']:,} of {_count(total['tenants'], 'tenant')} drifted"]
    if not document["memory"]:
        summary.append("there is no ledger here: who moved a row is not known")
    summary += _error_sentences(total)
    return Outline("Drift", tuple(_drift_tenant(tenant, rows) for tenant in document["tenants"]), tuple(summary))


def _plan_tenant(tenant: Mapping[str, Any], rows: int) -> TenantPart:
    changed = any(part["changes"] for part in tenant["lists"].values())
    judged = tenant["refusals"] or tenant["allowed"]
    return TenantPart(
        **_head(tenant),
        quiet=not changed and not judged and not tenant["error"],
        notes=tuple(tenant["notes"]),
        lists=tuple(_plan_list(name, part, rows) for name, part in tenant["lists"].items()),
        calls=tuple(_call(call) for call in islice(tenant["calls"], rows)) + _calls_left_out(tenant["calls"], rows),
        refusals=tuple(_refusal(refusal) for refusal in tenant["refusals"]),
        allowed=tuple(_exception(exception) for exception in tenant["allowed"]),
    )


def _drift_tenant(tenant: Mapping[str, Any], rows: int) -> TenantPart:
    return TenantPart(
        **_head(tenant),
        quiet=not tenant["error"] and not any(part["differences"] for part in tenant["lists"].values()),
        lists=tuple(_drift_list(name, part, rows) for name, part in tenant["lists"].items()),
    )


def _head(tenant: Mapping[str, Any]) -> dict[str, Any]:
    error = tenant["error"]
    return {
        "name": tenant["tenant"]["name"],
        "id": tenant["tenant"]["id"],
        "facts": (tenant["connection"],) if error else (tenant["connection"], f"identity {tenant['identity']}"),
        "error": f"{error['kind']}: {error['message']}" if error else None,
    }


def _plan_list(name: str, part: Mapping[str, Any], rows: int) -> ListPart:
    changes = sorted(part["changes"], key=_by_risk_and_school)
    counts = Counter(change["action"] for change in changes)
    told = (f"{counts[action]:,} {word}" for action, word in _WORDS.items() if counts[action])
    return ListPart(
        name=name,
        facts=(*told, *_list_facts(part)),
        strategy=f"{part['strategy']['kind']}: {part['strategy']['reason']}" if changes else None,
        rows=tuple(_change(change) for change in islice(changes, rows)),
        left_out=_left_out([change["action"] for change in changes[rows:]], _WORDS),
    )


def _by_risk_and_school(change: Mapping[str, Any]) -> tuple[int, str]:
    """Removals first, then additions, then updates, each school's together; the document's order decides the rest."""
    return list(_WORDS).index(change["action"]), change["school"] or ""


def _change(change: Mapping[str, Any]) -> RowLine:
    details = list(_details(change["before"], change["after"]))
    if change["action"] == "create":
        details += _new_fields(change["after"], change["key"])
    if change["pair"]:
        other = "removed" if change["action"] == "create" else "added"
        details.append(f"re-created: {other} as {change['pair']}, with the same reference")
    if change["whose"]:
        details.append(f"asked for by: {change['whose']}")
    return _row(change["action"], change, tuple(details), change["school"])


def _drift_list(name: str, part: Mapping[str, Any], rows: int) -> ListPart:
    found = sorted(part["differences"], key=lambda one: (_STATES.index(one["state"]), one["school"] or ""))
    shown = tuple(_difference(one) for one in islice(found, rows))
    states = {state: state for state in _MARKS}
    left_out = _left_out([one["state"] for one in found[rows:]], states)
    return ListPart(name, _list_facts(part), rows=shown, left_out=left_out)


def _new_fields(row: Mapping[str, Any], key: str) -> list[str]:
    """What a new row says besides its name and what it is called."""
    told = [
        f"{field} {json.dumps(value, ensure_ascii=False)}" for field, value in row.items() if _tells(field, value, key)
    ]
    return [", ".join(told)] if told else []


def _tells(field: str, value: Any, key: str) -> bool:
    return field not in {"name", "school_id", "school_ref_id"} and value != key and (field, value) != ("selected", True)


def _difference(one: Mapping[str, Any]) -> RowLine:
    details = _details(one["desired"], one["live"])
    who = () if one["moved_by"] == "unknown" else (one["moved_by"],)
    return _row(one["state"], one, (*who, *details), one["school"])


def _list_facts(part: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = "not managed" if part["desired"] is None else f"{part['desired']['rows']:,} desired ({part['manage']})"
    return (f"{part['live']['rows']:,} live", wanted)


def _row(sort: str, row: Mapping[str, Any], details: tuple[str, ...], group: str | None) -> RowLine:
    tone, mark = _MARKS[sort]
    return RowLine(tone, mark, row["name"], row["key"], row["origin"], details, group)


def _details(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> tuple[str, ...]:
    return field_lines(old, new) if old is not None and new is not None else ()


def _left_out(sorts: Sequence[str], words: Mapping[str, str]) -> tuple[str, ...]:
    counts = Counter(sorts)
    return tuple(f"{counts[sort]:,} more {word}" for sort, word in words.items() if counts[sort])


def _call(call: Mapping[str, Any]) -> str:
    query = "".join(f"?{name}={value}" for name, value in call["query"].items())
    body = f" ({_count(call['rows'], 'row')})" if call["rows"] else ""
    return f"{call['step']}. {call['method']} {call['path']}{query}{body}"


def _calls_left_out(calls: Sequence[Any], rows: int) -> tuple[str, ...]:
    return (f"… {_count(len(calls) - rows, 'more call')}",) if len(calls) > rows else ()


def _refusal(refusal: Mapping[str, Any]) -> RefusalLine:
    allow = refusal["allow"]
    block = None if allow is None else "{" + ", ".join(f"{key}: {value}" for key, value in allow.items()) + "}"
    return RefusalLine(refusal["guard"], refusal["list"], refusal["message"], block)


def _exception(exception: Mapping[str, Any]) -> str:
    """`max-removals, 412 courses: School year rollover, until 2026-12-01`."""
    rows = _count(exception["count"], exception["list"].removesuffix("s"))
    return f"{exception['guard']}, {rows}: {exception['reason']}, until {exception['expires']}"


def _error_sentences(total: Mapping[str, int]) -> list[str]:
    errors = total["errors"]
    return [f"{_count(errors, 'tenant')} could not be compared: nothing is known of them"] if errors else []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
