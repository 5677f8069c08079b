"""Outline -> Markdown for a pull request's comment.

Belongs here: layout and the size that a comment may have. Does not belong here: what a report shows (outline).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.report.clean import markdown as inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scopesync.report.outline import ListPart, Outline, RefusalLine, RowLine, TenantPart

MOST_CHARACTERS = 60_000
"""GitHub rejects comments over 65,536 characters; the rest is left for what a workflow adds."""

_ROWS = (200, 50, 10, 0)
"""How many rows of a list are shown: the first of these numbers with which the comment fits."""


def markdown(make: Callable[[int], Outline]) -> str:
    """The outline as Markdown under MOST_CHARACTERS; `make` gives the outline with at most so many rows of a list.

    Counts are exact at any size: rows and tenants that do not fit are counted instead of shown.
    """
    for rows in _ROWS:
        outline = make(rows)
        whole = _joined(outline, tenants=len(outline.tenants))
        if len(whole) <= MOST_CHARACTERS:
            return whole
    outline = make(0)
    shown = len(outline.tenants)
    while shown:
        shown //= 2
        whole = _joined(outline, tenants=shown)
        if len(whole) <= MOST_CHARACTERS:
            return whole
    return _joined(outline, tenants=0)


def _joined(outline: Outline, *, tenants: int) -> str:
    lines = [f"### scopesync {outline.title.lower()}", ""]
    lines += [f"**{sentence}**  " for sentence in outline.summary]
    changed_first = sorted(outline.tenants, key=lambda tenant: tenant.quiet)
    for tenant in changed_first[:tenants]:
        lines += ["", *_tenant(tenant)]
    hidden = len(changed_first) - tenants
    if hidden > 0:
        lines += ["", f"… and {hidden:,} more tenants: see the plan or drift document itself"]
    if outline.digest:
        lines += ["", f"digest {inert(outline.digest)}"]
    return "\n".join(lines) + "\n"


def _tenant(tenant: TenantPart) -> Iterator[str]:
    head = f"{inert(tenant.name)} {inert(tenant.id)}, {', '.join(tenant.facts)}"
    if tenant.error:
        yield f"- ❌ {head}: {inert(tenant.error)}"
        return
    if tenant.quiet:
        yield f"- ✅ {head}: in sync"
        return
    sign = "⛔" if tenant.refusals else "📝"
    yield f"<details><summary>{sign} {head}</summary>"
    yield ""
    yield from (f"- ℹ️ {inert(note)}" for note in tenant.notes)  # noqa: RUF001 - a sign that reviewers know
    yield from (_refusal(refusal) for refusal in tenant.refusals)
    yield from (f"- ⚠️ allowed: {inert(exception)}" for exception in tenant.allowed)
    for part in tenant.lists:
        yield from _list(part)
    yield from (f"- {inert(call)}" for call in tenant.calls)
    yield ""
    yield "</details>"


def _refusal(refusal: RefusalLine) -> str:
    block = "nothing allows it"
    if refusal.allow:
        block = f"to allow it, under <code>allow&#58;</code> in its file: {inert(f'- {refusal.allow}')}"
    return f"- ⛔ refused by `{refusal.guard}` ({refusal.list}): {inert(refusal.message)}; {block}"


def _list(part: ListPart) -> Iterator[str]:
    yield ""
    yield f"**{part.name}**: {inert(', '.join(part.facts))}"
    yield ""
    if part.strategy:
        yield inert(part.strategy)
        yield ""
    if part.rows:
        yield "| | name | school | key | asked for by | differs |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(row) for row in part.rows)
        yield ""
    yield from (f"- … {words}" for words in part.left_out)


def _row(row: RowLine) -> str:
    details = "<br>".join(inert(detail) for detail in row.details)
    cells = (
        f"`{row.mark}`",
        inert(row.name or "(no name)"),
        inert(row.group or ""),
        inert(row.key),
        inert(row.origin or ""),
        details,
    )
    return f"| {' | '.join(cells)} |"
