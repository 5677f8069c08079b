"""The outline of a report: what it shows, and in which order, before it is text or Markdown.

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
    """One row: its mark, name and key, the file and line that ask for it, what differs. `group`: a course's school."""

    tone: Tone
    mark: str
    name: str | None
    key: str
    origin: str | None
    details: tuple[str, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ListPart:
    """One list: its counts, how it is changed, the first rows that differ, and how many more of each sort."""

    name: str
    facts: tuple[str, ...]
    strategy: str | None = None
    rows: tuple[RowLine, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """A guard's refusal, and the `allow` block that would lift it; None where nothing does."""

    guard: str
    list: str
    message: str
    allow: str | None


@dataclass(frozen=True, slots=True)
class TenantPart:
    """One tenant. `quiet`: nothing differs, one line is enough. `error`: why it could not be compared.

    `allowed` are the exceptions to guards that this plan uses.
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

    `digest` is the digest that `apply --expect` takes; None for a plan that changes nothing.
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
"""What a plan does, the riskiest first."""

_ACTIONS = tuple(_WORDS)

_STATES: tuple[RowState, ...] = ("unexpected", "missing", "different")
"""What drift finds, the riskiest first."""

EVERY = 10**9
"""Pass this as `rows` to show every row."""


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
    """The connection; for a tenant that was read, also whether its identity is verified."""
    if tenant["error"]:
        return (tenant["connection"],)
    return (tenant["connection"], f"identity {tenant['identity']}")


def _error(tenant: PlannedTenantDocument | DriftedTenantDocument) -> str | None:
    error = tenant["error"]
    if error is None:
        return None
    return f"{error['kind']}: {error['message']}"


def _plan_list(name: str, part: PlannedListDocument, rows: int) -> ListPart:
    changes = sorted(part["changes"], key=_by_risk_and_school)
    shown, hidden = changes[:rows], changes[rows:]
    return ListPart(
        name=name,
        facts=(*_counts_by_action(changes), *_list_facts(part)),
        strategy=_strategy(part),
        rows=tuple(_change(change) for change in shown),
        left_out=tuple(_counts_by_action(hidden, more="more ")),
    )


def _counts_by_action(changes: Sequence[ChangeDocument], *, more: str = "") -> list[str]:
    """`3 to remove`, `1 to add`: the actions that occur, the riskiest first."""
    counts = Counter(change["action"] for change in changes)
    return [f"{counts[action]:,} {more}{word}" for action, word in _WORDS.items() if counts[action]]


def _strategy(part: PlannedListDocument) -> str | None:
    """Item calls or a replace, and why; None for a list that does not change."""
    if not part["changes"]:
        return None
    return f"{part['strategy']['kind']}: {part['strategy']['reason']}"


def _by_risk_and_school(change: ChangeDocument) -> tuple[int, str]:
    """Removals first, then additions, then updates; within each, by school. Ties keep the document's order."""
    return _ACTIONS.index(change["action"]), change["school"] or ""


def _change(change: ChangeDocument) -> RowLine:
    is_new = change["action"] == "create"
    details = [*_details(change["before"], change["after"])]
    if is_new and change["after"] is not None:
        details += _new_fields(change["after"], change["key"])
    if change["pair"]:
        other = "removed" if is_new else "added"
        details.append(f"re-created: {other} as {change['pair']}, with the same reference")
    if change["whose"]:
        details.append(f"asked for by: {change['whose']}")
    return _row(change["action"], change, details)


def _new_fields(row: RowDocument, key: str) -> list[str]:
    """One line with the fields of a new row that its head line does not show; none when there are no such fields."""
    fields = []
    for field, value in row.items():
        if _is_worth_showing(field, value, key):
            fields.append(f"{field} {json.dumps(value, ensure_ascii=False)}")
    if not fields:
        return []
    return [", ".join(fields)]


def _is_worth_showing(field: str, value: Any, key: str) -> bool:
    """Whether a field of a new row adds something: not its name, key or school, which are shown, nor the default."""
    is_shown_already = field in {"name", "school_id", "school_ref_id"} or value == key
    is_default = field == "selected" and value is True
    return not is_shown_already and not is_default


def _drift_list(name: str, part: DriftedListDocument, rows: int) -> ListPart:
    differences = sorted(part["differences"], key=_by_state_and_school)
    shown, hidden = differences[:rows], differences[rows:]
    hidden_by_state = Counter(difference["state"] for difference in hidden)
    return ListPart(
        name=name,
        facts=_list_facts(part),
        rows=tuple(_difference(difference) for difference in shown),
        left_out=tuple(f"{hidden_by_state[state]:,} more {state}" for state in _STATES if hidden_by_state[state]),
    )


def _by_state_and_school(difference: DifferenceDocument) -> tuple[int, str]:
    return _STATES.index(difference["state"]), difference["school"] or ""


def _difference(difference: DifferenceDocument) -> RowLine:
    details = [*_details(difference["desired"], difference["live"])]
    if difference["moved_by"] != "unknown":
        details.insert(0, difference["moved_by"])
    return _row(difference["state"], difference, details)


def _list_facts(part: PlannedListDocument | DriftedListDocument) -> tuple[str, ...]:
    live = f"{part['live']['rows']:,} live"
    if part["desired"] is None:
        return (live, "not managed")
    return (live, f"{part['desired']['rows']:,} desired ({part['manage']})")


def _row(what: Action | RowState, row: ChangeDocument | DifferenceDocument, details: Sequence[str]) -> RowLine:
    tone, mark = _MARKS[what]
    return RowLine(
        tone=tone,
        mark=mark,
        name=row["name"],
        key=row["key"],
        origin=row["origin"],
        details=tuple(details),
        group=row["school"],
    )


def _details(old: RowDocument | None, new: RowDocument | None) -> tuple[str, ...]:
    """The fields that differ; nothing for a row that exists on one side only."""
    if old is None or new is None:
        return ()
    return field_lines(old, new)


def _calls(calls: Sequence[CallDocument], rows: int) -> tuple[str, ...]:
    """The first calls, and how many more there are."""
    shown = [_call(call) for call in islice(calls, rows)]
    if len(calls) > rows:
        shown.append(f"… {_count(len(calls) - rows, 'more call')}")
    return tuple(shown)


def _call(call: CallDocument) -> str:
    query = "".join(f"?{name}={value}" for name, value in call["query"].items())
    rows = ""
    if call["rows"]:
        rows = f" ({_count(call['rows'], 'row')})"
    return f"{call['step']}. {call['method']} {call['path']}{query}{rows}"


def _refusal(refusal: RefusalDocument) -> RefusalLine:
    allow = refusal["allow"]
    block = None
    if allow is not None:
        settings = ", ".join(f"{key}: {value}" for key, value in allow.items())
        block = f"{{{settings}}}"
    return RefusalLine(refusal["guard"], refusal["list"], refusal["message"], block)


def _exception(exception: AllowedDocument) -> str:
    """`max-removals, 412 courses: School year rollover, until 2026-12-01`."""
    rows = _count(exception["count"], exception["list"].removesuffix("s"))
    return f"{exception['guard']}, {rows}: {exception['reason']}, until {exception['expires']}"


def _errors(errors: int) -> str:
    return f"{_count(errors, 'tenant')} could not be compared: nothing is known of them"


def _count(number: int, noun: str) -> str:
    plural = "" if number == 1 else "s"
    return f"{number:,} {noun}{plural}"
