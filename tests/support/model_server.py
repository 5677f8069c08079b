"""A server in a few lines, that watches the invariants.

It is not the sandbox's engine, and shares nothing with it: what carries out a plan's writes here is only what the
vendor's page says of them. After every write it checks invariants 1 to 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.model import COURSES, KINDS, SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scopesync.model import Kind, ListName, LiveTenant, Row
    from scopesync.plan.types import TenantPlan
    from scopesync.plan.writes import Write

Rows = list[dict[str, Any]]


class ModelServer:
    """Both lists of one tenant, as plain rows; each write is one step, and each step is checked."""

    def __init__(self, start: LiveTenant, plan: TenantPlan) -> None:
        self.rows: dict[ListName, Rows] = {kind.name: [dict(row) for row in start.listing(kind).rows] for kind in KINDS}
        self._start = {name: [dict(row) for row in rows] for name, rows in self.rows.items()}
        changes = {part.kind.name: part.changes for part in plan.lists}
        self._created = {
            name: [_json(c.after) for c in found if c.action == "create"] for name, found in changes.items()
        }
        self._deleted = {
            name: [_json(c.before) for c in found if c.action == "delete"] for name, found in changes.items()
        }
        self._updated = {
            name: [(_json(c.before), _json(c.after)) for c in found if c.action == "update"]
            for name, found in changes.items()
        }
        self._emptied = {
            name: len(self._deleted[name]) == len(self._start[name]) and not self._created[name] for name in self.rows
        }

    def run(self, writes: Iterable[Write]) -> None:
        """Carry out the writes, one by one, checking after each."""
        for write in writes:
            self._carry_out(write)
            self._check(f"after {write.op} {write.item_id or ''} on {write.kind.name}")

    def run_with_lies(self, legs: Iterable[Iterable[Write]], lies: Iterable[bool]) -> None:
        """Carry out leg by leg, where a lie is a write that is answered only; a leg with a lie in it is the last."""
        lie = iter(lies)
        for leg in legs:
            told = False
            for write in leg:
                if next(lie, False):
                    told = True
                else:
                    self._carry_out(write)
                self._check(f"after {write.op} {write.item_id or ''} on {write.kind.name}, with a lie before")
            if told:
                return

    def _carry_out(self, write: Write) -> None:
        rows, kind = self.rows[write.kind.name], write.kind
        found = [row for row in rows if write.item_id is not None and row.get(kind.id_field) == write.item_id]
        match write.op:
            case "append":
                live_ids = {row.get(kind.id_field) for row in rows} - {None}
                assert not live_ids & {row.get(kind.id_field) for row in write.rows}, "append of a live key"
                rows.extend(dict(row) for row in write.rows)
            case "replace":
                rows[:] = [dict(row) for row in write.rows]
            case "update":
                assert len(found) == 1, "an update names exactly one row"
                found[0].clear()
                found[0].update(write.rows[0])
            case "delete":
                assert len(found) == 1, "a delete names exactly one row"
                rows.remove(found[0])
            case "clear":
                rows.clear()

    def _check(self, moment: str) -> None:
        for kind in KINDS:
            self._check_contained(kind, moment)
            self._check_kept(kind, moment)
            if self._start[kind.name] and not self._emptied[kind.name]:
                assert self.rows[kind.name], f"{kind.name} is empty {moment}"
        self._check_families(moment)

    def _check_contained(self, kind: Kind, moment: str) -> None:
        """Every live row is one of the start, one that is created, or an updated one: nothing else, fields included."""
        allowed = self._start[kind.name] + self._created[kind.name] + [after for _, after in self._updated[kind.name]]
        assert all(row in allowed for row in self.rows[kind.name]), f"a stranger in {kind.name} {moment}"

    def _check_kept(self, kind: Kind, moment: str) -> None:
        """Every row of the start that is not deleted is there, as it was or as it shall be."""
        left = [dict(row) for row in self.rows[kind.name]]
        deleted = [dict(row) for row in self._deleted[kind.name]]
        for row in self._start[kind.name]:
            if row in deleted:
                deleted.remove(row)
                continue
            becomes = next((new for before, new in self._updated[kind.name] if before == row), row)
            present = row if row in left else becomes
            assert present in left, f"{row} of {kind.name} is missing {moment}"
            left.remove(present)

    def _check_families(self, moment: str) -> None:
        """No course names a school that the plan has taken away already, or not brought yet, under that name.

        Two names in doubt are none: one that the course bore from the start and no school then, and one of a school
        that is here, and that the course names by another of its names too.
        """
        here, at_start = _names(self.rows["schools"]), _names(self._start["schools"])
        schools = [*self._start["schools"], *self._final_schools()]
        ever = [
            (_names([row]), _names(same for same in schools if _is_same(row, same))) for row in self.rows["schools"]
        ]
        for row in self.rows["courses"]:
            named = _names([row])
            lost = named & _names(schools) - here - (self._named_at_start(row) - at_start)
            assert all(any(name in once and now & named for now, once in ever) for name in lost), f"{row} {moment}"

    def _named_at_start(self, course: Row) -> set[tuple[str, str]]:
        """The schools that this very course named before the plan."""
        key = course.get(COURSES.id_field)
        return _names(
            row for row in self._start["courses"] if (row.get(COURSES.id_field) == key if key else row == course)
        )

    def _final_schools(self) -> Rows:
        deleted = [dict(row) for row in self._deleted["schools"]]
        final = list(self._created["schools"])
        for row in self._start["schools"]:
            if row in deleted:
                deleted.remove(row)
            else:
                final.append(next((new for before, new in self._updated["schools"] if before == row), row))
        return final


def _json(row: Row | None) -> dict[str, Any]:
    assert row is not None
    return dict(row)


def _is_same(one: Row, other: Row) -> bool:
    key = one.get(SCHOOLS.id_field)
    return other.get(SCHOOLS.id_field) == key if key else one == other


def _names(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """What the rows call schools, field and value: schools themselves, or courses theirs."""
    return {(field, row[field]) for row in rows for field in (SCHOOLS.id_field, SCHOOLS.ref_field) if row.get(field)}
