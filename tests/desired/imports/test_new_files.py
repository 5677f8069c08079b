from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scopesync.desired.imports.new_files import Written, tenant_file
from scopesync.desired.project import load_project
from scopesync.model import COURSES, SCHOOLS, Kind, ListName, Row, Tenant
from tests.desired.conftest import PROJECT, TODAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scopesync.model import DesiredTenant

SPRINGFIELD = Tenant("7b0e0c0e", "Springfield Unified (West)")


def write(lists: Mapping[ListName, Sequence[Row]], *, csv_over_rows: int = 200) -> Written:
    return tenant_file(SPRINGFIELD, stem="springfield", lists=lists, csv_over_rows=csv_over_rows)


def read(written: Written) -> DesiredTenant:
    """What `load_project` makes of the files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "tenants").mkdir()
        (root / "scopesync.yaml").write_text(PROJECT)
        for name, text in written.files.items():
            (root / "tenants" / name).write_bytes(text.encode())
        (tenant,) = load_project(root, today=TODAY).tenants
        return tenant


def test_a_file_reads_as_if_a_person_had_written_it() -> None:
    written = tenant_file(
        SPRINGFIELD,
        stem="springfield",
        connection="us2",
        labels={"region": "no"},
        lists={
            "schools": [
                {"school_id": "5f2", "name": "Zoë's School, North", "account_id": "x", "colour": "red"},
                {"school_id": "5f1", "name": "Art\tSchool", "local_id": "0042", "keywords": "no", "selected": True},
            ],
            "courses": [],
        },
    )
    assert written.left_out == ()
    assert written.files == {
        "springfield.yaml": """\
# yaml-language-server: $schema=../schemas/tenant.schema.json
# Springfield Unified (West)
version: 1
tenant: "7b0e0c0e"
connection: us2
labels:
  region: "no"
schools:
  - school_id: "5f1"
    name: "Art\\tSchool"
    local_id: "0042"
    keywords: "no"
    selected: true
  - school_id: "5f2"
    name: Zoë's School, North
