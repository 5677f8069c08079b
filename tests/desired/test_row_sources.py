"""Row files: what `from:` may name, and what becomes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.desired.conftest import Folder


def test_rows_of_a_csv_know_their_lines(folder: Folder) -> None:
    folder.tenant("schools:\n  - {school_id: z}\n  - from: rows.csv\n")
    folder.write("tenants/rows.csv", 'school_id,name\na,"two\nlines"\nb,B\n')
    rows = folder.one().lists["schools"].rows
    assert [(row.fields["school_id"], row.origin) for row in rows] == [
        ("z", "tenants/a.yaml:4"),
        ("a", "tenants/rows.csv:2"),
        ("b", "tenants/rows.csv:4"),
    ]


def test_rows_of_a_yaml_list_know_their_lines(folder: Folder) -> None:
    folder.tenant("schools: [{from: ../rows/north.yaml}]\n")
    folder.write("rows/north.yaml", "# north\n- school_id: a\n  protect: true\n- {school_id: b}\n")
    rows = folder.one().lists["schools"].rows
    assert [(row.origin, row.protect) for row in rows] == [("rows/north.yaml:2", True), ("rows/north.yaml:4", False)]
    assert dict(rows[0].fields) == {"school_id": "a"}


def test_a_glob_takes_its_files_in_order_but_no_hidden_ones(folder: Folder) -> None:
    folder.tenant("schools: [{from: rows/*.csv}]\n")
    for name in ("b", "a", ".#a"):
        folder.write(f"tenants/rows/{name}.csv", f"school_id\n{name}\n")
    assert [row.fields["school_id"] for row in folder.one().lists["schools"].rows] == ["a", "b"]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("/etc/passwd", "must be a relative path"),
        ("~/rows.csv", "must be a relative path"),
        ("../../rows.csv", "leaves the project"),
        ("x/../../../rows.csv", "leaves the project"),
        ("missing.csv", "missing.csv: there is no such file"),
        ("missing/*.csv", "matches no file"),
        ("**x/*.csv", "no glob"),
        ("folder.csv", "this is a folder"),
        ("fifo.csv", "this is a FIFO"),
        ("device.csv", "outside of the project"),
        ("outside.csv", "outside of the project"),
    ],
)
def test_a_from_that_cannot_be_followed_is_refused_where_it_stands(folder: Folder, pattern: str, words: str) -> None:
    folder.tenant(f"schools:\n  - from: '{pattern}'\n")
    (folder.root / "tenants/folder.csv").mkdir()
    os.mkfifo(folder.root / "tenants/fifo.csv")
    (folder.root / "tenants/device.csv").symlink_to("/dev/zero")
    (folder.root.parent / "outside.csv").write_text("school_id\na\n")
    (folder.root / "tenants/outside.csv").symlink_to("../../outside.csv")
    problem = folder.error()
    assert problem.place == "tenants/a.yaml:4:11"
    assert words in problem.message


def test_a_file_that_is_named_twice_is_refused(folder: Folder) -> None:
    folder.tenant("schools: [{from: rows.csv}, {from: 'row*.csv'}]\n")
    folder.write("tenants/rows.csv", "school_id\na\n")
    assert folder.error().message == "tenants/rows.csv is named a second time"


def test_what_the_schema_refuses_in_a_csv_is_at_its_cell(folder: Folder) -> None:
    folder.tenant("schools: [{from: rows.csv}]\n")
    folder.write("tenants/rows.csv", "school_id\na\nb/c\nd\n..\n")
    assert [(problem.place, problem.excerpt) for problem in folder.errors()] == [
        ("tenants/rows.csv:3:1", "b/c"),
        ("tenants/rows.csv:5:1", ".."),
    ]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("- {school_id: a}\n- {school_id: 12}\n", "rows/r.yaml:2:15", "must be an id"),
        ("- {school_id: a}\n- from: other.yaml\n", "rows/r.yaml:2:9", "cannot name further files"),
        ("schools: []\n", "rows/r.yaml:1:1", "no list of rows"),
        ("null\n", "rows/r.yaml:1:1", "no list of rows"),
        ("- {school_id: 'a\n", "rows/r.yaml:1:15", "never closed"),
        ("", "rows/r.yaml:1:1", "the file is empty"),
    ],
)
def test_a_fault_in_a_yaml_row_file_is_at_its_place(folder: Folder, text: str, place: str, words: str) -> None:
    folder.tenant("schools: [{from: ../rows/*.yaml}]\n")
    folder.write("rows/r.yaml", text)
    problem = folder.error()
    assert problem.place == place
    assert words in problem.message


def test_an_entry_that_names_files_says_nothing_else(folder: Folder) -> None:
    folder.tenant("schools:\n  - {from: rows.csv, name: x}\n")
    assert folder.error().place == "tenants/a.yaml:4:22"
