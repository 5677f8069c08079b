"""Import into files that are there: what is kept, what is added, what becomes live, and that a plan is empty then."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.desired.imports.importing import import_tenants
from scopesync.desired.project import load_project
from scopesync.model import COURSES, SCHOOLS, Guards, Identity, Kind, LiveTenant, Row, Tenant
from scopesync.plan.planner import plan_tenant
from scopesync.row_identity import listing
from tests.desired.conftest import HEAD, PROJECT, TODAY, Folder
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.desired.imports.merging import Merged
    from scopesync.plan.types import Change

ID = "7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11"


def live(schools: Sequence[Row] = (), courses: Sequence[Row] = ()) -> LiveTenant:
    identity = Identity("verified", "the test says so")
    listings = listing(SCHOOLS, tuple(schools)), listing(COURSES, tuple(courses))
    return LiveTenant(Tenant(ID, "Springfield"), *listings, identity)


def run(folder: Folder, now: LiveTenant, *, force: bool = False) -> Merged:
    (done,) = import_tenants(folder.load(), [(now, "us2")], force=force)
    return done.merged


def text(folder: Folder, name: str = "tenants/a.yaml") -> str:
    return (folder.root / name).read_bytes().decode()


def changes(folder: Folder, now: LiveTenant) -> list[Change]:
    """What a plan would change right after."""
    plan = plan_tenant(folder.one(), now, guards=Guards())
    return [change for part in plan.lists for change in part.changes]


KEPT = """\
# yaml-language-server: $schema=../schemas/tenant.schema.json
# Springfield, as agreed
version: 1
tenant: 7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11
name: springfield
labels: {region: midwest}
credentials: {client_id: env:A, client_secret: env:B} # from the vault
defaults: {schools: {keywords: math}}
manage: {courses: additive}
schools: # the north
  - school_id: "a" # the oldest
    name: Art
    protect: true
  - {school_id: "b", name: Beacon}
  - school_id: "z" # not yet
courses:
  - from: courses.csv
allow:
  - {guard: max-removals, list: courses, count: 4, reason: Rollover, expires: 2099-12-31}
# the end
"""
LIVE = live(
    [
        {"school_id": "a", "name": "Arts", "keywords": "math"},
        {"school_id": "b", "name": "Beacon", "keywords": None, "colour": "red"},
        {"school_id": "c", "name": "no", "account_id": "x"},
    ],
    [{"course_id": "1", "school_id": "a", "name": "One"}, {"course_id": "2", "school_id": "c", "name": "Two"}],
)


@pytest.fixture
def kept(folder: Folder) -> Folder:
    folder.write("tenants/a.yaml", KEPT)
    folder.write("tenants/courses.csv", "name,course_id,school_id\r\nEdited,1,a\r\n")
    return folder


def test_without_force_rows_are_added_and_edits_are_left_and_named(kept: Folder) -> None:
    merged = run(kept, LIVE)
    added = '  - school_id: "c"\n    name: "no"\n    keywords: null\n'
    expected = KEPT.replace("courses:\n  - from", added + "courses:\n  - from").replace(
        "7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11", f'"{ID}"'
    )
    expected = expected.replace('  - school_id: "z" # not yet\n', "").replace(
        "# the north\n", '# the north\n  - school_id: "z" # not yet\n'
    )
    assert text(kept) == expected
    assert text(kept, "tenants/courses.csv") == "course_id,school_id,name\r\n1,a,Edited\r\n2,c,Two\r\n"
    assert [(left.place, left.reason.split(";")[0]) for left in merged.left] == [
        ("tenants/a.yaml:11", "edited here"),
        ("tenants/a.yaml:14", "edited here"),
        ("tenants/a.yaml:15", "it is not live"),
        ("tenants/courses.csv:2", "edited here"),
    ]
    assert (merged.added, merged.changed, merged.removed) == (2, 0, 0)


def test_with_force_the_lists_become_live_and_all_else_is_kept(kept: Folder) -> None:
    merged = run(kept, LIVE, force=True)
    assert (merged.added, merged.changed, merged.removed, merged.left) == (2, 3, 1, ())
    schools = """\
schools: # the north
  - school_id: "a" # the oldest
    name: Arts
    protect: true
  - {school_id: "b", name: Beacon, keywords: null}
  - school_id: "c"
    name: "no"
    keywords: null
