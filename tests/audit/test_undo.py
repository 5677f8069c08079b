from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from scopesync.audit.undo import wanted_back
from scopesync.model import SCHOOLS
from scopesync.plan.changes import changes, resulting
from scopesync.row_identity import keyed
from tests.support.builders import school, wanted

if TYPE_CHECKING:
    from scopesync.documents import Action

Rows = list[dict[str, Any]]

fields = st.fixed_dictionaries({}, optional={"name": st.sampled_from("AB"), "keywords": st.just("math")})
lists = st.dictionaries(st.sampled_from("abcd"), fields).map(
    lambda rows: [{"school_id": key, "selected": True, **values} for key, values in rows.items()]
)


ACTIONS: tuple[Action, ...] = ("create", "update", "delete")


def _run(before: Rows, want: Rows) -> tuple[Rows, dict[Action, list[str]]]:
    """What a run leaves that makes `before` what is wanted, and the keys that it changed."""
    live = keyed(SCHOOLS, before)
    made = changes(wanted(SCHOOLS, want), live)
    keys = {action: [c.key for c in made if c.action == action] for action in ACTIONS}
    return [dict(row) for row in resulting(live, made).values()], keys


def _undone(now: Rows, before: Rows, keys: dict[Action, list[str]]) -> dict[str, dict[str, Any]]:
    live = keyed(SCHOOLS, now)
    result = resulting(live, changes(wanted_back(SCHOOLS, now, before, keys), live))
    return {key: {name: value for name, value in row.items() if value is not None} for key, row in result.items()}


@given(before=lists, want=lists)
def test_right_after_a_run_its_undo_ends_where_it_began(before: Rows, want: Rows) -> None:
    now, keys = _run(before, want)
    assert _undone(now, before, keys) == keyed(SCHOOLS, before)


def test_what_others_did_since_is_left_to_them() -> None:
    before = [school("a"), school("gone")]
    now, keys = _run(before, [school("a", name="Renamed"), school("ours")])
    now = [*(row for row in now if row["school_id"] != "gone"), school("theirs")]
    assert {key: row["name"] for key, row in _undone(now, before, keys).items()} == {
        "a": "School a",
        "gone": "School gone",
        "theirs": "School theirs",
    }


def test_fields_that_a_server_keeps_for_itself_make_no_change() -> None:
    before = [school("a", stamp=1), school("b", stamp=1)]
    now = [school("a", name="Renamed", stamp=2), school("b", stamp=2)]
    found = changes(wanted_back(SCHOOLS, now, before, {"update": ["a"]}), keyed(SCHOOLS, now))
    assert [(change.key, change.fields) for change in found] == [("a", ("name",))]


def test_a_row_that_comes_back_brings_the_fields_that_we_do_not_know() -> None:
    (change,) = changes(wanted_back(SCHOOLS, [], [school("a", colour="red")], {"delete": ["a"]}), {})
    assert {name: value for name, value in (change.after or {}).items() if value is not None} == school(
        "a", colour="red"
    )
