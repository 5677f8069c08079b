from __future__ import annotations

from scopesync.apply.proof import differences
from tests.support.builders import desired, live, planned, school

HAVE = live([school("s", color="blue", stamp=1)])
WANT = desired([school("s", name="New"), school(None, school_ref_id="R1", name="By reference")])
PLAN = planned(WANT, HAVE)
DONE = [school("s", name="New", color="blue", stamp=1), school("given", school_ref_id="R1", name="By reference")]


def _found(*rows: dict[str, object]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.key, one.state, one.fields) for one in differences(PLAN, HAVE, live(rows))]


def test_an_id_given_by_the_server_is_no_difference() -> None:
    """Fault 40."""
    assert not _found(*DONE)


def test_a_field_that_we_do_not_know_may_move_but_not_vanish() -> None:
    """Fault 40 and invariant 5."""
    assert not _found({**DONE[0], "stamp": 2}, DONE[1])
    assert _found({name: value for name, value in DONE[0].items() if name != "color"}, DONE[1]) == [
        ("s", "different", ("color",))
    ]


def test_whose_a_row_is_may_be_shown_late() -> None:
    assert not _found({**DONE[0], "tenant_id": None}, DONE[1])


def test_a_field_that_we_know_must_be_as_sent() -> None:
    assert _found({**DONE[0], "selected": False}, DONE[1]) == [("s", "different", ("selected",))]


def test_rows_missing_and_rows_that_nobody_sent_are_named() -> None:
    assert _found(DONE[0], school("stranger")) == [("ref:R1", "missing", ()), ("stranger", "unexpected", ())]


def test_a_copy_that_stays_behind_alone_is_no_difference() -> None:
    """Of two rows with one id the second stays; what is then the only one is no longer called a copy."""
    have = live([school("s", color="blue", name="A"), school("s", color="red", name="B")])
    plan = planned(desired([school("s", name="B")]), have)
    assert [change.action for part in plan.lists for change in part.changes] == ["delete"]
    assert not differences(plan, have, live([school("s", color="red", name="B")]))