"""
    before, after = KEPT.split("schools: # the north\n")
    assert text(kept) == before.replace(ID, f'"{ID}"') + schools + "courses:\n" + after.split("courses:\n")[1]
    assert text(kept, "tenants/courses.csv") == "course_id,school_id,name\r\n1,a,One\r\n2,c,Two\r\n"
    assert changes(kept, LIVE) == []


def test_a_file_that_is_in_sync_is_not_touched(kept: Folder) -> None:
    run(kept, LIVE, force=True)
    kept.write("tenants/a.yaml", text(kept).replace("\n", "\n\n"))
    before = text(kept)
    assert run(kept, LIVE).files == {}
    assert run(kept, LIVE, force=True).files == {}
    assert text(kept) == before


def test_a_list_that_is_not_mentioned_stays_so_without_force(folder: Folder) -> None:
    folder.tenant("schools: []\n")
    merged = run(folder, LIVE)
    assert [left.place for left in merged.left] == ["courses of tenants/a.yaml"]
    assert folder.one().lists.keys() == {"schools"}
    run(folder, LIVE, force=True)
    assert folder.one().lists.keys() == {"schools", "courses"}
    assert changes(folder, LIVE) == []


def test_a_long_list_that_is_new_to_a_file_becomes_a_csv(folder: Folder) -> None:
    folder.write("scopesync.yaml", PROJECT + "import: {csv_over_rows: 1}\n")
    folder.tenant("schools: []\n")
    run(folder, LIVE, force=True)
    assert text(folder, "tenants/a.courses.csv") == "course_id,school_id,name\n1,a,One\n2,c,Two\n"
    assert "schools:\n  - school_id" in text(folder)
    assert changes(folder, LIVE) == []


def test_rows_of_several_files_are_changed_where_they_are_and_added_to_the_tenant_file(folder: Folder) -> None:
    folder.tenant("schools: [{from: '*.csv'}, {from: x.yml}]\n")
    folder.write("tenants/1.csv", "school_id,name\na,Art\n")
    folder.write("tenants/2.csv", "school_id,name\nz,Zoo\n")
    folder.write("tenants/x.yml", "# mine\n- {school_id: b, name: Bee} # best\n")
    run(folder, live(LIVE.schools.rows), force=True)
    assert text(folder, "tenants/1.csv") == "school_id,name\na,Arts\n"
    assert text(folder, "tenants/2.csv") == "school_id,name\n"
    assert text(folder, "tenants/x.yml") == '# mine\n- {school_id: "b", name: Beacon} # best\n'
    assert '  - school_id: "c"\n' in text(folder)
    assert changes(folder, live(LIVE.schools.rows)) == []


def test_a_file_that_two_tenants_use_is_left(folder: Folder) -> None:
    folder.tenant("schools: [{from: s.csv}]\n")
    folder.write("tenants/b.yaml", "version: 1\ntenant: b\nschools: [{from: s.csv}]\n")
    folder.write("tenants/s.csv", "school_id\na\n")
    merged = run(folder, live(LIVE.schools.rows), force=True)
    assert "other tenants" in merged.left[0].reason
    assert text(folder, "tenants/s.csv") == "school_id\na\n"


def test_what_a_csv_cannot_say_over_a_default_is_left(folder: Folder) -> None:
    folder.tenant("defaults: {schools: {keywords: math}}\nschools: [{from: s.csv}]\n")
    folder.write("tenants/s.csv", "school_id\na\n")
    merged = run(folder, live([{"school_id": "a"}, {"school_id": "b"}]), force=True)
    assert [left.place for left in merged.left] == ["tenants/s.csv:2"]
    assert [left.row for left in merged.left_out] == [{"school_id": "b"}]
    assert merged.additive == ("schools",)
    assert text(folder, "tenants/s.csv") == "school_id\na\n"


def test_rows_that_nothing_tells_apart_make_a_list_additive(folder: Folder) -> None:
    folder.tenant("schools: [{school_id: a}]\n")
    now = live([{"school_id": "a"}, {"name": "nameless"}])
    assert run(folder, now).additive == ()
    merged = run(folder, now, force=True)
    assert merged.additive == ("schools",)
    assert "it has no school_id" in merged.left_out[0].reason
    assert folder.one().lists["schools"].manage == "additive"
    assert changes(folder, now) == []


def test_a_row_without_an_id_means_the_live_row_that_it_fits(folder: Folder) -> None:
    folder.tenant("schools: [{local_id: '1', name: old}, {school_ref_id: r}, {local_id: '2', name: x}]\n")
    now = live(
        [{"school_id": "a", "local_id": "1"}, {"school_id": "b", "school_ref_id": "r"}]
        + [{"school_id": identity, "local_id": "2"} for identity in "cd"]
    )
    assert [left.reason.split(";")[0] for left in run(folder, now).left] == [
        "edited here",
        "several live rows match it",
    ]
    assert run(folder, now, force=True).removed == 1
    assert changes(folder, now) == []


# Whatever was in the files, and whatever is live

NAMES = st.sampled_from(
    ["", "Art", "no", "1e3", "a: b", "# a", " a", "a\nb", "\r", "Zoë 🎻", "\u202e", "bell\a", "x\n=======\ny"]
)
IDS = st.sampled_from(["a", "b", "c", "0042", "1e3", "é", "a/b"])


def rows(kind: Kind) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Live rows as the API can hold them: nulls, unknown fields, rows without an id, the same id twice."""
    fields = {name: (IDS if name.endswith("_id") else NAMES) | st.none() for name in kind.fields if name != "selected"}
    optional = fields | {"selected": st.booleans(), "new": st.just(1), "tenant_id": st.just(ID)}
    return st.lists(
        st.fixed_dictionaries({}, optional=optional),
        max_size=5,
    )


