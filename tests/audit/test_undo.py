from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scopesync.audit.undo import wanted_again
from scopesync.model import SCHOOLS
from scopesync.plan.changes import changes, resulting
from scopesync.plan.keys import keyed
from tests.support.builders import school

fields = st.fixed_dictionaries({}, optional={"name": st.sampled_from("AB"), "keywords": st.just("math")})
lists = st.dictionaries(st.sampled_from("abcd"), fields).map(
    lambda rows: [{"school_id": key, "selected": True, **values} for key, values in rows.items()]
)


@given(before=lists, now=lists)
def test_the_plan_from_then_against_now_ends_in_then(
    before: list[dict[str, object]], now: list[dict[str, object]]
) -> None:
    live = keyed(SCHOOLS, now)
    result = resulting(live, changes(wanted_again(SCHOOLS, before), live))
    known = {key: {name: value for name, value in row.items() if value is not None} for key, row in result.items()}
    assert known == keyed(SCHOOLS, before)


def test_a_row_that_comes_back_brings_the_fields_that_we_do_not_know() -> None:
    (change,) = changes(wanted_again(SCHOOLS, [school("a", colour="red")]), {})
    assert change.after == school("a", colour="red")


def test_nothing_in_scope_is_something_to_want() -> None:
    assert wanted_again(SCHOOLS, ()).rows == ()
