"""A live side in memory: what apply's Protocols ask for, with faults where a test wants them."""

from __future__ import annotations

from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any

from scopesync.apply.ports import Side
from scopesync.errors import UnreachableError, WriteError
from scopesync.model import COURSES, SCHOOLS, Identity, Kind, Limits, LiveTenant
from scopesync.row_identity import listing
from tests.support.builders import TENANT, VERIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scopesync.errors import LiveError
    from scopesync.model import ListName, Row

Rows = list[dict[str, Any]]


class MemorySide:
    """Reader and writer in one. `log` holds the writes that arrived; `fail` maps the n-th write (from 1) to its fault.

    A WriteError with `landed=None` is raised after the work is done, unless the write is one of `lost`. A write that is
    one of `pretended` is answered with success, and not done. `most_rows` is the largest body that is taken (413 beyond
    it). A reading shows the lists as they were `lag` readings before. A write that is one of `late` lands that many
    readings after it was sent.
    """

    def __init__(self, start: LiveTenant, *, identity: Identity = VERIFIED) -> None:
        self.rows: dict[ListName, Rows] = {
            "schools": [dict(row) for row in start.schools.rows],
            "courses": [dict(row) for row in start.courses.rows],
        }
        self.log: list[str] = []
        self.reads = 0
        self.fail: dict[int, LiveError] = {}
        self.lost: set[int] = set()
        self.pretended: set[int] = set()
        self.most_rows: int | None = None
        self.unreadable_from: int | None = None
        self.foreign_from: int | None = None
        self.on_write: Callable[[MemorySide], None] = lambda _: None
        self.settle_s = 0.0
        self.lag = 0
        self.late: dict[int, int] = {}
        self._pending: list[tuple[int, Callable[[], None]]] = []
        self._shown: list[dict[ListName, Rows]] = []
        self.waits: list[float] = []
        self.most_together = 0
        self._together = 0
        self._barrier: Barrier | None = None
        self._lock = Lock()
        self._identity = identity

    def together(self, count: int) -> None:
        """Let updates of courses wait for each other until so many are in flight; never is an error."""
        self._barrier = Barrier(count, timeout=300)

    def side(self, *, rows_per_call: int = 1000) -> Side:
        return Side(self, self, Limits(rows_per_call=rows_per_call, settle_s=self.settle_s), self.waits.append)

    def read(self) -> LiveTenant:
        self.reads += 1
        if self.unreadable_from is not None and self.reads >= self.unreadable_from:
            raise UnreachableError("GET /tenant/scoping/schools: 503 after 4 attempts")
        for at, work in list(self._pending):
            if self.reads >= at:
                self._pending.remove((at, work))
                work()
        self._shown.append({name: [dict(row) for row in rows] for name, rows in self.rows.items()})
        shown = self._shown[max(0, len(self._shown) - 1 - self.lag)]
        schools, courses = (listing(kind, shown[kind.name]) for kind in (SCHOOLS, COURSES))
        foreign = self.foreign_from is not None and self.reads >= self.foreign_from
        identity = Identity("foreign", "rows name another tenant") if foreign else self._identity
        return LiveTenant(TENANT, schools, courses, identity)

    def find(self, kind: Kind, item_id: str) -> Row | None:
        return next((row for row in self.rows[kind.name] if row.get(kind.id_field) == item_id), None)

    def append(self, kind: Kind, rows: Sequence[Row]) -> None:
        self._write(
            f"append {kind.name} {len(rows)}",
            lambda: self.rows[kind.name].extend(dict(r) for r in rows),
            rows=len(rows),
        )

    def replace(self, kind: Kind, rows: Sequence[Row]) -> None:
        self._write(
            f"replace {kind.name} {len(rows)}",
            lambda: self.rows.update({kind.name: [dict(r) for r in rows]}),
            rows=len(rows),
        )

    def update(self, kind: Kind, item_id: str, row: Row) -> None:
        def work() -> None:
            self.rows[kind.name] = [dict(row) if r.get(kind.id_field) == item_id else r for r in self.rows[kind.name]]

        self._write(f"update {kind.name} {item_id}", work, rows=1)

    def delete(self, kind: Kind, item_id: str) -> None:
        def work() -> None:
            self.rows[kind.name] = [r for r in self.rows[kind.name] if r.get(kind.id_field) != item_id]

        self._write(f"delete {kind.name} {item_id}", work)

    def clear(self, kind: Kind) -> None:
        self._write(f"clear {kind.name}", lambda: self.rows.update({kind.name: []}))

    def _write(self, what: str, work: Callable[[], None], *, rows: int = 0) -> None:
        with self._lock:
            self.log.append(what)
            number = len(self.log)
            self._together += 1
            self.most_together = max(self.most_together, self._together)
        if self._barrier is not None and what.startswith("update courses"):
            self._barrier.wait()
        with self._lock:
            self._together -= 1
            self._carry_out(number, work, rows)

    def _carry_out(self, number: int, work: Callable[[], None], rows: int) -> None:
        if self.most_rows is not None and rows > self.most_rows:
            raise WriteError("413", landed=False, status=413)
        fault = self.fail.get(number)
        if number in self.late:
            self._pending.append((self.reads + self.late[number], work))
            if fault is not None:
                raise fault
            return
        may_have_landed = isinstance(fault, WriteError) and fault.landed is None and number not in self.lost
        if number in self.pretended:
            return
        if fault is None or may_have_landed:
            work()
            self.on_write(self)
        if fault is not None:
            raise fault