courses: []
""",
    }


def test_courses_stand_by_their_school_then_by_their_name() -> None:
    schools = [{"school_id": "1", "name": "Zoo"}, {"school_id": "2", "name": "art"}]
    courses = [
        {"course_id": "a", "school_id": "1", "name": "Algebra"},
        {"course_id": "b", "school_id": "2", "name": "Biology"},
        {"course_id": "c", "school_id": "2", "name": "algebra"},
    ]
    rows = read(write({"schools": schools, "courses": courses})).lists["courses"].rows
    assert [row.fields["course_id"] for row in rows] == ["a", "c", "b"]


def test_a_long_list_is_a_csv_beside_the_file() -> None:
    schools = [{"school_id": str(number), "name": 'A "b", c\nd' if number else None} for number in range(3)]
    written = write({"schools": schools}, csv_over_rows=2)
    assert written.files["springfield.schools.csv"] == ('school_id,name\n0,\n1,"A ""b"", c\nd"\n2,"A ""b"", c\nd"\n')
    assert "schools:\n  - from: springfield.schools.csv\n" in written.files["springfield.yaml"]


@pytest.mark.parametrize("name", ["", "a\n=======\nb"])
def test_what_a_csv_cannot_hold_stays_in_yaml(name: str) -> None:
    written = write({"schools": [{"school_id": "a", "name": name}]}, csv_over_rows=0)
    assert list(written.files) == ["springfield.yaml"]
    assert read(written).lists["schools"].rows[0].fields["name"] == name


@pytest.mark.parametrize(
    "row",
    [
        {"school_id": "a/b"},
        {"school_id": "."},
        {"name": "x"},
        {"school_id": "ok", "local_id": "shared"},
        {"local_id": "shared"},
    ],
    ids=["slash", "dot", "nameless", "twice", "ambiguous"],
)
def test_a_row_that_cannot_be_written_is_reported_and_never_removed(row: dict[str, Any]) -> None:
    kept: Row = {"school_id": "ok", "local_id": "shared"}
    written = write({"schools": [kept, row]})
    assert [(left.row, left.fields) for left in written.left_out] == [(row, ())]
    schools = read(written).lists["schools"]
    assert [row.fields for row in schools.rows] == [kept]
    assert schools.manage == "additive"


def test_copies_of_an_id_that_are_not_alike_are_all_left_out() -> None:
    """A plan would bring all of them to what the file says of one."""
    written = write({"schools": [{"school_id": "a", "name": "x"}, {"school_id": "b"}, {"school_id": "a", "name": "y"}]})
    assert [left.row["name"] for left in written.left_out] == ["x", "y"]
    assert written.additive == ("schools",)
    assert [row.fields for row in read(written).lists["schools"].rows] == [{"school_id": "b"}]


def test_a_value_that_cannot_be_written_keeps_its_live_value() -> None:
    written = write({"schools": [{"school_id": "a", "name": "bell\a", "local_id": " 1"}]})
    assert [left.fields for left in written.left_out] == [("name", "local_id")]
    schools = read(written).lists["schools"]
    assert [row.fields for row in schools.rows] == [{"school_id": "a"}]
    assert schools.manage == "exact"


def test_a_course_of_a_school_that_is_not_live_is_read_back_without_it() -> None:
    written = write({"schools": [{"school_id": "a"}], "courses": [{"course_id": "c", "school_id": "gone"}]})
    assert [left.fields for left in written.left_out] == [("school_id",)]
    assert [row.fields for row in read(written).lists["courses"].rows] == [{"course_id": "c"}]


NAMES = st.text(max_size=12) | st.sampled_from(
    [
        "=HYPERLINK(1)",
        "a: b",
        "- a",
        "# a",
        "no",
        "1e3",
        "0042",
        "12:30",
        "2024-01-01",
        "~",
        "null",
        "'",
        '"',
        "a ",
        " a",
        "a\r\nb",
        "\r",
        "\n",
        "%",
        "@a",
        "`a",
        "!a",
        "&a",
        "*a",
        "?",
        "|",
        ">",
        "{a}",
        "[a]",
        "\ufeff",
        "\u2028",
        "\x85",
        "�",
    ]
)
IDS = st.text(st.characters(exclude_categories=["C", "Z", "P"]), min_size=1, max_size=5) | st.sampled_from(
    ["0042", "1e3", "a/b"]
)


def rows(kind: Kind) -> st.SearchStrategy[list[dict[str, Any]]]:
    text = {name: IDS if name.endswith("_id") else NAMES for name in kind.fields if name != "selected"}
    fields: dict[str, st.SearchStrategy[Any]] = {name: values | st.none() for name, values in text.items()}
    return st.lists(
        st.fixed_dictionaries({}, optional=fields | {"selected": st.booleans(), "new": st.just(1)}), max_size=5
    )


@given(rows(SCHOOLS), rows(COURSES), st.sampled_from([0, 2, 200]))
@example([{"school_id": "a", "name": "\r"}], [], 0)
@example([{"school_id": "a", "name": "x\n<<<<<<< HEAD"}], [], 0)
@example([{"school_ref_id": "R", "school_id": "a"}, {"school_ref_id": "R"}], [{"course_ref_id": "R"}], 0)
def test_what_is_written_is_read_back(schools: list[Row], courses: list[Row], csv_over_rows: int) -> None:
    live: dict[Kind, list[Row]] = {SCHOOLS: schools, COURSES: courses}
    written = write({"schools": schools, "courses": courses}, csv_over_rows=csv_over_rows)
    tenant = read(written)
    for kind, listed in live.items():
        whole = [left.row for left in written.left_out if left.list == kind.name and not left.fields]
        partly = [left for left in written.left_out if left.list == kind.name and left.fields]
        desired = tenant.lists[kind.name]
        assert len(desired.rows) + len(whole) == len(listed)
        assert (desired.manage == "additive") == bool(whole)
        skipped = {name for left in partly for name in left.fields}
        expected = [known(row, kind, skipped) for row in listed if not any(row is one for one in whole)]
        found = [known(row.fields, kind, skipped) for row in desired.rows]
        assert sorted(expected, key=repr) == sorted(found, key=repr)


def known(row: Row, kind: Kind, skipped: set[str]) -> list[tuple[str, Any]]:
    """The fields that a file says, nulls apart; `skipped` are those that some row had to leave out."""
    return [(name, row[name]) for name in kind.fields if row.get(name) is not None and name not in skipped]
