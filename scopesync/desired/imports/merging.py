"""Import into existing files: update the text of a tenant's files to the live lists.

Belongs here: which file a row goes to, and keeping everything else in the files. Does not belong here: the decision on
each row (`reconciling`), files for tenants that have none yet (`new_files`), writing to disk (`importing`).
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
    """The result for one tenant.

    `files` maps names to new bytes, the tenant file last. `left`: what stays as the files have it. `left_out`: live
    values and rows that no file can express. `additive`: lists that are now managed additively, because whole rows of
    them are left out.
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
    """One list while it is merged.

    `found`: the rows in the files, None if the tenant file does not mention the list. `done`: the decisions on these
    rows, None if the whole list stays as it is.
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
        """The file for new rows: the row file that holds the whole list, else the tenant file."""
        holders = set(self.files)
        holders.update(row.source.name for row in self.rows)
        return holders.pop() if len(holders) == 1 else self.file


def merge(project: Project, tenant: DesiredTenant, live: LiveTenant, *, shared: Container[str], force: bool) -> Merged:
    """The files of a tenant with its lists updated to the live ones, and everything else kept.

    Without `force` rows are added and nothing else is changed. `shared` holds the row files that other tenants use too:
    they are not changed. If the result would not be valid, no file of the tenant is changed.
    """
    assert tenant.origin is not None
    file = read_yaml(project.root, tenant.origin)
    value = file.value
    lists: list[_List] = []
    for kind in KINDS:
        found = None
        if kind.name in value:
            found = gather(project.root, file.places, value[kind.name], kind)
        lists.append(_List(tenant.origin, drafted(kind, live.listing(kind).rows), found))
    schools = SchoolDirectory(live.schools.rows)
    left: list[Left] = []
    for one in lists:
        left += _decide(one, value, shared, schools, force=force)
    lost = _keep_families(lists, value, force=force)
    texts = _texts(project, layout(file), lists, force=force)
    refusal = _refusal(project, tenant.origin, texts, lists)
    if refusal is not None:
        return Merged(left=(Left(tenant.origin, f"with the live rows it would not be valid: {refusal}"),))
    return _merged(texts, lists, left, lost, force=force)


def _decide(
    one: _List, value: Mapping[str, Any], shared: Container[str], schools: SchoolDirectory, *, force: bool
) -> Sequence[Left]:
    """Decide on every row of a list; returns the rows that stay as they are, or the whole list as one."""
    whole_list = f"{one.kind.name} of {one.file}"
    if one.found is None and not force:
        has_live_rows = bool(one.draft.live or one.draft.left_out)
        return [Left(whole_list, NOT_MANAGED)] if has_live_rows else []
    one.done = reconcile(
        one.rows,
        one.draft,
        defaults=value.get("defaults", {}).get(one.kind.name, {}),
        force=force,
        added_to_csv=is_csv(one.target),
        schools=schools,
    )
    changes_shared_file = any(name in shared and _moves(one, name) for name in one.files)
    if changes_shared_file:
        one.done = None
        return [Left(whole_list, SHARED)]
    return one.done.left


def _keep_families(lists: Sequence[_List], value: Mapping[str, Any], *, force: bool) -> list[LeftOut]:
    """Do not write a course that names a school which the files lack, unless schools are managed additively."""
    schools, courses = lists
    is_additive = value.get("manage", {}).get(schools.kind.name) == "additive"
    if courses.done is None or is_additive:
        return []
    if schools.done is not None:
        known: list[Row] = [*schools.done.added, *(row for row in schools.done.rows if row is not None)]
    elif schools.found is not None:
        known = [row.fields for row in schools.rows]
    else:
        return []
    rows = list(courses.done.added)
    if force:  # without it, rows that are already in the files are not changed
        rows += [row for row in courses.done.rows if row is not None]
    lost = without_lost_schools(known, rows, courses.kind, courses.draft.at_several_schools)
    if lost.dropped:
        courses.done.added = [row for row in courses.done.added if not lost.drops(row)]
        courses.done.rows = [None if lost.drops(row) else row for row in courses.done.rows]
        courses.done.is_partial = True
    dropped = [LeftOut(courses.kind.name, row, NO_SCHOOL) for row in lost.dropped]
    return lost.left_out + dropped


def _moves(one: _List, name: str) -> Moves:
    """The changes to a list in the file of that name."""
    if one.done is None:
        return Moves((), (), ())
    before: list[Row] = []
    after: list[dict[str, Any] | None] = []
    for row, new in zip(one.rows, one.done.rows, strict=True):
        if row.source.name == name:
            before.append(row.fields)
            after.append(new)
    added = one.done.added if name == one.target else []
    return Moves(before, after, added)


def _texts(project: Project, root: Collection, lists: Sequence[_List], *, force: bool) -> dict[str, bytes]:
    """The new bytes of every file that changes, the tenant file last."""
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
        kept = [row for row in moves.after if row is not None]
        header = csv_reader.read(source, kind).header
        return csv_bytes([*kept, *moves.added], kind, header=header, like=before)
    tree = layout(parse_yaml(source))
    edit(tree, moves)
    return yaml_bytes(tree, kind, like=before)


def _add_list(project: Project, root: Collection, one: _List) -> dict[str, bytes]:
    """Add a list that the tenant file does not mention yet: a short one inline, a long one as a CSV beside the file.

    Returns the bytes of the CSV by name, nothing for an inline list.
    """
    assert one.done is not None
    path = PurePosixPath(one.file)
    csv_name = f"{path.stem}.{one.kind.name}.csv"
    csv_path = str(path.parent / csv_name)
    rows = one.done.added
    is_free = not (project.root / csv_path).exists()
    if is_free and is_table(rows, one.kind, project.csv_over_rows):
        root.entries.append(Entry(laid_out([{"from": csv_name}]), one.kind.name))
        return {csv_path: csv_bytes(rows, one.kind)}
    root.entries.append(Entry(laid_out(rows), one.kind.name))
    return {}


def _refusal(project: Project, file: str, texts: Mapping[str, bytes], lists: Sequence[_List]) -> str | None:
    """The first error that the tenant's files would have with `texts`, None if they are valid.

    The files are written to a temporary folder and read back.
    """
    names = {file, *texts}
    for one in lists:
        names.update(one.files)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in names:
            copy = root / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(texts.get(name) or (project.root / name).read_bytes())
        try:
            read = load_tenant(root, file, connections=project.connections, today=date.min)
        except ConfigurationError as error:
            return error.problems[0].message
    return next((problem.message for problem in read.problems if problem.severity == "error"), None)


def _merged(
    texts: Mapping[str, bytes], lists: Sequence[_List], left: Sequence[Left], lost: Sequence[LeftOut], *, force: bool
) -> Merged:
    left_out: list[LeftOut] = []
    additive: list[ListName] = []
    added = changed = removed = 0
    for one in lists:
        if one.done is None:
            continue
        left_out += one.done.left_out
        if force and one.done.is_partial:
            additive.append(one.kind.name)
        added += len(one.done.added)
        for row, new in zip(one.rows, one.done.rows, strict=True):
            if new is None:
                removed += 1
            elif new != row.fields:
                changed += 1
    return Merged(
        files=texts,
        left=tuple(left),
        left_out=(*left_out, *lost),
        additive=tuple(additive),
        added=added,
        changed=changed,
        removed=removed,
    )
