"""Lists drawn from a seed, live and wanted, and what follows from both without any planner.

What may be seen of a list while it is changed is worked out here from the invariants' words alone, row by row, as rows
are drawn: a planner that were wrong about them could not hide it.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.model import COURSES, SCHOOLS, DesiredList, DesiredRow, Manage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from random import Random

    from scopesync.model import Kind, ListName, Row

Fields = dict[str, Any]
OWNED = ("account_id", "tenant_id", *("updated_at", "etag", "version", "sync_batch"))
"""Fields that only the server writes."""


@dataclass(frozen=True)
class Drawn:
    """One list. `live` is what it starts with, `wanted` what the files say (None: not managed).

    `kept`: the rows that start and stay, each as what it is called and the texts of which one must always be there.
    `allowed`: every text that may ever be seen. `final`: the texts of the list as it shall be, sorted.
    """

    kind: Kind
    live: tuple[Fields, ...]
    wanted: DesiredList | None
    kept: tuple[tuple[str, frozenset[str]], ...]
    allowed: frozenset[str]
    final: tuple[str, ...]
    final_rows: tuple[Fields, ...]

    @property
    def names(self) -> list[str]:
        """What the rows of the start are called, copies as often as they are there."""
        return [ident(self.kind, row) for row in self.live]

    @property
    def copies(self) -> bool:
        """Whether two rows of the start share an id."""
        return len(set(self.names)) < len(self.names)

    @property
    def final_names(self) -> list[str]:
        return [ident(self.kind, row) for row in self.final_rows]


def text(row: Row) -> str:
    """The row as one text. Fields of the server, nulls, "" and a `selected` that is true make no difference."""
    silent = {"selected": True}
    said = {k: _spelled(k, v) for k, v in row.items() if v not in (None, "") and k not in OWNED}
    said = {k: v for k, v in said.items() if silent.get(k) is not v}
    return json.dumps(said, sort_keys=True)


def _spelled(field: str, value: Any) -> Any:
    """The value, an id in the spelling of `uuid`."""
    return str(uuid.UUID(value)) if field in {"school_id", "course_id"} else value


def ident(kind: Kind, row: Row) -> str:
    """What the row is called."""
    named = row.get(kind.id_field)
    return str(uuid.UUID(named)) if named else str(row.get(kind.ref_field) or row.get("local_id"))


def pointers(schools: Iterable[Row]) -> set[tuple[str, str]]:
    """Every way in which a course may name these schools."""
    fields = ("school_id", "school_ref_id")
    return {(field, _spelled(field, row[field])) for row in schools for field in fields if row.get(field)}


def pointer(course: Row) -> tuple[str, str] | None:
    """How the course names its school."""
    fields = ("school_id", "school_ref_id")
    return next(((field, _spelled(field, course[field])) for field in fields if course.get(field)), None)


def drawn_lists(chance: Random) -> Mapping[ListName, Drawn]:
    """Both lists of one tenant: rows that stay, change, move to another school, leave and arrive."""
    manage = {kind.name: _manage(chance) for kind in (SCHOOLS, COURSES)}
    may_leave = manage["courses"] == "exact" or chance.random() < 0.1
    schools = _schools(chance, manage["schools"], may_leave=may_leave)
    return {"schools": schools, "courses": _courses(chance, manage["courses"], schools)}


def _manage(chance: Random) -> Manage | None:
    return chance.choices(("exact", "additive", None), (7, 2, 1))[0]


def _schools(chance: Random, manage: Manage | None, *, may_leave: bool) -> Drawn:
    start = _with_a_copy(chance, [_row(chance, SCHOOLS, {}) for _ in range(chance.choice([0, 1, 2, 4, 6]))])
    stays = 0.65 if may_leave else 1.0
    wishes = [_wish(chance, SCHOOLS, bundle[0]) if chance.random() < stays else None for bundle in start]
    new = [_fresh(chance, SCHOOLS) for _ in range(chance.choice([0, 0, 1, 2, 4]))]
    return _drawn(SCHOOLS, manage, start, wishes, new)


def _courses(chance: Random, manage: Manage | None, schools: Drawn) -> Drawn:
    homes = [_named(row) for row in schools.live] or [{}]
    stranger: Fields = chance.choice([{}, {"school_id": _uuid(chance)}])
    homes.append(stranger)
    size = chance.choice([0, 1, 3, 6, 10])
    start = _with_a_copy(chance, [_row(chance, COURSES, chance.choice(homes)) for _ in range(size)])
    final = [_named(row) for row in schools.final_rows]
    left = pointers(schools.live) - pointers(schools.final_rows)
    wishes = [_course_wish(chance, bundle[0], final, left) if chance.random() < 0.7 else None for bundle in start]
    count = chance.choice([0, 0, 1, 3, 5]) if final else 0
    return _drawn(
        COURSES, manage, start, wishes, [{**_fresh(chance, COURSES), **chance.choice(final)} for _ in range(count)]
    )


def _course_wish(chance: Random, row: Fields, final: Sequence[Fields], left: set[tuple[str, str]]) -> Fields | None:
    """What is wanted of a course; one whose school leaves moves to another school, or leaves too."""
    must = pointer(row) in left
    if must and not final:
        return None
    moved = must or (bool(final) and chance.random() < 0.2)
    to = {"school_id": None, "school_ref_id": None, **chance.choice(final)} if moved else {}
    return {**_wish(chance, COURSES, row), **to}


def _drawn(
    kind: Kind,
    manage: Manage | None,
    start: Sequence[Sequence[Fields]],
    wishes: Sequence[Fields | None],
    new: Sequence[Fields],
) -> Drawn:
    kept: list[tuple[str, frozenset[str]]] = []
    final: list[Fields] = []
    wishes, new = (wishes, new) if manage else ([None] * len(start), [])
    for bundle, wish in zip(start, wishes, strict=True):
        rows = sorted(bundle, key=lambda row: (text({**row, "extra": None}), json.dumps(row, sort_keys=True)))
        after = [{**row, **wish} if wish else row for row in rows]
        name = ident(kind, rows[0])
        if manage != "exact":
            kept += [(name, frozenset({text(row), text(then)})) for row, then in zip(rows, after, strict=True)]
            final += after
        elif wish is not None:
            kept.append((name, frozenset(map(text, [*rows, *after]))))
            final.append(
                next((row for row, then in zip(rows, after, strict=True) if text(row) == text(then)), after[0])
            )
    final += [{"selected": True, **fields} for fields in new]
    live = tuple(row for bundle in start for row in bundle)
    allowed = {text(row) for row in (*live, *final)} | {one for _, texts in kept for one in texts}
    rows_wanted = [wish for wish in wishes if wish is not None] + [*new]
    wanted = DesiredList(kind, tuple(map(DesiredRow, rows_wanted)), manage) if manage else None
    return Drawn(kind, live, wanted, tuple(kept), frozenset(allowed), tuple(sorted(map(text, final))), tuple(final))


def _with_a_copy(chance: Random, rows: list[Fields]) -> list[list[Fields]]:
    """Each row alone, but for one that sometimes shares its id with a second one."""
    bundles = [[row] for row in rows]
    named = [bundle for bundle in bundles if {"school_id", "course_id"} & bundle[0].keys() and "copy" not in bundle[0]]
    if named and chance.random() < 0.12:
        bundle = chance.choice(named)
        bundle.append({**bundle[0], "extra": {"copy": 1}, "keywords": "copied"})
    return bundles


def _row(chance: Random, kind: Kind, school: Fields) -> Fields:
    more = {"selected": chance.choice([True, False, None]), "extra": {"number": chance.getrandbits(30)}}
    return {**_fresh(chance, kind), "keywords": chance.choice(["math", None, "<b>"]), **more, **school}


def _fresh(chance: Random, kind: Kind) -> Fields:
    """A row of its own; a few have no id, and are known by a reference or a local id."""
    number = f"{chance.getrandbits(30):08x}"
    if chance.random() < 0.92:
        name: Fields = {kind.id_field: _uuid(chance), **({"local_id": number} if chance.random() < 0.4 else {})}
    else:
        name = {kind.ref_field if kind is SCHOOLS or chance.random() < 0.5 else "local_id": f"R{number}"}
    return {**name, "name": f"{kind.singular} {number}"}


def _wish(chance: Random, kind: Kind, row: Fields) -> Fields:
    """What a file says of a row that is live: its name for us, and perhaps another field or two."""
    known = next(field for field in (kind.id_field, kind.ref_field, "local_id") if row.get(field))
    changed: list[Fields] = [
        {},
        {},
        {"name": f"Renamed {row['name']}"},
        {"keywords": None},
        {"keywords": "new", "selected": True},
    ]
    return {known: row[known], **chance.choice(changed)}


def _named(school: Row) -> Fields:
    """How a course points at that school."""
    field = "school_id" if school.get("school_id") else "school_ref_id"
    return {field: school[field]}


def _uuid(chance: Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
