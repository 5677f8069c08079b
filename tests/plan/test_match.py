from __future__ import annotations

import pytest

from scopesync.errors import ConfigurationError
from scopesync.model import SCHOOLS
from scopesync.plan.match import Match, match
from scopesync.row_identity import keyed
from tests.support.builders import school, wanted


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


def test_a_reference_and_a_local_id_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        _match(
            [school(None, school_ref_id="R1", local_id="7")],
            [school("a", local_id="7"), school("b", school_ref_id="R1", local_id="8")],
        )
    (problem,) = caught.value.problems
    assert problem.place == "tenants/springfield.yaml:1"
    assert "b, a" in problem.message


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


def test_ids_are_uuids_and_the_case_of_their_letters_means_nothing() -> None:
    found = _match([school("ABC-1", name="New")], [school("abc-1")])
    ((key, row),) = found.pairs
    assert (key, row.fields["school_id"]) == ("abc-1", "abc-1")
    assert not found.new
    assert not found.extra


def test_two_new_rows_whose_ids_differ_only_by_case_are_one_and_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        _match([school("ABC-1"), school("abc-1")], [])
    assert [problem.place for problem in caught.value.problems] == ["tenants/springfield.yaml:2"]
