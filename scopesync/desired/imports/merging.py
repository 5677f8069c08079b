"""Import into files that are there: texts of a tenant's files, brought up to what is live.

Belongs here: which file a row goes to, and that all else in the files is kept. Does not belong here: what becomes of
each row (`reconciling`), files of tenants that have none yet (`new_files`), putting texts on a disk (`importing`).
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from scopesync.desired.fmt import csv_bytes, yaml_bytes
from scopesync.desired.imports.drafting import NO_SCHOOL, LeftOut, drafted, without_lost_schools
from scopesync.desired.imports.new_files import is_table
from scopesync.desired.imports.reconciling import Left, reconcile
from scopesync.desired.layout.tree import Entry, laid_out
from scopesync.desired.layout.tree_edits import Moves, edit, manage_additively
from scopesync.desired.layout.tree_reader import layout
from scopesync.desired.row_sources import gather
from scopesync.desired.sources import csv_reader
from scopesync.desired.sources.text_file import decode, is_csv
from scopesync.desired.sources.yaml_file import parse_yaml, read_yaml
from scopesync.desired.tenant_file import load_tenant
from scopesync.errors import ConfigurationError
from scopesync.model import KINDS
from scopesync.school_links import SchoolDirectory

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from scopesync.desired.imports.drafting import Draft
    from scopesync.desired.imports.reconciling import Reconciled
    from scopesync.desired.layout.tree import Collection
    from scopesync.desired.project import Project
    from scopesync.desired.row_sources import Gathered, PlacedRow
    from scopesync.model import DesiredTenant, Kind, ListName, LiveTenant, Row

NOT_MANAGED = "the file does not mention this list; --force adds it"
SHARED = "its rows are in a file that other tenants use too"


@dataclass(frozen=True, slots=True)
class Merged:
    """What becomes of a tenant's files.

    `files` are new bytes by name, the tenant file last; `left` stays as the files have it, `left_out` is what no file
    can say of the live lists; `additive` names lists of which whole rows are left out, and which are managed so now.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    left: tuple[Left, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    additive: tuple[ListName, ...] = ()
    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(slots=True)
class _List:
    """One list on its way: where its rows are (None: the file does not mention it), and what becomes of them.

    `done` is None where all of the list is left.
    """

    file: str
    draft: Draft
    found: Gathered | None
    done: Reconciled | None = None

    @property
    def kind(self) -> Kind:
        return self.draft.kind

    @property
    def rows(self) -> Sequence[PlacedRow]:
        return self.found.rows if self.found is not None else ()

    @property
    def files(self) -> Sequence[str]:
        return self.found.files if self.found is not None else ()

    @property
    def target(self) -> str:
        """Where new rows go: to the row file that holds all of the list, else to the tenant file."""
        places = {*self.files, *(row.source.name for row in self.rows)}
        return places.pop() if len(places) == 1 else self.file


def merge(project: Project, tenant: DesiredTenant, live: LiveTenant, *, shared: Container[str], force: bool) -> Merged:
    """The files of a tenant that has some, with its lists brought up to the live ones and everything else kept.

    Without `force` rows are added and nothing else is touched. `shared` holds row files that other tenants use too:
    they are left. What would not be accepted when it is read back is left as it was, as a whole.
    """
    assert tenant.origin is not None
    file = read_yaml(project.root, tenant.origin)
    value = file.value
    lists = []
    for kind in KINDS:
        found = gather(project.root, file.places, value[kind.name], kind) if kind.name in value else None
        lists.append(_List(tenant.origin, drafted(kind, live.listing(kind).rows), found))
    schools = SchoolDirectory(live.schools.rows)
    left = [note for one in lists for note in _decide(one, value, shared, schools, force=force)]
    lost = _keep_families(lists, value, force=force)
    root = layout(file)
    texts = _texts(project, root, lists, force=force)
    if refusal := _refusal(project, tenant.origin, texts, lists):
        return Merged(left=(Left(tenant.origin, f"what is live would not be accepted in it: {refusal}"),))
    return _merged(texts, lists, left, lost, force=force)


def _decide(
    one: _List, value: Mapping[str, Any], shared: Container[str], schools: SchoolDirectory, *, force: bool
) -> Sequence[Left]:
    """Decide on every row of a list; says what is left of it, or that all of it is."""
    if one.found is None and not force:
        return [Left(f"{one.kind.name} of {one.file}", NOT_MANAGED)] if one.draft.live or one.draft.left_out else []
    defaults = value.get("defaults", {}).get(one.kind.name, {})
    done = reconcile(
        one.rows, one.draft, defaults=defaults, force=force, added_to_csv=is_csv(one.target), schools=schools
    )
    one.done = done
    if any(name in shared and _moves(one, name) for name in one.files):
        one.done = None
        return [Left(f"{one.kind.name} of {one.file}", SHARED)]
    return done.left


def _keep_families(lists: Sequence[_List], value: Mapping[str, Any], *, force: bool) -> list[LeftOut]:
    """No course that is written may name a school that the files lack, where they are to have all of them."""
    schools, courses = lists
    if courses.done is None or value.get("manage", {}).get(schools.kind.name) == "additive":
        return []
    if schools.done is not None:
        known: list[Row] = [*schools.done.added, *(row for row in schools.done.rows if row is not None)]
    elif schools.found is not None:
        known = [row.fields for row in schools.rows]
    else:
        return []
    rows = [*courses.done.added, *(row for row in courses.done.rows if force and row is not None)]
    lost = without_lost_schools(known, rows, courses.kind, courses.draft.at_several_schools)
    if lost.dropped:
        courses.done.added = [row for row in courses.done.added if not lost.drops(row)]
        courses.done.rows = [None if lost.drops(row) else row for row in courses.done.rows]
        courses.done.is_partial = True
    return [*lost.left_out, *(LeftOut(courses.kind.name, row, NO_SCHOOL) for row in lost.dropped)]


def _moves(one: _List, name: str) -> Moves:
    """What happens to a list in the file of that name."""
    if one.done is None:
        return Moves((), (), ())
    pairs = [(row.fields, new) for row, new in zip(one.rows, one.done.rows, strict=True) if row.source.name == name]
    added = one.done.added if name == one.target else []
    return Moves([old for old, _ in pairs], [new for _, new in pairs], added)


def _texts(project: Project, root: Collection, lists: Sequence[_List], *, force: bool) -> dict[str, bytes]:
    """The new bytes of every file in which something moves, the tenant file last."""
    texts: dict[str, bytes] = {}
    touched = False
    for one in lists:
        for name in one.files:
            if moves := _moves(one, name):
                texts[name] = _row_file(project.root, name, one.kind, moves)
        if one.done is not None and one.found is None:
            texts.update(_add_list(project, root, one))
            touched = True
        elif moves := _moves(one, one.file):
            entry = root.get(one.kind.name)
            assert entry is not None
            edit(entry.value, moves)
            touched = True
        if force and one.done is not None and one.done.is_partial:
            touched |= manage_additively(root, one.kind)
    if touched:
        file = lists[0].file
        texts[file] = yaml_bytes(root, "tenant", like=(project.root / file).read_bytes())
    return texts


def _row_file(root: Path, name: str, kind: Kind, moves: Moves) -> bytes:
    before = (root / name).read_bytes()
    source = decode(before, name)
    if is_csv(name):
        rows = [*(row for row in moves.after if row is not None), *moves.added]
        return csv_bytes(rows, kind, header=csv_reader.read(source, kind).header, like=before)
    tree = layout(parse_yaml(source))
    edit(tree, moves)
    return yaml_bytes(tree, kind, like=before)


def _add_list(project: Project, root: Collection, one: _List) -> dict[str, bytes]:
    """A list that the tenant file does not mention yet: in it, or, where it is long, in a CSV beside it."""
    assert one.done is not None
    path = PurePosixPath(one.file)
    name = f"{path.stem}.{one.kind.name}.csv"
    beside, rows = str(path.parent / name), one.done.added
    is_long = is_table(rows, one.kind, project.csv_over_rows) and not (project.root / beside).exists()
    root.entries.append(Entry(laid_out([{"from": name}] if is_long else rows), one.kind.name))
    return {beside: csv_bytes(rows, one.kind)} if is_long else {}


def _refusal(project: Project, file: str, texts: Mapping[str, bytes], lists: Sequence[_List]) -> str | None:
    """What would be wrong with the tenant's files if `texts` were written: they are read back from another folder."""
    names = {file, *texts, *(name for one in lists for name in one.files)}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(texts.get(name) or (project.root / name).read_bytes())
        try:
            read = load_tenant(root, file, connections=project.connections, today=date.min)
        except ConfigurationError as error:
            return error.problems[0].message
    return next((problem.message for problem in read.problems if problem.severity == "error"), None)


def _merged(
    texts: Mapping[str, bytes], lists: Sequence[_List], left: Sequence[Left], lost: Sequence[LeftOut], *, force: bool
) -> Merged:
    done = [(one, one.done) for one in lists if one.done is not None]
    pairs = [pair for one, made in done for pair in zip(one.rows, made.rows, strict=True)]
    return Merged(
        files=texts,
        left=tuple(left),
        left_out=(*(note for _, made in done for note in made.left_out), *lost),
        additive=tuple(one.kind.name for one, made in done if force and made.is_partial),
        added=sum(len(made.added) for _, made in done),
        changed=sum(new is not None and new != row.fields for row, new in pairs),
        removed=sum(new is None for _, new in pairs),
    )
