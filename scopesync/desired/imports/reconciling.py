"""What one list in the files has to say, now that the live list is known.

Belongs here: which rows are added, changed, removed, left; no files. Does not belong here: texts (`merging`), what a
file can say at all (`drafting`).
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

EDITED = "edited here; live is otherwise"
NOT_LIVE = "it is not live"
AMBIGUOUS = "several live rows fit it"
UNSAYABLE = "no file can say what is live, with these defaults"


class Left(NamedTuple):
    """A row, or a whole list, that stays as the file has it: `place` is `file:line`, or the file."""

    place: str
    reason: str


@dataclass(slots=True)
class Reconciled:
    """What becomes of the rows of a list, in their order (None: removed), and which are added.

    `is_partial`: a live row is in no file, so that `exact` would remove it.
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
    """Without `force` what is live and not in `rows` is added, and everything else is left; with it, all becomes live.

    `rows` are as the files have them, without `defaults`. What a row does not mention is not compared. `schools` tells
    apart courses that share an id.
    """
    done = Reconciled(left_out=list(draft.left_out), is_partial=draft.is_partial)
    filled = {name: value for name, value in defaults.items() if name != "protect"}
    finder = _Finder(draft, schools or SchoolDirectory(()))
    claimed: set[int] = set()
    for row in rows:
        fitting = finder.candidates({**filled, **row.fields})
        if force and (len(fitting) != 1 or fitting[0] in claimed or fitting[0] >= len(draft.rows)):
            done.rows.append(None)
            continue
        claimed.update(fitting)
        live = finder.live[fitting[0]] if len(fitting) == 1 else None
        reason = _reason(row, live, fitting, filled)
        if reason == EDITED and force:
            _change(row, draft, fitting[0], filled, done)
            continue
        done.rows.append(dict(row.fields))
        done.left += [Left(row.place, reason)] if reason else []
    for index, fields in enumerate(draft.rows):
        if index not in claimed:
            _add(fields, draft.live[index], filled, draft.kind, is_csv=added_to_csv, done=done)
    return done


def _reason(row: PlacedRow, live: Row | None, fitting: Sequence[int], filled: Row) -> str | None:
    """Why a row is not what is live, None where it is."""
    if live is None:
        return AMBIGUOUS if fitting else NOT_LIVE
    said = {**filled, **row.fields}
    said.pop("protect", None)
    return EDITED if differs(live, said) else None


def _change(row: PlacedRow, draft: Draft, index: int, filled: Row, done: Reconciled) -> None:
    """Make a row say what is live, in the fields that it mentions."""
    mentioned = [name for name in row.fields if name != "protect"]
    fields = _spoken(draft.rows[index], draft.live[index], mentioned, filled, is_csv=row.column is None)
    if fields is None:
        done.left.append(Left(row.place, UNSAYABLE))
        done.rows.append(dict(row.fields))
    else:
        kept = {name: value for name, value in row.fields.items() if name == "protect"}
        done.rows.append({**fields, **kept})


def _add(fields: Row, live: Row, filled: Row, kind: Kind, *, is_csv: bool, done: Reconciled) -> None:
    said = _spoken(fields, live, kind.fields, filled, is_csv=is_csv)
    if said is None:
        done.left_out.append(LeftOut(kind.name, live, UNSAYABLE))
        done.is_partial = True
    else:
        done.added.append(said)


def _spoken(fields: Row, live: Row, names: Sequence[str], filled: Row, *, is_csv: bool) -> dict[str, Any] | None:
    """What a row mentions of `names` to say its live row, null where a default would fill it; None if it cannot."""
    said: dict[str, Any] = {}
    for name in dict.fromkeys((*names, *filled)):
        value = fields.get(name)
        if _is_sayable(value, is_csv=is_csv) and (name in names or not alike(name, filled[name], value)):
            said[name] = value
        elif name in filled and not alike(name, filled[name], live.get(name)):
            if is_csv or live.get(name) is not None:
                return None
            said[name] = None
    return said


def _is_sayable(value: Any, *, is_csv: bool) -> bool:
    """Whether a file can hold a live value. A CSV holds no empty text, and nothing that Git's markers look like."""
    if is_csv and isinstance(value, str):
        return value != "" and conflict_line(value) is None
    return value is not None


class _Finder:
    """Finds the live rows that a row of a file can mean, as plans do."""

    def __init__(self, draft: Draft, schools: SchoolDirectory) -> None:
        self._id_field = draft.kind.id_field
        self._schools = schools
        self.live = [*draft.live, *(left.row for left in draft.left_out if not left.fields)]
        self._rows = dict(enumerate(self.live))
        self._index = RowIndex(draft.kind, self._rows)

    def candidates(self, fields: Row) -> Sequence[int]:
        """Indexes into `live`, which begins with the draft's rows; several where it cannot be told which is meant."""
        found = self._index.meant_by(fields)
        if len(found) <= 1 or not fields.get(self._id_field):
            return found
        found = self._schools.at_its_school(fields, found, self._rows)
        schools = {names_of(self._rows[index]) for index in found}
        return found if len(schools) > 1 else found[:1]  # copies are all alike, or in no file
