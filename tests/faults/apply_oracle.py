"""What must be true of one tenant after every write that its server carried out, and when an apply has ended.

Invariants 1 to 5 hold after every write, for every row that no second writer has touched:

- **contained (1), nothing lost (5)**: each row is, with all its fields, one of the start, or one as it shall be;
- **kept rows stay (2)**: each row that was live at the start and is wanted is there, as it was or as it shall be;
- **never empty in passing (3)**: unless the list shall be empty, or a second writer took rows out of it;
- **whole families (4)**: no course points at a school that has left already or has not arrived yet, unless it pointed
  there before, or the second writer touched the course or that school;
- and where there is no second writer no row is there more often than at the start or in the end: an append is never
  repeated blindly.

What a second writer does to a row in the same moment may be overwritten by a replace, and the plan says so. A row that
he touched is neither promised to stay as he made it, nor as it was.

The start is that of the first attempt: killed and run again, it is all one change.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scopesync.model import COURSES, KINDS, SCHOOLS
from tests.faults.apply_lists import ident, pointer, pointers, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scopesync.model import Kind, ListName, Row
    from tests.faults.apply_lists import Drawn


@dataclass
class Oracle:
    """One tenant's. `touched` are the names of rows that a second writer touched, `taken` the lists he took from."""

    lists: Mapping[ListName, Drawn]
    touched: set[str] = field(default_factory=set)
    taken: set[ListName] = field(default_factory=set)

    def check(self, now: Mapping[ListName, Sequence[Row]]) -> None:
        """Every invariant that can be seen at one moment."""
        for kind in KINDS:
            rows = [row for row in now[kind.name] if ident(kind, row) not in self.touched]
            self._check_contained(kind, rows)
            self._check_kept(kind, rows)
            self._check_never_empty(kind, now[kind.name])
            self._check_not_doubled(kind, rows)
        self._check_families(now)

    def settled(self, now: Mapping[ListName, Sequence[Row]]) -> bool:
        """Whether both lists are as they shall be."""
        return all(tuple(sorted(map(text, now[name]))) == drawn.final for name, drawn in self.lists.items())

    def _check_contained(self, kind: Kind, rows: Sequence[Row]) -> None:
        strangers = [row for row in rows if text(row) not in self.lists[kind.name].allowed]
        assert not strangers, f"contained: {kind.name} {strangers}"

    def _check_kept(self, kind: Kind, rows: Sequence[Row]) -> None:
        here = set(map(text, rows))
        missing = [name for name, texts in self.lists[kind.name].kept if name not in self.touched and not texts & here]
        assert not missing, f"kept rows stay: {kind.name} {missing}"

    def _check_never_empty(self, kind: Kind, rows: Sequence[Row]) -> None:
        drawn = self.lists[kind.name]
        if drawn.live and drawn.final and kind.name not in self.taken:
            assert rows, f"never empty in passing: {kind.name}"

    def _check_not_doubled(self, kind: Kind, rows: Sequence[Row]) -> None:
        if not self.touched:
            drawn = self.lists[kind.name]
            most = Counter(drawn.names) | Counter(drawn.final_names)
            doubled = Counter(ident(kind, row) for row in rows) - most
            assert not doubled, f"an append was repeated: {kind.name} {doubled}"

    def _check_families(self, now: Mapping[ListName, Sequence[Row]]) -> None:
        drawn = self.lists["schools"]
        moving = pointers(drawn.live) ^ pointers(drawn.final_rows)
        known = {ident(SCHOOLS, row): pointers([row]) for row in (*drawn.live, *drawn.final_rows)}
        moving -= {where for name in self.touched for where in known.get(name, ())}
        before = {pointer(row) for row in self.lists["courses"].live} - pointers(drawn.live)
        ours = {pointer(row) for row in now["courses"] if ident(COURSES, row) not in self.touched}
        lost = (moving & ours) - pointers(now["schools"]) - before
        assert not lost, f"whole families: {lost}"
