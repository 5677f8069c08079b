from __future__ import annotations

import pytest

from scopesync.school_links import SchoolDirectory, is_without_school, names, names_of
from tests.support.builders import SPELLINGS, UUID, course, school


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_course_names_its_school_by_an_id_in_any_spelling(spelled: str) -> None:
    assert names_of(course("c", spelled)) == names_of(school(UUID))
    assert not is_without_school(course("c", spelled), names([school(UUID)]))


def test_a_reference_is_compared_with_its_case() -> None:
    known = names([school("s", school_ref_id="R1")])
    assert not is_without_school(course("c", school_ref_id="R1"), known)
    assert is_without_school(course("c", school_ref_id="r1"), known)


def test_a_reference_is_no_id_even_where_they_read_alike() -> None:
    assert is_without_school(course("c", school_ref_id="s"), names([school("s")]))


def test_a_course_that_names_no_school_is_not_without_one() -> None:
    assert not is_without_school(course("c"), names([]))


def test_a_school_is_found_by_the_id_before_the_reference() -> None:
    schools = SchoolDirectory([school("s", school_ref_id="R"), school("t")])
    assert schools.label(course("c", "t", school_ref_id="R")) == "School t"
    assert schools.label(course("c", school_ref_id="R")) == "School s"


def test_a_school_without_a_name_or_out_of_scope_is_called_what_the_course_calls_it() -> None:
    schools = SchoolDirectory([school("s", name=None)])
    assert schools.label(course("c", "s")) == "s"
    assert schools.label(course("c", school_ref_id="R")) == "R"
    assert schools.label(course("c")) is None


def test_two_courses_are_at_one_school_by_whatever_kind_of_name() -> None:
    schools = SchoolDirectory([school("s", school_ref_id="R")])
    assert schools.same_school(course("c", "s"), course("c", school_ref_id="R"))
    assert not schools.same_school(course("c", "s"), course("c", school_ref_id="Q"))
    assert not schools.same_school(course("c", "x"), course("c", "y"))
