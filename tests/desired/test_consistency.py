from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.desired.consistency import LOOKALIKES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.errors import Problem
    from tests.desired.conftest import Folder


def remarks(folder: Folder) -> list[tuple[str, str, str]]:
    def told(problem: Problem) -> tuple[str, str, str]:
        return problem.severity, problem.place, problem.message

    return [told(problem) for problem in folder.load().problems]


def test_a_row_that_nothing_identifies_is_refused(folder: Folder) -> None:
    folder.tenant("courses:\n  - {name: Algebra, school_id: a}\n")
    problem = folder.error()
    assert (problem.place, problem.message) == ("tenants/a.yaml:4:5", "nothing says which course this is")


def test_two_rows_with_one_id_are_refused_across_files_with_both_places(folder: Folder) -> None:
    folder.tenant("schools:\n  - {school_id: a}\n  - from: rows.csv\n")
    folder.write("tenants/rows.csv", "school_id\nb\na\n")
    problem = folder.error()
    assert problem.place == "tenants/rows.csv:3:1"
    assert problem.message == "the same school_id as the row at tenants/a.yaml:4"


def test_a_row_without_an_id_must_not_share_what_it_is_matched_by(folder: Folder) -> None:
    folder.tenant("schools:\n  - {school_id: a, school_ref_id: R}\n  - {school_ref_id: R}\n  - {local_id: L}\n")
    problem = folder.error()
    assert (problem.line, problem.message) == (5, "the same school_ref_id as the row at tenants/a.yaml:4")


def test_ids_that_look_alike_are_worth_a_warning(folder: Folder) -> None:
    folder.tenant(
        "schools:\n  - {school_id: abc}\n  - {school_id: ABC}\n  - {school_id: a bc}\n  - {school_id: 00abc}\n"
    )
    words = "nearly the same school_id as the row at tenants/a.yaml:4: only case, blanks or leading zeros differ"
    assert remarks(folder) == [("warning", f"tenants/a.yaml:{line}:5", words) for line in (5, 6, 7)]


def test_the_same_local_id_twice_is_worth_a_warning(folder: Folder) -> None:
    folder.tenant("courses:\n  - {course_id: a, local_id: '1'}\n  - {course_id: b, local_id: '1'}\n")
    assert remarks(folder) == [("warning", "tenants/a.yaml:5:5", "the same local_id as the row at tenants/a.yaml:4")]


def test_many_lookalikes_are_counted_not_listed(folder: Folder) -> None:
    rows = "".join(f"  - {{course_id: c{number}, local_id: same}}\n" for number in range(LOOKALIKES + 6))
    folder.tenant(f"courses:\n{rows}")
    told = remarks(folder)
    assert len(told) == LOOKALIKES + 1
    assert told[-1][2] == "5 more rows look like others"


def test_one_more_lookalike_is_one_row(folder: Folder) -> None:
    rows = "".join(f"  - {{course_id: c{number}, local_id: same}}\n" for number in range(LOOKALIKES + 2))
    folder.tenant(f"courses:\n{rows}")
    assert remarks(folder)[-1][2] == "1 more row looks like another"


SAME = "the same {} as the row at tenants/r.csv:{}"
NEAR = f"nearly {SAME}: only case, blanks or leading zeros differ"
BOTH = "the same course_ref_id and nearly the same course_id and local_id as the row at tenants/r.csv:2"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,r,1 a,r,1", ["error 3:1 " + SAME.format("course_id, course_ref_id and local_id", 2)]),
        ("a,,1 a,,01", ["error 3:1 " + SAME.format("course_id", 2)]),
        (",r,1 ,r,1", ["error 3:2 " + SAME.format("course_ref_id and local_id", 2)]),
        ("a,,1 ,,1", ["error 3:3 " + SAME.format("local_id", 2)]),
        ("a,r,1 b,r,1", ["warning 3:3 " + SAME.format("course_ref_id and local_id", 2)]),
        ("a,r,1 A,r,01", [f"warning 3:3 {BOTH}: only case, blanks or leading zeros differ"]),
        ("a,,1 b,,2 a,,2", ["error 4:1 " + SAME.format("course_id", 2), "warning 4:4 " + SAME.format("local_id", 3)]),
        ("a,, A,, A,,", ["warning 3:1 " + NEAR.format("course_id", 2), "error 4:1 " + SAME.format("course_id", 3)]),
    ],
)
def test_two_rows_that_are_alike_get_one_message(folder: Folder, rows: str, told: list[str]) -> None:
    folder.tenant("courses: [{from: r.csv}]\n")
    folder.write("tenants/r.csv", "\n".join(["course_id,course_ref_id,local_id", *rows.split()]) + "\n")
    assert [f"{one.severity} {one.line}:{one.column} {one.message}" for one in folder.problems()] == told


SCHOOLS = "schools: [{school_id: s1, school_ref_id: r1}]\n"


def test_a_course_must_belong_to_a_school_in_scope(folder: Folder) -> None:
    folder.tenant(
        SCHOOLS + "courses:\n"
        "  - {course_id: a, school_id: s1}\n"
        "  - {course_id: b, school_ref_id: r1}\n"
        "  - {course_id: c, school_id: s2}\n"
        "  - {course_id: d, school_ref_id: r2}\n"
        "  - {course_id: e}\n"
    )
    assert [problem.line for problem in folder.errors()] == [7, 8]
    assert folder.errors()[0].message == "the school of this course is not in scope"