LISTS = st.tuples(rows(SCHOOLS), rows(COURSES))
BESIDES = st.tuples(
    st.sampled_from([0, 2, 200]), st.sampled_from(["", "defaults: {courses: {keywords: math}}\n", None])
)


@examples(0.6)
@given(LISTS, LISTS, BESIDES)
def test_import_adds_only_and_after_a_forced_one_a_plan_is_empty(
    then: tuple[list[Row], list[Row]], later: tuple[list[Row], list[Row]], besides: tuple[int, str | None]
) -> None:
    """The files come from one state of the live side, by hand or by import; then that side is another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Folder(Path(name))
        csv_over_rows, more = besides
        folder.write("scopesync.yaml", PROJECT + f"import: {{csv_over_rows: {csv_over_rows}}}\n")
        (folder.root / "tenants").mkdir()
        run(folder, live(*then))
        (file,) = (folder.root / "tenants").glob("*.yaml")
        file.write_text(HEAD if more is None else file.read_text() + more)
        now = live(*later)
        before = folder.one().lists
        run(folder, now)
        after = folder.one().lists
        for key, part in before.items():
            mine = [row.fields for row in after[key].rows]
            assert all(row.fields in mine for row in part.rows)
        merged = run(folder, now, force=True)
        if not merged.left:  # a CSV beside a default: what it cannot say is named
            assert changes(folder, now) == []
        assert {problem.severity for problem in load_project(folder.root, today=TODAY).problems} <= {"warning", "note"}


SCHOOL_ID = "5f0e8c1a-1111-4111-8111-00000000000a"
IN_CAPITALS = f"""\
{HEAD}schools:
  - school_id: "{SCHOOL_ID.upper()}" # the oldest
    name: Art
    protect: true
courses: []
"""


@pytest.mark.parametrize("force", [False, True])
def test_an_id_in_another_spelling_is_the_live_row_and_nothing_changes(folder: Folder, *, force: bool) -> None:
    """Fault 44."""
    folder.write("tenants/a.yaml", IN_CAPITALS)
    done = run(folder, live([{"school_id": SCHOOL_ID, "name": "Art"}]), force=force)
    assert not done.files
    assert text(folder) == IN_CAPITALS


def test_a_course_keeps_its_school_where_only_the_spelling_of_the_id_differs(folder: Folder) -> None:
    folder.write("tenants/a.yaml", HEAD + "schools: []\ncourses: []\n")
    course_id = "0d7a0000-2222-4222-8222-000000000001"
    now = live(
        [{"school_id": SCHOOL_ID, "name": "Art"}],
        [{"course_id": course_id, "school_id": SCHOOL_ID.upper(), "name": "Drawing"}],
    )
    assert not run(folder, now).left_out
    assert text(folder).count(SCHOOL_ID) == 2
    assert not changes(folder, now)


def test_a_course_at_two_schools_is_two_rows_of_the_file(folder: Folder) -> None:
    """Fault 54."""
    folder.write("tenants/a.yaml", HEAD + "schools: []\ncourses: []\n")
    other = SCHOOL_ID.replace("a", "b")
    course_id = "0d7a0000-2222-4222-8222-000000000001"
    now = live(
        [{"school_id": SCHOOL_ID, "name": "Art"}, {"school_id": other, "name": "Bay"}],
        [{"course_id": course_id, "school_id": school, "name": f"At {school}"} for school in (SCHOOL_ID, other)],
    )
    assert run(folder, now).added == 4
    assert not changes(folder, now)
    assert not run(folder, now, force=True).files
