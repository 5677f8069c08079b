"""A live side in memory: what apply's Protocols ask for, with faults where a test wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scopesync.apply.ports import Side
from scopesync.errors import UnreachableError, WriteError
from scopesync.model import COURSES, SCHOOLS, Identity, Kind, Listing, LiveTenant
from tests.support.builders import TENANT, VERIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scopesync.model import Row

Rows = list[dict[str, Any]]


class MemorySide:
    """Reader and writer in one. `log` holds the writes that arrived; `fail` maps the n-th write (from 1) to its fault.

    A fault is an exception; `landed=None` means that the work is done before it is raised.
    """

    def __init__(self, start: LiveTenant, *, identity: Identity = VERIFIED) -> None:
        self.rows: dict[str, Rows] = {
            "schools": [dict(r) for r in start.schools.rows],
            "courses": [dict(r) for r in start.courses.rows],
        }
        self.log: list[str] = []
        self.reads = 0
        self.fail: dict[int, WriteError] = {}
        self.unreadable_from: int | None = None
        self.on_write: Callable[[MemorySide], None] = lambda _: None
        self._identity = identity

    def side(self, *, rows_per_call: int = 1000) -> Side:
        return Side(self, self, rows_per_call)

    def read(self) -> LiveTenant:
        self.reads += 1
        if self.unreadable_from is not None and self.reads >= self.unreadable_from:
            raise UnreachableError("GET /tenant/scoping/schools: 503 after 4 attempts")
        schools, courses = (Listing(kind, tuple(dict(r) for r in self.rows[kind.name])) for kind in (SCHOOLS, COURSES))
        return LiveTenant(TENANT, schools, courses, self._identity)

    def append(self, kind: Kind, rows: Sequence[Row]) -> None:
        self._write(f"append {kind.name} {len(rows)}", lambda: self.rows[kind.name].extend(dict(r) for r in rows))

    def replace(self, kind: Kind, rows: Sequence[Row]) -> None:
        self._write(f"replace {kind.name} {len(rows)}", lambda: self.rows.update({kind.name: [dict(r) for r in rows]}))

    def update(self, kind: Kind, item_id: str, row: Row) -> None:
        def work() -> None:
            self.rows[kind.name] = [dict(row) if r.get(kind.id_field) == item_id else r for r in self.rows[kind.name]]

        self._write(f"update {kind.name} {item_id}", work)

    def delete(self, kind: Kind, item_id: str) -> None:
        def work() -> None:
            self.rows[kind.name] = [r for r in self.rows[kind.name] if r.get(kind.id_field) != item_id]

        self._write(f"delete {kind.name} {item_id}", work)

    def clear(self, kind: Kind) -> None:
        self._write(f"clear {kind.name}", lambda: self.rows.update({kind.name: []}))

    def _write(self, what: str, work: Callable[[], None]) -> None:
        self.log.append(what)
        fault = self.fail.get(len(self.log))
        if fault is None or fault.landed is None:
            work()
            self.on_write(self)
        if fault is not None:
            raise fault
