"""Whether the live side is what was asked for, and nothing was lost.

Belongs here: comparing the lists read back with what the plan asks for, purely, and saying whose a difference is. Does
not belong here: reading the lists, what follows from a difference.

A run is proved when a fresh plan of what was asked is empty and nothing was lost:

- a field that a change asks for has its value (`row_identity` says what is alike);
- a field that nobody mentioned, of a row that we wrote, still holds something if it did before;
- a field that the server fills, renews or spells otherwise is no difference;
- a row that another client moved meanwhile is one only where it is no longer as the files say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.apply.outcome import Cause, Difference
from scopesync.apply.remaining import SeenList, State, asked_fields
from scopesync.model import SERVER_FIELDS
from scopesync.plan.changes import resulting
from scopesync.row_identity import RowIndex, differing_fields, keyed, says_something

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from scopesync.apply.remaining import RowKey
    from scopesync.documents import RowState
    from scopesync.model import DesiredList, Kind, ListName, LiveTenant, Row
    from scopesync.plan.types import Change, ListPlan, TenantPlan
    from scopesync.row_identity import KeyedRows


def differences(
    plan: TenantPlan,
    before: LiveTenant,
    after: LiveTenant,
    *,
    wanted: Mapping[ListName, DesiredList] | None = None,
    others: Collection[RowKey] = (),
) -> tuple[Difference, ...]:
    """Where `after` is not what the plan asks for, list by list and key by key; () is the proof.

    `wanted` is what the files say now; None where the plan does not come from files (an undo): then every row is wanted
    as it was. `others` are rows that another client changed before we did: their changes were not sent.
    """
    found: list[Difference] = []
    for part in plan.lists:
        files = None if wanted is None else wanted.get(part.kind.name)
        proof = _ListProof(part, before, after, files, is_from_files=wanted is not None, others=others)
        found += proof.differences()
    return tuple(found)


class _ListProof:
    """The proof of one list."""

    def __init__(
        self,
        part: ListPlan,
        before: LiveTenant,
        after: LiveTenant,
        files: DesiredList | None,
        *,
        is_from_files: bool,
        others: Collection[RowKey],
    ) -> None:
        self._part = part
        self._kind: Kind = part.kind
        self._old: KeyedRows = before.listing(part.kind).by_key
        self._seen = SeenList(part.kind, after.listing(part.kind).by_key)
        self._files = files
        self._is_from_files = is_from_files
        self._others = others
        self._was_replaced = part.strategy.kind == "replace"
        self._wanted_by_key: Mapping[str, Row] | None = None

    def differences(self) -> Iterator[Difference]:
        final = resulting(self._old, self._part.changes)
        # Keyed anew: a row that stays behind alone no longer shares its id.
        expected = keyed(self._kind, final.values())
        change_of = {id(change.after): change for change in self._part.changes if change.after is not None}
        found = set()
        for key, row in expected.items():
            here = self._seen.key(key, row)
            found.add(here)
            change = change_of.get(id(row))
            if here is None:
                yield self._difference("missing", key, row, change)
                continue
            now = self._seen.rows[here]
            wrong = self._wrong_fields(key, row, now, change, expected)
            if wrong:
                yield self._difference("different", key, row, change, fields=wrong, now=now)
        changes = {change.key: change for change in self._part.changes}
        for key in sorted(self._seen.rows.keys() - found):
            change = changes.get(key)
            if change is not None or self._is_exact:
                yield self._difference("unexpected", key, self._seen.rows[key], change)

    @property
    def _is_exact(self) -> bool:
        return self._part.manage == "exact" or not self._is_from_files

    def _wrong_fields(
        self, key: str, row: Row, now: Row, change: Change | None, expected: KeyedRows
    ) -> tuple[str, ...]:
        """The fields that are not as they were asked for, and those that were lost."""
        wrong = differing_fields(self._kind.fields, row, now)
        if wrong:
            asked = () if change is None else asked_fields(self._kind, change)
            unlike = self._unlike_what_is_wanted(key, row, now, expected)
            wrong = tuple(field for field in wrong if field in asked or field in unlike)
        is_written = change is not None or self._was_replaced
        return (*wrong, *(self._lost_fields(row, now, wrong) if is_written else ()))

    def _unlike_what_is_wanted(self, key: str, row: Row, now: Row, expected: KeyedRows) -> Collection[str]:
        """The fields that no change asks for and that are not as the files say; without files, not as they were."""
        if self._is_from_files:
            mentioned = self._mentioned(key, expected)
            return differing_fields(mentioned, mentioned, now)
        return [field for field in self._kind.fields if row.get(field) not in (None, "")]  # a server may fill the rest

    def _lost_fields(self, row: Row, now: Row, wrong: Collection[str]) -> tuple[str, ...]:
        """The fields that held something when the row was written, and hold nothing now.

        Whose the row is only the server writes, and some servers do so late: `identity` judges that.
        """
        return tuple(
            field
            for field, value in row.items()
            if field not in wrong
            and field not in SERVER_FIELDS
            and says_something(field, value)
            and not says_something(field, now.get(field))
        )

    def _mentioned(self, key: str, expected: KeyedRows) -> Row:
        """What the files say of a row that the plan leaves alone; {} where they do not mention it."""
        if self._wanted_by_key is None:
            self._wanted_by_key = _wanted_by_key(self._kind, self._files, expected)
        return self._wanted_by_key.get(key, {})

    def _difference(
        self,
        state: RowState,
        key: str,
        row: Row,
        change: Change | None,
        *,
        fields: tuple[str, ...] = (),
        now: Row | None = None,
    ) -> Difference:
        kept = {field: (now or {}).get(field) for field in fields}
        sent = {field: row.get(field) for field in fields}
        return Difference(
            self._kind.name, key, row.get("name"), state, self._cause(change), fields, sent=sent, kept=kept
        )

    def _cause(self, change: Change | None) -> Cause:
        if change is None or (self._kind.name, change.key) in self._others:
            return Cause.ANOTHER_CLIENT
        is_as_before = self._seen.state(change) is State.NOT_DONE
        return Cause.NOT_DONE if is_as_before else Cause.DONE_DIFFERENTLY


def _wanted_by_key(kind: Kind, files: DesiredList | None, expected: KeyedRows) -> Mapping[str, Row]:
    """The rows of the files, by the keys of the live rows that they mean."""
    if files is None:
        return {}
    index = RowIndex(kind, expected)
    return {key: row.fields for row in files.rows for key in index.meant_by(row.fields)}
