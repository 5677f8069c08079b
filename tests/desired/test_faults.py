"""Faults 1 to 12, as far as files go: each ends in a refusal that says where, and never shows a secret."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.desired.conftest import HEAD

if TYPE_CHECKING:
    from tests.desired.conftest import Folder

MEBIBYTE = 1 << 20


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "{}", "null", HEAD + "schools:\n", HEAD + "schools: null\n"]
)
def test_fault_1_nothing_is_never_taken_for_an_empty_list(folder: Folder, text: str) -> None:
    folder.write("tenants/a.yaml", text)
    assert {problem.file for problem in folder.errors()} == {"tenants/a.yaml"}


def test_fault_1_an_empty_list_that_is_written_out_is_one(folder: Folder) -> None:
    folder.tenant("schools: []\n")
    assert folder.one().lists["schools"].rows == ()


def test_fault_2_a_file_that_is_gone_leaves_no_desire(folder: Folder) -> None:
    folder.tenant("schools: []\n")
    (folder.root / "tenants/a.yaml").unlink()
    assert folder.load().tenants == ()


def test_fault_3_truncated_text_has_a_line_and_a_column(folder: Folder) -> None:
    folder.tenant('schools:\n  - school_id: "5f0')
    problem = folder.error()
    assert (problem.line, problem.column) == (4, 16)
    assert "starts on line 4" in problem.message


def test_fault_4_a_duplicate_key_names_both_lines(folder: Folder) -> None:
    folder.tenant("schools: []\ncourses: []\nschools: []\n")
    problem = folder.error()
    assert problem.line == 5
    assert "line 3" in problem.message


def test_fault_4_a_duplicate_row_names_both_places(folder: Folder) -> None:
    folder.tenant("courses: [{from: '*.csv'}]\n")
    folder.write("tenants/1.csv", "course_id\nx\n")
    folder.write("tenants/2.csv", "course_id\ny\nx\n")
    problem = folder.error()
    assert problem.place == "tenants/2.csv:3:1"
    assert "tenants/1.csv:2" in problem.message


def test_fault_4_one_tenant_in_two_files_names_both_files(folder: Folder) -> None:
    folder.tenant("schools: []\n", "a")
    folder.write(
        "tenants/b.yaml", HEAD.upper().replace("VERSION", "version").replace("TENANT", "tenant") + "schools: []\n"
    )
    first, second = folder.errors()
    assert (first.place, second.place) == ("tenants/a.yaml:2:9", "tenants/b.yaml:2:9")
    assert "tenants/b.yaml" in first.message
    assert "tenants/a.yaml" in second.message


@pytest.mark.parametrize("text", ["no", "12:30", "2024-01-01", "off", "0b1"])
def test_fault_5_text_of_yaml_1_2_is_text(folder: Folder, text: str) -> None:
    folder.tenant(f"schools: [{{school_id: a, local_id: {text}}}]\n")
    assert folder.one().lists["schools"].rows[0].fields["local_id"] == text


@pytest.mark.parametrize("text", ["1e3", "00123", "42", "0x1f", "true", "1.5"])
def test_fault_5_what_is_no_text_is_refused_with_what_to_write(folder: Folder, text: str) -> None:
    folder.tenant(f"schools: [{{school_id: a, local_id: {text}}}]\n")
    problem = folder.error()
    assert (problem.place, problem.hint) == ("tenants/a.yaml:3:36", f'quote it: "{text}"')


@pytest.mark.parametrize(
    "text",
    [
        "",
        " a",
        "a ",
        "a\\0",
        "\\e[2J",
        "a\\nb",
        "a\\n",
        "\\u202ea",
        ".",
        "..",
        "a/b",
        "a?b",
        "a#b",
        "%2e",
        "x" * 10_000,
    ],
)
def test_fault_6_an_id_that_could_do_harm_is_refused(folder: Folder, text: str) -> None:
    folder.tenant(f'schools:\n  - {{school_id: "{text}"}}\n')
    assert {problem.place for problem in folder.errors()} == {"tenants/a.yaml:4:17"}


BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    "text",
    [BOMB, "a: &a [*a]\n", "a: &a {b: 1}\n<<: *a\n", "tenant: !!python/object:os.system x\n", "a: 1\n---\na: 1\n"]
    + [opening * 100_000 for opening in ("[", "{", "- ", "{a: ", "[{")],
    ids=["bomb", "recursive", "merge", "tag", "two documents", "[", "{", "-", "{a", "[{"],
)
def test_fault_7_a_text_made_to_harm_costs_nothing(folder: Folder, text: str) -> None:
    folder.write("tenants/a.yaml", text)
    folder.errors()  # the schemas are compiled once, here, not in what is measured
    tracemalloc.start()
    try:
        assert folder.errors()
        assert tracemalloc.get_traced_memory()[1] < 20 * MEBIBYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["tenants/a.yaml", "tenants/r.csv", "scopesync.yaml"])
def test_fault_7_a_huge_file_is_not_read(folder: Folder, name: str) -> None:
    folder.tenant("schools: [{from: r.csv}]\n")
    folder.write("tenants/r.csv", "school_id\na\n")
    os.truncate(folder.root / name, 200 * MEBIBYTE)
    tracemalloc.start()
    try:
        assert "larger than" in folder.error().message
        assert tracemalloc.get_traced_memory()[1] < 20 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_fault_8_a_bom_and_crlf_are_accepted(folder: Folder) -> None:
    folder.write("tenants/a.yaml", b"\xef\xbb\xbf" + (HEAD + "schools: []\n").replace("\n", "\r\n").encode())
    assert folder.one().lists.keys() == {"schools"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be", "latin-1"])
def test_fault_8_other_encodings_are_refused_with_the_offset(folder: Folder, encoding: str) -> None:
    folder.write("tenants/a.yaml", (HEAD + "name: é\n").encode(encoding))
    assert "byte offset" in folder.error().message


def test_fault_8_conflict_markers_are_refused_in_those_words(folder: Folder) -> None:
    folder.tenant("<<<<<<< HEAD\nschools: []\n=======\ncourses: []\n>>>>>>> theirs\n")
    problem = folder.error()
    assert "Git conflict markers" in problem.message
    assert problem.line == 3


def test_fault_9_an_unknown_key_has_the_nearest_name(folder: Folder) -> None:
    folder.tenant("shcools: []\n")
    assert folder.error().hint == 'did you mean "schools"?'


@pytest.mark.parametrize("name", ["tenants/a.yaml", "scopesync.yaml"])
def test_fault_9_a_newer_file_asks_for_an_upgrade_and_nothing_else(folder: Folder, name: str) -> None:
    folder.tenant("schools: []\n")
    folder.write(name, "version: 2\nnews: true\n")
    problem = folder.error()
    assert problem.place == f"{name}:1:10"
    assert "upgrade" in (problem.hint or "")


def test_fault_10_a_from_leads_to_files_of_the_project_alone(folder: Folder) -> None:
    (folder.root.parent / "out.csv").write_text("school_id\na\n")
    (folder.root / "tenants").mkdir()
    (folder.root / "tenants/link.csv").symlink_to("../../out.csv")
    (folder.root / "tenants/dir.csv").mkdir()
    os.mkfifo(folder.root / "tenants/fifo.csv")
    names = ("../../out.csv", "link.csv", "dir.csv", "fifo.csv", "/dev/zero", "none/*.csv")
    folder.tenant("schools:\n" + "".join(f"  - from: {name}\n" for name in names))
    assert [problem.line for problem in folder.errors()] == [4, 5, 6, 7, 8, 9]


def test_fault_11_what_is_odd_in_a_csv_and_still_data(folder: Folder) -> None:
    folder.tenant("schools: [{from: r.csv}]\n")
    folder.write("tenants/r.csv", '\ufeffschool_id,name\na,"two\nlines"\nb,=HYPERLINK(1)\n')
    names = [row.fields["name"] for row in folder.one().lists["schools"].rows]
    assert names == ["two\nlines", "=HYPERLINK(1)"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name\nx\n", "1"),
        ("school_id,nmae\na,b\n", "1:11"),
        ("school_id,name\na,b\nc\n", "3"),
        ("school_id,name\na,b,c\n", "2:5"),
    ],
)
def test_fault_11_what_is_wrong_in_a_csv_is_refused_with_its_place(folder: Folder, text: str, place: str) -> None:
    folder.tenant("schools: [{from: r.csv}]\n")
    folder.write("tenants/r.csv", text)
    assert folder.error().place == f"tenants/r.csv:{place}"


CANARY = "hunter2canary"


@pytest.mark.parametrize(
    "body",
    [
        f"credentials: {{client_id: env:A, client_secret: {CANARY}}}\n",
        f"credentials:\n  client_id: env:A\n  client_secret: {CANARY}\n",
        f"credentials:\n  client_id: env:A\n  client_secret: |\n    {CANARY}\n",
        f"credentials: {{client_id: env:A,\nclient_secret:\n {CANARY}}}\n",
        f'credentials: {{client_id: env:A, client_secret: "env:{CANARY}\\n"}}\n',
        f"credentials: {{client_id: env:A, client_secret={CANARY}}}\n",
        f"credentials: {{client_id: env:A, client_secret: env:A, {CANARY}: 1}}\n",
        f"credentials: {CANARY}\n",
        f"credentials: [{CANARY}]\n",
        f"client_secret: {CANARY}\n",
        f"credentials: {{client_id: env:A, client_secret: !x {CANARY}}}\n",
        f"credentials: {{client_id: env:A, client_secret: '{CANARY}}}\n",
        f"credentials: {{client_id: env:A, client_id: {CANARY}, client_secret: env:A}}\n",
        f"client_secret={CANARY}: 1\n",
    ],
)
def test_fault_12_a_secret_in_a_file_is_refused_and_not_repeated(folder: Folder, body: str) -> None:
    folder.tenant(body)
    assert CANARY not in repr(folder.errors())


def test_fault_12_the_vendors_key_is_a_secret_too(folder: Folder) -> None:
    url = "https://api.us2.kimonocloud.com"
    text = (
        f"version: 1\ntenants: t/*.yaml\nconnections:\n  us2:\n    base_url: {url}\n    vendor: {{api_key: {CANARY}}}\n"
    )
    folder.write("scopesync.yaml", text)
    problem = folder.error()
    assert problem.place == "scopesync.yaml:6:23"
    assert CANARY not in repr(problem)
