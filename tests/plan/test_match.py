from __future__ import annotations

from typing import Any

import pytest

from scopesync.errors import ConfigurationError
from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.match import Match, match
from scopesync.row_identity import keyed
from scopesync.school_links import SchoolDirectory
from tests.support.builders import SPELLINGS, UUID, course, school, wanted


def _match(want: list[dict[str, object]], have: list[dict[str, object]]) -> Match:
    return match(wanted(SCHOOLS, want), keyed(SCHOOLS, have))


def test_a_row_with_an_id_means_the_live_row_with_that_id_and_no_other() -> None:
    found = _match([school("a", school_ref_id="R1")], [school("b", school_ref_id="R1")])
    assert not found.pairs
    assert [row.fields["school_id"] for row in found.new] == ["a"]
    assert found.extra == ("b",)


@pytest.mark.parametrize("field", ["school_ref_id", "local_id"])
def test_a_row_without_an_id_is_found_by_its_reference_then_by_its_local_id(field: str) -> None:
    found = _match([school(None, **{field: "0042"})], [school("a", **{field: "0042"}), school("b")])
    assert [key for key, _ in found.pairs] == ["a"]
    assert found.extra == ("b",)


def test_the_reference_decides_where_the_local_id_fits_that_row_and_others() -> None:
    found = _match(
        [school(None, school_ref_id="R1", local_id="7")],
        [school("a", local_id="7"), school("b", school_ref_id="R1", local_id="7")],
    )
    assert [key for key, _ in found.pairs] == ["b"]


def test_the_reference_decides_where_the_local_id_is_that_of_another_row() -> None:
    found = _match(
        [school(None, school_ref_id="R1", local_id="7")],
        [school("a", local_id="7"), school("b", school_ref_id="R1", local_id="8")],
    )
    assert [key for key, _ in found.pairs] == ["b"]


def test_a_row_with_a_reference_that_no_live_row_bears_is_new_whatever_its_local_id() -> None:
    found = _match([school(None, school_ref_id="R2", local_id="7")], [school("a", school_ref_id="R1", local_id="7")])
    assert (len(found.new), found.extra) == (1, ("a",))


def test_references_and_local_ids_are_compared_with_their_case() -> None:
    found = _match([school(None, school_ref_id="r1")], [school("a", school_ref_id="R1")])
    assert (len(found.new), found.extra) == (1, ("a",))


def test_a_row_that_fits_two_live_rows_is_refused_with_its_place() -> None:
    with pytest.raises(ConfigurationError) as caught:
        _match([school(None, local_id="7")], [school("a", local_id="7"), school("b", local_id="7")])
    (problem,) = caught.value.problems
    assert problem.place == "tenants/springfield.yaml:1"
    assert "a, b" in problem.message


def test_two_rows_that_mean_the_same_live_row_are_refused_with_both_places() -> None:
    with pytest.raises(ConfigurationError) as caught:
        _match([school("a"), school(None, local_id="7")], [school("a", local_id="7")])
    (problem,) = caught.value.problems
    assert problem.place == "tenants/springfield.yaml:2"
    assert "tenants/springfield.yaml:1" in problem.message


def test_an_id_that_looks_like_the_key_of_a_row_without_one_does_not_find_it() -> None:
    found = _match([school("ref:R1")], [school(None, school_ref_id="R1")])
    assert not found.pairs
    assert len(found.new) == len(found.extra) == 1


def test_of_live_rows_that_share_an_id_the_one_that_needs_no_change_is_kept() -> None:
    found = _match([school("a", name="Right")], [school("a", name="Aside"), school("a", name="Right")])
    assert [key for key, _ in found.pairs] == ["a#2"]
    assert found.extra == ("a",)


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_an_id_in_another_spelling_means_the_same_row(spelled: str) -> None:
    """Fault 44."""
    for written, kept in ((spelled, UUID), (UUID, spelled)):
        found = _match([school(written)], [school(kept)])
        assert [key for key, _ in found.pairs] == [UUID]
        assert not found.new
        assert not found.extra


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_two_new_rows_with_two_spellings_of_one_id_are_one_and_refused(spelled: str) -> None:
    """Fault 44."""
    with pytest.raises(ConfigurationError) as caught:
        _match([school(UUID), school(spelled)], [])
    assert [problem.place for problem in caught.value.problems] == ["tenants/springfield.yaml:2"]


# A course at several schools


def _match_courses(want: list[dict[str, Any]], have: list[dict[str, Any]], *schools: dict[str, Any]) -> Match:
    return match(wanted(COURSES, want), keyed(COURSES, have), SchoolDirectory(schools))


def test_a_course_at_two_schools_is_told_apart_by_its_school() -> None:
    """Fault 54."""
    found = _match_courses([course("c", "s"), course("c", "t")], [course("c", "t"), course("c", "s")])
    assert [key for key, _ in found.pairs] == ["c@s", "c@t"]


def test_a_course_that_comes_to_a_second_school_is_new_there() -> None:
    """Fault 54."""
    found = _match_courses([course("c", "s"), course("c", "t")], [course("c", "s")])
    assert [key for key, _ in found.pairs] == ["c"]
    assert [row.fields["school_id"] for row in found.new] == ["t"]


def test_a_course_that_moves_to_another_school_is_the_same_course() -> None:
    found = _match_courses([course("c", "t")], [course("c", "s")])
    assert [key for key, _ in found.pairs] == ["c"]


def test_copies_of_a_course_that_moves_to_another_school_are_the_same_course() -> None:
    copies = [course("c", "s", keywords="one"), course("c", "s", keywords="two")]
    found = _match_courses([course("c", "t", keywords="two")], copies)
    assert not found.new
    assert ([key for key, _ in found.pairs], found.extra) == (["c@s"], ("c@s#2",))


def test_a_course_at_a_third_school_is_new_there_although_its_id_is_live_at_two() -> None:
    found = _match_courses([course("c", "u")], [course("c", "s"), course("c", "t")])
    assert (len(found.new), found.extra) == (1, ("c@s", "c@t"))


def test_the_school_may_be_named_in_another_way_than_the_live_row_names_it() -> None:
    have = [course("c", "s"), course("c", "t")]
    found = _match_courses([course("c", school_ref_id="T")], have, school("t", school_ref_id="T"))
    assert [key for key, _ in found.pairs] == ["c@t"]
    assert found.extra == ("c@s",)


def test_a_course_that_does_not_say_which_of_its_schools_it_means_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        _match_courses([course("c")], [course("c", "s"), course("c", "t")])
    (problem,) = caught.value.problems
    assert problem.message == "this course fits several live rows: c@s, c@t"
    assert problem.hint == "say its school: give it the school_id of the one that is meant"


def test_a_course_that_names_one_school_in_two_ways_is_one_row_twice() -> None:
    rows = [course("c", "t"), course("c", school_ref_id="T")]
    with pytest.raises(ConfigurationError) as caught:
        _match_courses(rows, [], school("t", school_ref_id="T"))
    assert [problem.place for problem in caught.value.problems] == ["tenants/springfield.yaml:2"]
