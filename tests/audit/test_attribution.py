from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.audit.attribution import Memory, attributed
from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.changes import changes
from scopesync.row_identity import keyed
from tests.support.builders import school, wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

Schools = dict[str, dict[str, Any]]

values = st.fixed_dictionaries(
    {"name": st.sampled_from("ABC"), "keywords": st.sampled_from([None, "math"]), "local_id": st.just(None)}
)
lists = st.dictionaries(st.sampled_from("abcdef"), values)
full = st.fixed_dictionaries({"name": st.sampled_from("ABC"), "keywords": st.sampled_from(["art", "math"])})
full_lists = st.dictionaries(st.sampled_from("abcdef"), full)


def schools(rows: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [school(key, **fields) for key, fields in rows.items()]


def movers(want: Schools, have: Schools, last: Schools | None, *, unsettled: str = "") -> dict[str, str]:
    """Key -> who moved it."""
    found = changes(wanted(SCHOOLS, schools(want)), keyed(SCHOOLS, schools(have)))
    memory = None if last is None else Memory(tuple(schools(last)), frozenset(unsettled))
    return {change.key: word for change, word in zip(found, attributed(SCHOOLS, found, memory), strict=True)}


A, B, C = ({"name": name} for name in "ABC")


@pytest.mark.parametrize(
    ("want", "have", "last", "word"),
    [
        ({"a": A}, {"a": B}, {"a": A}, "moved by another client"),
        ({"a": A}, {"a": B}, {"a": B}, "not applied yet"),
        ({"a": A}, {"a": B}, {"a": C}, "both"),
        ({"a": A}, {}, {"a": A}, "moved by another client"),
        ({"a": A}, {}, {}, "not applied yet"),
        ({"a": A}, {}, {"a": B}, "both"),
        ({}, {"a": A}, {}, "moved by another client"),
        ({}, {"a": A}, {"a": A}, "not applied yet"),
        ({}, {"a": A}, {"a": B}, "both"),
        ({"a": A}, {"a": B}, {}, "both"),
        ({"a": A}, {"a": B}, None, "unknown"),
    ],
)
def test_each_way_for_a_row_to_differ(want: Schools, have: Schools, last: Schools | None, word: str) -> None:
    assert movers(want, have, last) == {"a": word}


def test_a_key_that_a_killed_run_may_have_changed_is_nobodys() -> None:
    assert movers({"a": A, "b": A}, {"a": B, "b": B}, {"a": A, "b": A}, unsettled="a") == {
        "a": "unknown",
        "b": "moved by another client",
    }


def test_fields_that_do_not_differ_now_do_not_count() -> None:
    """Somebody changed the keywords to what the files say meanwhile: only the name is a difference, and it is ours."""
    want, have = {"a": {"name": "A", "keywords": "math"}}, {"a": {"name": "B", "keywords": "math"}}
    assert movers(want, have, {"a": {"name": "B", "keywords": "art"}}) == {"a": "not applied yet"}


def test_a_wanted_row_without_an_id_is_known_by_its_reference_or_local_id() -> None:
    for field in ("school_ref_id", "local_id"):
        last = Memory((school("a", name="A", **{field: "r"}),))
        gone = changes(wanted(SCHOOLS, [school(None, name="A", **{field: "r"})]), {})
        assert attributed(SCHOOLS, gone, last) == ("moved by another client",)
        new = changes(wanted(SCHOOLS, [school(None, name="A", **{field: "s"})]), {})
        assert attributed(SCHOOLS, new, last) == ("not applied yet",)


def test_nothing_differs_and_nobody_moved_anything() -> None:
    assert attributed(COURSES, (), Memory(())) == ()


@given(want=lists, have=lists)
def test_where_the_live_list_is_as_it_was_left_every_difference_is_ours(want: Schools, have: Schools) -> None:
    assert set(movers(want, have, have).values()) <= {"not applied yet"}


@given(want=lists, have=lists)
def test_where_the_files_are_as_they_were_applied_every_difference_is_somebody_elses(
    want: Schools, have: Schools
) -> None:
    assert set(movers(want, have, want).values()) <= {"moved by another client"}


@given(want=full_lists, have=full_lists, last=full_lists)
def test_files_and_live_list_are_opposites(want: Schools, have: Schools, last: Schools) -> None:
    """Seen from the other side, what they moved is what we moved: whole rows come and go alike, for every key."""
    swapped = {
        "moved by another client": "not applied yet",
        "not applied yet": "moved by another client",
        "both": "both",
    }
    one, other = movers(want, have, last), movers(have, want, last)
    assert {key: swapped[word] for key, word in one.items()} == other