def test_a_course_without_its_school_is_shown_at_the_cell(folder: Folder) -> None:
    folder.tenant(SCHOOLS + "courses: [{from: r.csv}]\n")
    folder.write("tenants/r.csv", "course_id,school_id,school_ref_id\na,s1,\nbcd,s2,\ne,,r2\n")
    assert [problem.place for problem in folder.errors()] == ["tenants/r.csv:3:5", "tenants/r.csv:4:4"]


def test_a_default_school_counts(folder: Folder) -> None:
    folder.tenant(SCHOOLS + "defaults: {courses: {school_id: s2}}\ncourses: [{course_id: a}]\n")
    assert folder.error().message == "the school of this course is not in scope"


def test_what_the_files_cannot_know_is_left_to_the_plan(folder: Folder) -> None:
    folder.tenant("schools: [{local_id: '1'}]\ncourses: [{course_id: a, school_id: s2}]\n", "nameless")
    folder.write("tenants/b.yaml", "version: 1\ntenant: b\ncourses: [{course_id: a, school_id: s2}]\n")
    additive = (
        "version: 1\ntenant: c\nmanage: {schools: additive}\nschools: []\ncourses: [{course_id: a, school_id: s}]\n"
    )
    folder.write("tenants/c.yaml", additive)
    assert len(folder.load().tenants) == 3


def test_schools_without_courses_are_one_note(folder: Folder) -> None:
    folder.tenant(
        "schools:\n  - {school_id: a}\n  - {school_id: b}\n  - {school_id: c}\ncourses: [{course_id: x, school_id: b}]"
    )
    assert remarks(folder) == [("note", "tenants/a.yaml:4:5", "2 schools have no course in scope")]


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        ("1", "1 school has no course in scope", "check 1"),
        ("12345", "5 schools have no course in scope", "check 1, 2, 3, 4, 5"),
        ("123456", "6 schools have no course in scope", "check 1, 2, 3, 4, 5, ..."),
        (["Springfield Elementary"] * 4, "4 schools", "check Springfield Elementary, Springfield Elementary, ..."),
        (["x" * 200, "y"], "2 schools", f"check {'x' * 60}, ..."),
        (["", "y"], "2 schools", "check s0, y"),
    ],
)
def test_schools_without_courses_fit_into_eighty_columns(
    folder: Folder, names: Sequence[str], message: str, hint: str
) -> None:
    schools = "".join(f"  - {{school_id: s{number}, name: '{name}'}}\n" for number, name in enumerate(names))
    folder.tenant(f"manage: {{schools: additive}}\ncourses: [{{course_id: x, school_id: other}}]\nschools:\n{schools}")
    (problem,) = folder.problems()
    assert problem.message.startswith(message)
    assert problem.hint == hint


def test_a_school_that_nothing_names_is_named_by_its_place(folder: Folder) -> None:
    folder.tenant("schools: [{selected: true}]\ncourses: [{course_id: x, school_id: a, school_ref_id: b}]\n")
    assert [problem.hint for problem in folder.problems() if problem.severity == "note"] == ["check tenants/a.yaml:3"]


def test_no_note_where_a_course_does_not_say_its_school(folder: Folder) -> None:
    folder.tenant("schools: [{school_id: a}]\ncourses: [{course_id: x}]\n")
    assert remarks(folder) == []


SCHOOL_ID = "5f0e8c1a-1111-4111-8111-00000000000a"
COURSE_ID = "0d7a0000-2222-4222-8222-000000000001"


@pytest.mark.parametrize("spelled", [SCHOOL_ID.upper(), f"{{{SCHOOL_ID}}}", SCHOOL_ID.replace("-", "")])
def test_a_course_is_in_scope_however_the_id_of_its_school_is_spelled(folder: Folder, spelled: str) -> None:
    courses = f"courses:\n  - {{course_id: '{COURSE_ID}', school_id: '{spelled}'}}\n"
    folder.tenant(f"schools:\n  - {{school_id: {SCHOOL_ID}}}\n{courses}")
    assert remarks(folder) == []


def test_two_spellings_of_one_id_are_one_row_twice(folder: Folder) -> None:
    """Fault 44."""
    folder.tenant(f"schools:\n  - {{school_id: {SCHOOL_ID}}}\n  - {{school_id: {SCHOOL_ID.upper()}}}\n")
    assert folder.error().message == "the same school_id as the row at tenants/a.yaml:4"


def test_a_course_may_be_wanted_once_for_each_of_its_schools(folder: Folder) -> None:
    rows = "".join(f"  - {{course_id: '{COURSE_ID}', course_ref_id: R, school_id: {school}}}\n" for school in "ab")
    folder.tenant(f"schools: [{{school_id: a}}, {{school_id: b}}]\ncourses:\n{rows}")
    assert remarks(folder) == []


def test_a_course_is_wanted_once_at_one_school(folder: Folder) -> None:
    row = f"  - {{course_id: {COURSE_ID}, school_id: a}}\n"
    folder.tenant(f"courses:\n{row}{row}")
    assert folder.error().message == "the same course_id as the row at tenants/a.yaml:4"
