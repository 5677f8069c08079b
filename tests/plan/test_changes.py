from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.changes import changes, resulting
from scopesync.row_identity import keyed
from tests.support.builders import SPELLINGS, UUID, course, school, wanted

if TYPE_CHECKING:
    from scopesync.model import Manage
    from scopesync.plan.types import Change


def _changes(want: list[dict[str, Any]], have: list[dict[str, Any]], *, manage: Manage = "exact") -> tuple[Change, ...]:
    return changes(wanted(SCHOOLS, want, manage=manage), keyed(SCHOOLS, have))


def test_a_field_that_is_not_mentioned_keeps_its_live_value_and_unknown_fields_survive() -> None:
    """Invariant 5."""
    have = school("a", name="Old", local_id="0042", color="blue")
    (change,) = _changes([{"school_id": "a", "name": "New"}], [have])
    assert change.action == "update"
    assert change.fields == ("name",)
    assert change.before == have
    assert change.after == {**have, "name": "New"}


def test_an_explicit_null_clears_a_field() -> None:
    (change,) = _changes([{"school_id": "a", "local_id": None}], [school("a", local_id="0042")])
    assert change.after is not None
    assert change.after["local_id"] is None


def test_null_and_absent_are_the_same() -> None:
    assert not _changes([{"school_id": "a", "local_id": None}], [school("a")])
    assert not _changes([{"school_id": "a"}], [school("a", local_id=None)])


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_another_spelling_of_an_id_is_no_difference_and_the_live_one_stays(spelled: str) -> None:
    """Fault 44."""
    have = keyed(COURSES, [course(UUID, UUID, name="Old")])
    assert not changes(wanted(COURSES, [course(spelled, spelled, name="Old")]), have)
    (change,) = changes(wanted(COURSES, [course(spelled, spelled, name="New")]), have)
    assert change.fields == ("name",)
    assert change.after == course(UUID, UUID, name="New")


def test_selected_may_be_left_out_where_it_is_true_and_a_name_may_be_composed_otherwise() -> None:
    """Faults 42 and 43."""
    have = school("a", name="Caf\u0065\u0301")
    del have["selected"]
    assert not _changes([school("a", name="Caf\u00e9", selected=True)], [have])
    (change,) = _changes([school("a", name="Caf\u00e9", selected=False)], [have])
    assert change.fields == ("selected",)


def test_an_additive_list_leaves_a_course_at_another_school_as_it_is() -> None:
    have = keyed(COURSES, [course("c", "s", name="Old"), course("c", "t", name="Old")])
    (change,) = changes(wanted(COURSES, [course("c", "s", name="New")], manage="additive"), have)
    assert change.key == "c@s"


def test_an_empty_text_is_like_null() -> None:
    """Fault 42."""
    assert not _changes([{"school_id": "a", "local_id": None}], [school("a", local_id="")])
    assert not _changes([{"school_id": "a", "local_id": ""}], [school("a", local_id=None)])
    (change,) = _changes([{"school_id": "a", "local_id": "", "name": "New"}], [school("a")])
    assert change.fields == ("name",)


def test_a_new_row_is_selected_unless_the_file_says_otherwise() -> None:
    made = _changes([{"school_id": "a"}, {"school_id": "b", "selected": False}], [])
    assert [change.after for change in made] == [
        {"school_id": "a", "selected": True},
        {"school_id": "b", "selected": False},
    ]


def test_a_row_that_nobody_wants_is_removed_from_an_exact_list_only() -> None:
    assert [change.action for change in _changes([], [school("a")])] == ["delete"]
    assert not _changes([], [school("a")], manage="additive")


def test_changes_stand_in_the_order_of_risk_then_of_keys() -> None:
    made = _changes([school("n2"), school("n1"), school("u", name="New")], [school("u"), school("d2"), school("d1")])
    assert [(change.action, change.key) for change in made] == [
        ("delete", "d1"),
        ("delete", "d2"),
        ("create", "n1"),
        ("create", "n2"),
        ("update", "u"),
    ]


def test_every_change_says_which_line_asks_for_it() -> None:
    made = _changes([school("a", name="New"), school("b")], [school("a"), school("gone")])
    assert {change.key: change.origin for change in made} == {
        "a": "tenants/springfield.yaml:1",
        "b": "tenants/springfield.yaml:2",
        "gone": None,
    }


def test_carrying_changes_out_gives_the_wanted_rows() -> None:
    have = [school("a"), school("gone")]
    made = _changes([school("a", name="New"), school("b")], have)
    assert {key: row["name"] for key, row in resulting(keyed(SCHOOLS, have), made).items()} == {
        "a": "New",
        "b": "School b",
    }


def test_every_copy_of_a_row_in_an_additive_list_becomes_what_is_wanted() -> None:
    made = _changes([school("a", name="New")], [school("a", name="One"), school("a", name="Two")], manage="additive")
    assert [(change.action, change.key) for change in made] == [("update", "a"), ("update", "a#2")]


def test_a_row_that_is_re_created_under_another_id_is_shown_as_a_pair() -> None:
    made = _changes(
        [school("new", school_ref_id="R"), school("other")], [school("old", school_ref_id="R"), school("gone")]
    )
    assert {change.key: change.pair for change in made} == {"old": "new", "new": "old", "gone": None, "other": None}


def test_a_reference_that_several_rows_bear_makes_no_pair() -> None:
    made = _changes([school("new", school_ref_id="R")], [school(key, school_ref_id="R") for key in ("a", "b")])
    assert {change.pair for change in made} == {None}


def test_a_new_row_says_its_nulls_so_that_a_servers_default_is_noticed() -> None:
    (change,) = _changes([{"school_id": "a", "keywords": None}], [])
    assert change.after == {"school_id": "a", "keywords": None, "selected": True}
