"""What a guard judges: one list of one tenant, and everything around it.

Belongs here: facts that several guards ask for, each worked out once. Does not belong here: limits, verdicts, wording.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scopesync.plan.changes import resulting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scopesync.documents import Action
    from scopesync.model import Guards, Identity, ListName, Row
    from scopesync.plan.call_sequence import CallSequence
    from scopesync.plan.types import Change, ListPlan
    from scopesync.row_identity import KeyedRows


@dataclass(frozen=True, slots=True)
class TenantCase:
    """What the guards judge of one tenant: its changes and calls, the live rows by key, whose they are, the limits.

    `lists` are the schools and then the courses. `protected` holds the keys of live rows that a file protects.
    `last_rows` says how many rows a list had when it was last seen; a list that was never seen is missing.
    """

    lists: tuple[ListPlan, ...]
    live: Mapping[ListName, KeyedRows]
    sequence: CallSequence
    identity: Identity
    limits: Guards
    protected: Mapping[ListName, frozenset[str]]
    last_rows: Mapping[ListName, int]


@dataclass(frozen=True)
class ListCase:
    """Everything that a guard may look at for one list (no slots: the cached properties need a `__dict__`)."""

    part: ListPlan
    tenant: TenantCase

    @property
    def name(self) -> ListName:
        """The list's name."""
        return self.part.kind.name

    @property
    def is_managed(self) -> bool:
        """Whether a file mentions the list."""
        return self.part.manage != "unmanaged"

    @cached_property
    def created(self) -> list[Change]:
        """Rows to be created."""
        return self._changes("create")

    @cached_property
    def updated(self) -> list[Change]:
        """Rows to be changed."""
        return self._changes("update")

    @cached_property
    def lost(self) -> list[Change]:
        """Rows that the integration may lose: removed or deselected.

        The vendor's page does not say what becomes of a deselected row, so the guards assume the worse.
        """
        return [*self._changes("delete"), *self._deselected]

    @cached_property
    def gained(self) -> list[Change]:
        """Rows that the integration may get: created or selected."""
        return [*self.created, *self._selected]

    @property
    def how_lost(self) -> str:
        """What becomes of the lost rows, as a participle."""
        return "removed or deselected" if self._deselected else "removed"

    @property
    def how_gained(self) -> str:
        """What becomes of the gained rows, as a participle."""
        return "added or selected" if self._selected else "added"

    @cached_property
    def rows_written(self) -> Mapping[str, Row]:
        """The rows that the plan creates or changes, by key, as they will be."""
        return {change.key: change.after for change in self.part.changes if change.after is not None}

    @cached_property
    def schools_afterwards(self) -> Collection[Row]:
        """The schools that are live once the plan is applied."""
        schools, _ = self.tenant.lists
        return resulting(self.tenant.live["schools"], schools.changes).values()

    @cached_property
    def _deselected(self) -> list[Change]:
        return [change for change in self.updated if _may_turn(change, selected=False)]

    @cached_property
    def _selected(self) -> list[Change]:
        return [change for change in self.updated if _may_turn(change, selected=True)]

    def _changes(self, action: Action) -> list[Change]:
        return [change for change in self.part.changes if change.action == action]


def _may_turn(change: Change, *, selected: bool) -> bool:
    """Whether the update may turn `selected` to that value.

    It does when it sets the value. It may when it clears the opposite one: then the server decides.
    """
    before = (change.before or {}).get("selected")
    after = (change.after or {}).get("selected")
    if before is after:
        return False
    sets_it = after is selected
    clears_the_opposite = before is (not selected)
    return sets_it or clears_the_opposite
