"""Compare one list in the files with the live list, and decide on each row.

Belongs here: which rows are added, changed, removed or left as they are. Does not belong here: files and their text
(`merging`), what a file can express at all (`drafting`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from scopesync.desired.imports.drafting import LeftOut
from scopesync.desired.sources.text_file import conflict_line
from scopesync.row_identity import RowIndex, alike, differs
from scopesync.school_links import SchoolDirectory, names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.desired.imports.drafting import Draft
    from scopesync.desired.row_sources import PlacedRow
    from scopesync.model import Kind, Row

EDITED = "edited here; the live row is different"
NOT_LIVE = "it is not live"
AMBIGUOUS = "several live rows match it"
INEXPRESSIBLE = "no file can express the live row with these defaults"


class Left(NamedTuple):
    """A row, or a whole list, that stays as the file has it: `place` is `file:line`, or the file."""

    place: str
    reason: str


@dataclass(slots=True)
class Reconciled:
    """The decisions on one list: its rows in their order (None: removed), and the added rows.

    `is_partial`: a live row is in no file, so `manage: exact` would remove it.
    """

    rows: list[dict[str, Any] | None] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    is_partial: bool = False


def reconcile(
    rows: Sequence[PlacedRow],
    draft: Draft,
    *,
    defaults: Row,
    force: bool,
    added_to_csv: bool = False,
    schools: SchoolDirectory | None = None,
) -> Reconciled:
    """Without `force`, add the live rows that are missing in `rows`; with it, make the rows equal to the live ones.

    `rows` are as the files have them, without `defaults`. Only the fields that a row mentions are compared. `schools`
    distinguishes courses that share an id.
    """
    done = Reconciled(left_out=list(draft.left_out), is_partial=draft.is_partial)
    filled = {name: value for name, value in defaults.items() if name != "protect"}
    finder = _Finder(draft, schools or SchoolDirectory(()))
    claimed: set[int] = set()
    for row in rows:
        fitting = finder.candidates({**filled, **row.fields})
        is_unique = len(fitting) == 1
        if force:
            is_new_match = is_unique and fitting[0] not in claimed
            if not is_new_match or fitting[0] >= len(draft.rows):  # behind the draft's rows: no file can hold it
                done.rows.append(None)
                continue
        claimed.update(fitting)
        live = finder.live[fitting[0]] if is_unique else None
        reason = _reason(row, live, fitting, filled)
        if reason == EDITED and force:
            _change(row, draft, fitting[0], filled, done)
            continue
        done.rows.append(dict(row.fields))
        if reason is not None:
            done.left.append(Left(row.place, reason))
    for index, fields in enumerate(draft.rows):
        if index not in claimed:
            _add(fields, draft.live[index], filled, draft.kind, is_csv=added_to_csv, done=done)
    return done


def _reason(row: PlacedRow, live: Row | None, fitting: Sequence[int], filled: Row) -> str | None:
    """Why a row differs from the live one, None if it does not."""
    if live is None:
        return AMBIGUOUS if fitting else NOT_LIVE
    desired = {**filled, **row.fields}
    desired.pop("protect", None)  # a note for the planner: no live row has it
    return EDITED if differs(live, desired) else None


def _change(row: PlacedRow, draft: Draft, index: int, filled: Row, done: Reconciled) -> None:
    """Set the fields that a row mentions to their live values."""
    mentioned = [name for name in row.fields if name != "protect"]
    fields = _row_for(draft.rows[index], draft.live[index], mentioned, filled, is_csv=row.column is None)
    if fields is None:
        done.left.append(Left(row.place, INEXPRESSIBLE))
        done.rows.append(dict(row.fields))
    else:
        kept = {name: value for name, value in row.fields.items() if name == "protect"}
        done.rows.append({**fields, **kept})


def _add(fields: Row, live: Row, filled: Row, kind: Kind, *, is_csv: bool, done: Reconciled) -> None:
    row = _row_for(fields, live, kind.fields, filled, is_csv=is_csv)
    if row is None:
        done.left_out.append(LeftOut(kind.name, live, INEXPRESSIBLE))
        done.is_partial = True
    else:
        done.added.append(row)


def _row_for(fields: Row, live: Row, names: Sequence[str], filled: Row, *, is_csv: bool) -> dict[str, Any] | None:
    """A row for a file that, with the defaults `filled`, means the live row; None if no row does.

    It mentions the fields of `names` that have a value, and every other field whose default is not the live value.
    """
    row: dict[str, Any] = {}
    for name in dict.fromkeys((*names, *filled)):
        value = fields.get(name)
        is_mentioned = name in names or not alike(name, filled[name], value)
        if is_mentioned and _can_be_written(value, is_csv=is_csv):
            row[name] = value
        elif name in filled and not alike(name, filled[name], live.get(name)):
            # The default would fill the field with a wrong value. Only null prevents that, and a CSV has no null.
            if is_csv or live.get(name) is not None:
                return None
            row[name] = None
    return row


def _can_be_written(value: Any, *, is_csv: bool) -> bool:
    """Whether a file can hold a live value. A CSV has no empty text, and none that looks like a conflict marker."""
    if is_csv and isinstance(value, str):
        return value != "" and conflict_line(value) is None
    return value is not None


class _Finder:
    """Finds the live rows that a row of a file can mean, by the same rules as a plan."""

    def __init__(self, draft: Draft, schools: SchoolDirectory) -> None:
        self._id_field = draft.kind.id_field
        self._schools = schools
        self.live = [*draft.live, *(left.row for left in draft.left_out if not left.fields)]
        self._rows = dict(enumerate(self.live))
        self._index = RowIndex(draft.kind, self._rows)

    def candidates(self, fields: Row) -> Sequence[int]:
        """Indexes into `live`, which begins with the draft's rows; several if the row is ambiguous."""
        found = self._index.meant_by(fields)
        if len(found) <= 1 or not fields.get(self._id_field):
            return found
        found = self._schools.at_its_school(fields, found, self._rows)
        schools = {names_of(self._rows[index]) for index in found}
        is_ambiguous = len(schools) > 1
        return found if is_ambiguous else found[:1]  # copies at one school are equal, or else in no file
