"""The outline of a report: what is said, in which order, before it is text or Markdown.

Belongs here: choosing and counting what a document holds. Does not belong here: layout and escaping (outline_text,
outline_markdown). Everything in an outline that came from a server is raw; the renderers clean it.
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

    from scopesync.documents import (
        Action,
        AllowedDocument,
        CallDocument,
        ChangeDocument,
        DifferenceDocument,
        DriftDocument,
        DriftedListDocument,
        DriftedTenantDocument,
        PlanDocument,
        PlannedListDocument,
        PlannedTenantDocument,
        RefusalDocument,
        RowDocument,
        RowState,
    )

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


_MARKS: Mapping[Action | RowState, tuple[Tone, str]] = {
    "delete": ("bad", "-"),
    "create": ("good", "+"),
    "update": ("change", "~"),
    "unexpected": ("bad", "unexpected"),
    "missing": ("bad", "missing"),
    "different": ("change", "different"),
}

_WORDS: Mapping[Action, str] = {"delete": "to remove", "create": "to add", "update": "to change"}
"""What a plan does, in the order of the risk."""

_ACTIONS = tuple(_WORDS)

_STATES: tuple[RowState, ...] = ("unexpected", "missing", "different")
"""What drift finds, in the order of the risk."""

EVERY = 10**9
"""As `rows`: nothing is left out."""


def plan_outline(document: PlanDocument, *, rows: int) -> Outline:
    """The outline of a plan document; at most `rows` changes of a list are shown, the rest is counted."""
    total = document["summary"]
    counts = ", ".join(f"{total[action]:,} {word}" for action, word in _WORDS.items())
    extent = f"{_count(total['calls'], 'call')} in {_count(total['tenants'], 'tenant')}"
    summary = [f"{counts}, {total['unchanged']:,} unchanged; {extent}"]
    if total["refusals"]:
        summary.append(f"{_count(total['refusals'], 'refusal')} by guards: this plan may not be applied as it stands")
    if total["errors"]:
        summary.append(_errors(total["errors"]))
    tenants = tuple(_plan_tenant(tenant, rows) for tenant in document["tenants"])
    digest = document["digest"] if total["changed_tenants"] else None
    return Outline("Plan", tenants, tuple(summary), digest)


def drift_outline(document: DriftDocument, *, rows: int) -> Outline:
    """The outline of a drift document; at most `rows` differences of a list are shown, the rest is counted."""
    total = document["summary"]
    counts = ", ".join(f"{total[state]:,} {state}" for state in _STATES)
    summary = [f"{counts}; {total['drifted_tenants']:,} of {_count(total['tenants'], 'tenant')} drifted"]
    if not document["memory"]:
        summary.append("there is no ledger here: who moved a row is not known")
    if total["errors"]:
        summary.append(_errors(total["errors"]))
    tenants = tuple(_drift_tenant(tenant, rows) for tenant in document["tenants"])
    return Outline("Drift", tenants, tuple(summary))


def _plan_tenant(tenant: PlannedTenantDocument, rows: int) -> TenantPart:
    changed = any(part["changes"] for part in tenant["lists"].values())
    judged = tenant["refusals"] or tenant["allowed"]
    return TenantPart(
        name=tenant["tenant"]["name"],
        id=tenant["tenant"]["id"],
        facts=_tenant_facts(tenant),
        quiet=not changed and not judged and not tenant["error"],
        notes=tuple(tenant["notes"]),
        lists=tuple(_plan_list(name, part, rows) for name, part in tenant["lists"].items()),
        calls=_calls(tenant["calls"], rows),
        refusals=tuple(_refusal(refusal) for refusal in tenant["refusals"]),
        allowed=tuple(_exception(exception) for exception in tenant["allowed"]),
        error=_error(tenant),
    )


def _drift_tenant(tenant: DriftedTenantDocument, rows: int) -> TenantPart:
    drifted = any(part["differences"] for part in tenant["lists"].values())
    return TenantPart(
        name=tenant["tenant"]["name"],
        id=tenant["tenant"]["id"],
        facts=_tenant_facts(tenant),
        quiet=not drifted and not tenant["error"],
        lists=tuple(_drift_list(name, part, rows) for name, part in tenant["lists"].items()),
        error=_error(tenant),
    )


def _tenant_facts(tenant: PlannedTenantDocument | DriftedTenantDocument) -> tuple[str, ...]:
    """The connection; and, of a tenant that was read, whether anything says whose the lists are."""
    if tenant["error"]:
        return (tenant["connection"],)
    return (tenant["connection"], f"identity {tenant['identity']}")


def _error(tenant: PlannedTenantDocument | DriftedTenantDocument) -> str | None:
    error = tenant["error"]
    return None if error is None else f"{error['kind']}: {error['message']}"


def _plan_list(name: str, part: PlannedListDocument, rows: int) -> ListPart:
    changes = sorted(part["changes"], key=_by_risk_and_school)
    counts = Counter(change["action"] for change in changes)
    counted = [f"{counts[action]:,} {word}" for action, word in _WORDS.items() if counts[action]]
    strategy = f"{part['strategy']['kind']}: {part['strategy']['reason']}" if changes else None
    hidden = Counter(change["action"] for change in changes[rows:])
    return ListPart(
        name=name,
        facts=(*counted, *_list_facts(part)),
        strategy=strategy,
        rows=tuple(_change(change) for change in islice(changes, rows)),
        left_out=tuple(f"{hidden[action]:,} more {word}" for action, word in _WORDS.items() if hidden[action]),
    )


def _by_risk_and_school(change: ChangeDocument) -> tuple[int, str]:
    """Removals first, then additions, then updates, each school's together; the document's order decides the rest."""
    return _ACTIONS.index(change["action"]), change["school"] or ""


def _change(change: ChangeDocument) -> RowLine:
    details = [*_details(change["before"], change["after"])]
    if change["action"] == "create" and change["after"] is not None:
        details += _new_fields(change["after"], change["key"])
    if change["pair"]:
        other = "removed" if change["action"] == "create" else "added"
        details.append(f"re-created: {other} as {change['pair']}, with the same reference")
    if change["whose"]:
        details.append(f"asked for by: {change['whose']}")
    return _row(change["action"], change, details)


def _new_fields(row: RowDocument, key: str) -> list[str]:
    """What a new row says besides its name and its key."""
    said = [
        f"{field} {json.dumps(value, ensure_ascii=False)}" for field, value in row.items() if _tells(field, value, key)
    ]
    return [", ".join(said)] if said else []


def _tells(field: str, value: Any, key: str) -> bool:
    """Whether a field of a new row says something that its line does not say already."""
    if field in {"name", "school_id", "school_ref_id"} or value == key:
        return False
    return (field, value) != ("selected", True)


def _drift_list(name: str, part: DriftedListDocument, rows: int) -> ListPart:
    found = sorted(part["differences"], key=_by_state_and_school)
    hidden = Counter(one["state"] for one in found[rows:])
    return ListPart(
        name=name,
        facts=_list_facts(part),
        rows=tuple(_difference(one) for one in islice(found, rows)),
        left_out=tuple(f"{hidden[state]:,} more {state}" for state in _STATES if hidden[state]),
    )


def _by_state_and_school(one: DifferenceDocument) -> tuple[int, str]:
    return _STATES.index(one["state"]), one["school"] or ""


def _difference(one: DifferenceDocument) -> RowLine:
    details = [*_details(one["desired"], one["live"])]
    if one["moved_by"] != "unknown":
        details.insert(0, one["moved_by"])
    return _row(one["state"], one, details)


def _list_facts(part: PlannedListDocument | DriftedListDocument) -> tuple[str, ...]:
    live = f"{part['live']['rows']:,} live"
    if part["desired"] is None:
        return (live, "not managed")
    return (live, f"{part['desired']['rows']:,} desired ({part['manage']})")


def _row(sort: Action | RowState, row: ChangeDocument | DifferenceDocument, details: Sequence[str]) -> RowLine:
    tone, mark = _MARKS[sort]
    return RowLine(tone, mark, row["name"], row["key"], row["origin"], tuple(details), row["school"])


def _details(old: RowDocument | None, new: RowDocument | None) -> tuple[str, ...]:
    return field_lines(old, new) if old is not None and new is not None else ()


def _calls(calls: Sequence[CallDocument], rows: int) -> tuple[str, ...]:
    """The first calls, and how many more there are."""
    shown = [_call(call) for call in islice(calls, rows)]
    if len(calls) > rows:
        shown.append(f"… {_count(len(calls) - rows, 'more call')}")
    return tuple(shown)


def _call(call: CallDocument) -> str:
    query = "".join(f"?{name}={value}" for name, value in call["query"].items())
    body = f" ({_count(call['rows'], 'row')})" if call["rows"] else ""
    return f"{call['step']}. {call['method']} {call['path']}{query}{body}"


def _refusal(refusal: RefusalDocument) -> RefusalLine:
    allow = refusal["allow"]
    block = None if allow is None else "{" + ", ".join(f"{key}: {value}" for key, value in allow.items()) + "}"
    return RefusalLine(refusal["guard"], refusal["list"], refusal["message"], block)


def _exception(exception: AllowedDocument) -> str:
    """`max-removals, 412 courses: School year rollover, until 2026-12-01`."""
    rows = _count(exception["count"], exception["list"].removesuffix("s"))
    return f"{exception['guard']}, {rows}: {exception['reason']}, until {exception['expires']}"


def _errors(errors: int) -> str:
    return f"{_count(errors, 'tenant')} could not be compared: nothing is known of them"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
