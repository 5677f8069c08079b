from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.desired.crossrows import LOOKALIKES

if TYPE_CHECKING:
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
    assert problem.place == "tenants/rows.csv:3"
    assert problem.message == "the same school_id as the row at tenants/a.yaml:4"


def test_a_row_without_an_id_must_not_share_what_it_is_matched_by(folder: Folder) -> None:
    folder.tenant("schools:\n  - {school_id: a, school_ref_id: R}\n  - {school_ref_id: R}\n  - {local_id: L}\n")
    problem = folder.error()
    assert (problem.line, problem.message) == (5, "the same school_ref_id as the row at tenants/a.yaml:4")


def test_ids_that_look_alike_are_worth_a_warning(folder: Folder) -> None:
    folder.tenant(
        "schools:\n  - {school_id: abc}\n  - {school_id: ABC}\n  - {school_id: a bc}\n  - {school_id: 00abc}\n"
    )
    words = "differs only by case, blanks or leading zeros: school_id as the row at tenants/a.yaml:4"
    assert remarks(folder) == [("warning", f"tenants/a.yaml:{line}:5", words) for line in (5, 6, 7)]


def test_the_same_local_id_twice_is_worth_a_warning(folder: Folder) -> None:
    folder.tenant("courses:\n  - {course_id: a, local_id: '1'}\n  - {course_id: b, local_id: '1'}\n")
    assert remarks(folder) == [("warning", "tenants/a.yaml:5:5", "the same local_id as the row at tenants/a.yaml:4")]


def test_many_lookalikes_are_counted_not_listed(folder: Folder) -> None:
    rows = "".join(f"  - {{course_id: c{number}, local_id: same}}\n" for number in range(LOOKALIKES + 6))
    folder.tenant(f"courses:\n{rows}")
    told = remarks(folder)
    assert len(told) == LOOKALIKES + 1
    assert "5 more rows look alike in their local_id" in told[-1][2]


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
    words = "2 schools have no course in scope (tenants/a.yaml:4, tenants/a.yaml:6)"
    assert remarks(folder) == [("note", "tenants/a.yaml:4:5", words)]


def test_no_note_where_a_course_does_not_say_its_school(folder: Folder) -> None:
    folder.tenant("schools: [{school_id: a}]\ncourses: [{course_id: x}]\n")
    assert remarks(folder) == []
