from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from scopesync.apply.sending import Sender
from scopesync.apply.tenant import apply_tenant
from scopesync.errors import ConflictError, CredentialError, WriteError
from scopesync.model import ChangeLimit, Guards, Identity, LiveTenant
from tests.support.builders import UUID, course, desired, live, planned, school
from tests.support.memory_log import MemoryLog
from tests.support.memory_side import MemorySide

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.apply.outcome import TenantOutcome
    from scopesync.plan.types import TenantPlan

HAVE = live([school("s"), school("old")], [course("c1", "old"), course("c2", "s", color="blue")])
WANT = desired([school("s"), school("new")], [course("c2", "s", name="Renamed"), course("c3", "new")])
PLAN = planned(WANT, HAVE)
LOG = [
    "delete courses c1",
    "append schools 1",
    "append courses 1",
    "update courses c2",
    "delete schools old",
]
_FREE = Guards(max_removals=ChangeLimit(None, None), max_updates=ChangeLimit(None, None))
NO_ANSWER = WriteError("no answer in 30 s", landed=None)


def _apply(
    side: MemorySide,
    log: MemoryLog | None = None,
    *,
    plan: TenantPlan = PLAN,
    rows_per_call: int = 1000,
    stopped: Callable[[], bool] = lambda: False,
) -> TenantOutcome:
    opened = side.side(rows_per_call=rows_per_call)
    with ThreadPoolExecutor(max_workers=4) as pool:
        sender = Sender(opened.writer, log or MemoryLog(), pool, 4, stopped)
        return apply_tenant(plan, opened, sender.log, sender)


def _rows(side: MemorySide, name: str, id_field: str) -> dict[str, Any]:
    return {row[id_field]: row for row in side.rows[name]}  # type: ignore[index]  # a list's name


def _side(start: LiveTenant = HAVE) -> MemorySide:
    return MemorySide(start)


def test_a_plan_is_carried_out_in_its_order_recorded_and_proved() -> None:
    side, log = _side(), MemoryLog()
    outcome = _apply(side, log)
    assert outcome.status == "applied"
    assert (outcome.sent, outcome.calls) == (5, 5)
    assert side.log == LOG
    assert side.reads == 3, "before, after, and once before the courses of a new school"
    assert not planned(WANT, side.read()).changed
    assert _rows(side, "courses", "course_id")["c2"]["color"] == "blue"
    assert log.told == [
        "before 2 2",
        *("intend DELETE courses c1", "answered 1"),
        *("intend POST schools new", "answered 2"),
        *("intend POST courses c3", "answered 3"),
        *("intend PUT courses c2", "answered 4"),
        *("intend DELETE schools old", "answered 5"),
        "after",
    ]


# Nothing is sent on doubt


def test_one_more_live_row_since_the_review_and_nothing_is_sent() -> None:
    """Fault 35."""
    side = _side(live([*HAVE.schools.rows, school("extra")], HAVE.courses.rows))
    outcome = _apply(side)
    assert outcome.status == "stale"
    assert "schools (rows then: 2, now: 3)" in str(outcome.message)
    assert not side.log


def test_other_limits_than_the_reviewed_ones_and_nothing_is_sent() -> None:
    have = live([school("s")])
    side = _side(have)
    plan = planned(desired([school("s"), school("a"), school("b")]), have)
    assert _apply(side, plan=plan, rows_per_call=1).status == "stale"
    assert not side.log


def test_a_credential_that_opens_another_tenant_since_the_review_and_nothing_is_sent() -> None:
    """Fault 22."""
    side = MemorySide(HAVE, identity=Identity("foreign", "4 rows name another tenant"))
    assert _apply(side).status == "stale"
    assert not side.log


def test_a_side_that_cannot_be_read_before_the_first_call_gets_none() -> None:
    side = _side()
    side.unreadable_from = 1
    assert _apply(side).status == "unread"
    assert not side.log


# Calls that fail


def test_a_clear_no_is_the_last_call_and_what_is_left_is_named() -> None:
    side, log = _side(), MemoryLog()
    side.fail = {2: WriteError("POST /tenant/scoping/schools: 400", landed=False, status=400)}
    outcome = _apply(side, log)
    assert (outcome.status, outcome.sent) == ("incomplete", 1)
    assert outcome.message == "POST /tenant/scoping/schools: 400"
    assert side.log == LOG[:2]
    assert "failed 2 no: POST /tenant/scoping/schools: 400" in log.told
    assert {(one.list, one.key, one.state, one.cause) for one in outcome.differences} == {
        ("schools", "new", "missing", "not done"),
        ("schools", "old", "unexpected", "not done"),
        ("courses", "c3", "missing", "not done"),
        ("courses", "c2", "different", "not done"),
    }


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("landed", [True, False], ids=["landed", "lost"])
def test_a_call_without_an_answer_is_read_back_and_only_what_is_missing_is_sent(at: int, *, landed: bool) -> None:
    """Fault 25."""
    side = _side()
    side.fail = {at: NO_ANSWER}
    side.lost = set() if landed else {at}
    assert _apply(side).status == "applied"
    assert side.log.count(LOG[at - 1]) == (1 if landed else 2)
    assert len(side.log) == (5 if landed else 6)


def test_calls_that_never_get_an_answer_are_given_up() -> None:
    """Fault 28: never a loop"""
    side = _side()
    side.fail = dict.fromkeys(range(1, 100), NO_ANSWER)
    side.lost = set(range(1, 100))
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert side.log == ["delete courses c1"] * 4


def test_a_body_that_is_too_large_is_sent_in_smaller_parts() -> None:
    """Fault 27: 413."""
    have = live([school("s")])
    side = _side(have)
    side.most_rows = 3
    plan = planned(desired([school("s"), *(school(f"n{n}") for n in range(10))]), have)
    assert _apply(side, plan=plan).status == "applied"
    assert side.log[0] == "append schools 10"
    assert max(int(line.split()[-1]) for line in side.log[2:]) <= 3


def test_a_single_row_that_is_too_large_ends_it() -> None:
    side = _side()
    side.most_rows = 0
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert "413" in str(outcome.message)


@pytest.mark.parametrize("at", [1, 3])
def test_somebody_else_who_writes_stops_the_tenant(at: int) -> None:
    """Fault 27: 409 and 412"""
    side = _side()
    side.fail = {at: ConflictError("DELETE: 409", landed=False, status=409)}
    outcome = _apply(side)
    assert (outcome.status, outcome.sent) == (("stale", 0) if at == 1 else ("incomplete", 2))
    assert len(side.log) == at


def test_somebody_else_who_writes_after_a_call_that_may_have_landed_is_no_proof_that_nothing_was_written() -> None:
    side = _side()
    side.fail = {1: NO_ANSWER, 2: ConflictError("POST: 409", landed=False, status=409)}
    outcome = _apply(side)
    assert (outcome.status, outcome.sent) == ("incomplete", 0)


def test_rows_that_somebody_else_changes_in_between_are_left_to_them() -> None:
    side = _side()
    side.fail = {2: NO_ANSWER}
    side.on_write = lambda self: _rows(self, "courses", "course_id")["c2"].update(name="Theirs")
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert [(one.key, one.cause) for one in outcome.differences] == [("c2", "changed by another client meanwhile")]
    assert side.log == [call for call in LOG if call != "update courses c2"], "the others do not need it"


def test_a_credential_that_is_refused_in_the_middle_ends_it() -> None:
    side = _side()
    side.fail = {3: CredentialError("401, and again with a new token")}
    outcome = _apply(side)
    assert (outcome.status, outcome.sent) == ("incomplete", 2)


# The proof


def test_success_without_effect_is_found_by_reading_back() -> None:
    """Fault 28: a plan without a call that trusts another is looked at when it has ended."""
    want = desired([school("s"), school("old")], [course("c1", "s", name="One"), course("c2", "s", name="Two")])
    side = _side()
    side.on_write = lambda self: self.rows.update(
        {"courses": [{**row, "name": str(row["name"])[:1]} for row in self.rows["courses"]]}
    )
    outcome = _apply(side, plan=planned(want, HAVE))
    assert (outcome.status, outcome.sent) == ("incomplete", 2)
    assert "not what was asked for" in str(outcome.message)
    assert {(one.key, one.fields, one.cause) for one in outcome.differences} == {
        ("c1", ("name",), "done differently by the server"),
        ("c2", ("name",), "done differently by the server"),
    }
    assert (outcome.differences[0].sent, outcome.differences[0].kept) == ({"name": "One"}, {"name": "O"})


@pytest.mark.parametrize(
    ("at", "key", "held"), [(1, "c1", LOG[4:]), (2, "new", LOG[2:3]), (3, "c3", []), (4, "c2", []), (5, "old", [])]
)
def test_success_without_effect_holds_back_only_the_calls_that_need_it(at: int, key: str, held: list[str]) -> None:
    """Fault 28: a school whose course stays is kept, the courses of a school that never came are not sent."""
    side = _side()
    side.pretended = {at}
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert side.log == [call for call in LOG if call not in held]
    assert f"answered with success, and the list does not show it: {key}" in str(outcome.message)


def test_a_school_stays_when_the_move_of_its_course_was_only_answered() -> None:
    have = live([school("s"), school("old")], [course("c", "old")])
    side = _side(have)
    side.pretended = {1}
    outcome = _apply(side, plan=planned(desired([school("s")], [course("c", "s")]), have))
    assert outcome.status == "incomplete"
    assert side.log == ["update courses c"]
    assert {row["school_id"] for row in side.rows["schools"]} == {"s", "old"}


def test_the_last_old_row_stays_when_the_new_ones_were_only_answered() -> None:
    have = live([school("s")], [course("old", "s")])
    side = _side(have)
    side.pretended = {1}
    outcome = _apply(side, plan=planned(desired([school("s")], [course("new", "s")]), have))
    assert outcome.status == "incomplete"
    assert [row["course_id"] for row in side.rows["courses"]] == ["old"]


def test_a_school_stays_when_the_copies_of_its_course_were_only_answered_to_be_one() -> None:
    have = live([school("a"), school("b")], [course("c", "a"), course("c", "b")])
    side = _side(have)
    side.pretended = {1}
    outcome = _apply(side, plan=planned(desired([school("b")], [course("c", "b")]), have))
    assert outcome.status == "incomplete"
    assert side.log == ["replace courses 1"]


def test_a_row_that_is_removed_and_comes_back_with_an_id_is_no_stranger() -> None:
    have = live([school(None, school_ref_id="x"), school("s")])
    side = _side(have)
    want = desired([school("n", school_ref_id="x"), school("s")], [course("c", "n")])
    assert _apply(side, plan=planned(want, have)).status == "applied"
    assert side.log == ["replace schools 2", "append courses 1"]


def test_a_school_stays_when_somebody_gives_it_a_course_meanwhile() -> None:
    have = live([school("s"), school("t")], [course("c", "t"), course("d", "s")])
    side = _side(have)
    side.on_write = lambda self: self.rows["courses"].append(course("theirs", "t"))
    outcome = _apply(side, plan=planned(desired([school("s")], [course("d", "s")]), have))
    assert outcome.status == "incomplete"
    assert "courses that came meanwhile would be without a school: theirs" in str(outcome.message)
    assert side.log == ["delete courses c"]


def test_copies_are_changed_in_one_go_and_found_again() -> None:
    have = live(
        [school("a", name="One"), school("a", name="Two"), school("u"), school("t")],
        [course("c", "t"), course("d", "u")],
    )
    want = desired([school("a", name="Three"), school("u")], [course("c", "a"), course("d", "u")])
    side = _side(have)
    assert (
        _apply(side, plan=planned(want, have, guards=Guards(max_removals=ChangeLimit(None, None)))).status == "applied"
    )
    assert side.log == ["update courses c", "replace schools 2"]


def test_a_row_that_was_given_an_id_by_a_replace_is_no_stranger() -> None:
    have = live([school(None, local_id="7"), school(None, local_id="8"), school("s")])
    side = _side(have)
    side.on_write = _give_ids
    want = desired([school(None, local_id="7", name="New"), *have.schools.rows[1:], school("n")], [course("c", "n")])
    assert _apply(side, plan=planned(want, have)).status == "applied"
    assert side.log == ["replace schools 4", "append courses 1"]


def _give_ids(side: MemorySide) -> None:
    for row in side.rows["schools"]:
        row.setdefault("school_id", f"id-{row.get('local_id')}")


def test_a_list_that_was_reviewed_to_be_changed_row_by_row_is_never_replaced() -> None:
    courses = [course(f"c{n:02}", "a") for n in range(11)]
    have = live([school("a", school_ref_id="old"), school("b")], [*courses, course("x", school_ref_id="old")])
    want = desired(
        [school("a", school_ref_id="new"), school("b")],
        [{**row, "school_ref_id": "new", "school_id": None} for row in courses],
    )
    plan = planned(want, have, guards=Guards(max_updates=ChangeLimit(None, None)))
    assert plan.lists[1].strategy.kind == "items"
    side = _side(have)
    assert _apply(side, plan=plan).status == "applied"
    assert len(side.log) == len(plan.calls)
    assert not [line for line in side.log if line.startswith("replace")]


def test_after_a_look_that_finds_all_as_promised_the_plans_own_calls_go_on() -> None:
    """A fresh look at what is left would take the reference for the other school's already, and change the order."""
    have = live([school("a", school_ref_id="r")], [course("c", school_ref_id="r")])
    want = desired(
        [school("a", school_ref_id="r2"), school("b", school_ref_id="r"), school("d")],
        [{**course("c", "d"), "school_ref_id": None}],
    )
    side = _side(have)
    assert _apply(side, plan=planned(want, have)).status == "applied"
    assert side.log == ["append schools 2", "update courses c", "update schools a"]


def test_two_schools_that_share_a_reference_end_as_they_were_planned() -> None:
    have = live(
        [school("a", school_ref_id="r"), school("b", school_ref_id="r"), school("k")],
        [course("c", "a", school_ref_id="r"), course("e", "k")],
    )
    want = desired(
        [school("a", school_ref_id="r2"), school("k")], [*have.courses.rows, course("n", None, school_ref_id="r2")]
    )
    side = _side(have)
    assert _apply(side, plan=planned(want, have)).status == "applied"


@pytest.mark.parametrize("spelled", [str.upper, str.lower, "{{{}}}".format], ids=["capitals", "as sent", "braces"])
def test_a_server_may_spell_new_ids_otherwise(spelled: Callable[[str], str]) -> None:
    """Fault 44."""

    def keep(side: MemorySide) -> None:
        for rows in side.rows.values():
            for row in rows:
                row.update({field: spelled(row[field]) for field in ("school_id", "course_id") if row.get(field)})

    one, other, third = (UUID.replace("a", digit) for digit in "abc")
    side = _side(live([school(one)]))
    side.on_write = keep
    want = desired([school(one), school(other)], [course(third, other)])
    assert _apply(side, plan=planned(want, live([school(one)]))).status == "applied"
    assert not planned(want, side.read()).changed


def test_many_rows_in_doubt_are_named_by_a_few() -> None:
    rows = [school(f"s{n:02}") for n in range(30)]
    have = live([*rows, school("old")], [course("c", "old")])
    side = _side(have)
    side.on_write = lambda self: [row.update(name="Theirs") for row in self.rows["schools"]].clear()
    side.pretended = set(range(2, 100))
    outcome = _apply(side, plan=planned(desired([{**row, "name": "New"} for row in rows], []), have, guards=_FREE))
    assert len(outcome.differences) == 32


def test_a_look_in_between_that_cannot_be_had_ends_it() -> None:
    side = _side()
    side.unreadable_from = 2
    outcome = _apply(side)
    assert (outcome.status, outcome.sent) == ("incomplete", 2)
    assert side.log == LOG[:2]


def test_a_row_that_came_meanwhile_is_somebody_elses() -> None:
    side = _side()
    side.on_write = lambda self: self.rows["schools"].append(school("theirs")) if len(self.log) == 5 else None
    outcome = _apply(side)
    assert [(one.key, one.state, one.cause) for one in outcome.differences] == [
        ("theirs", "unexpected", "changed by another client meanwhile")
    ]


def test_a_result_that_cannot_be_read_back_is_not_called_done() -> None:
    side, log = _side(), MemoryLog()
    side.unreadable_from = 3
    outcome = _apply(side, log)
    assert (outcome.status, outcome.sent) == ("incomplete", 5)
    assert "could not be read back" in str(outcome.message)
    assert log.told[-1] == "after nothing"


# Servers as they are


def _settling(start: LiveTenant = HAVE) -> MemorySide:
    side = MemorySide(start)
    side.settle_s = 30
    return side


def test_a_server_that_shows_everything_at_once_is_never_waited_for() -> None:
    side = _settling()
    assert _apply(side).status == "applied"
    assert (side.reads, side.waits) == (3, [])


@pytest.mark.parametrize("lag", [1, 2, 5])
def test_fault_45_reads_that_show_a_write_late_are_waited_for(lag: int) -> None:
    side = _settling()
    side.lag = lag
    outcome = _apply(side)
    assert (outcome.status, outcome.message) == ("applied", None)
    assert side.log == LOG, "and nothing is sent twice"
    assert side.waits
    assert sum(side.waits) < 60


def test_fault_45_a_write_that_is_carried_out_after_its_answer_is_waited_for() -> None:
    side = _settling()
    side.late = {2: 4, 5: 3}
    assert _apply(side).status == "applied"
    assert side.log == LOG


def test_fault_45_time_ends_the_waiting_and_the_row_is_named() -> None:
    side = _settling()
    side.pretended = {5}
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert outcome.message == "answered with success, and the list does not show it after 30 s: old"
    assert sum(side.waits) == pytest.approx(30)


@pytest.mark.parametrize("after", [1, 3, 6])
def test_fault_46_a_post_without_an_answer_that_lands_late_is_not_sent_again(after: int) -> None:
    side = _settling()
    side.fail = {2: WriteError("POST: 504", landed=None, status=504)}
    side.late = {2: after}
    assert _apply(side).status == "applied"
    assert side.log == LOG


def test_fault_46_a_post_that_never_landed_is_sent_again_when_time_is_up() -> None:
    side = _settling()
    side.fail = {2: WriteError("POST: 504", landed=None, status=504)}
    side.lost = {2}
    assert _apply(side).status == "applied"
    assert side.log == [*LOG[:2], LOG[1], *LOG[2:]]
    assert sum(side.waits) == pytest.approx(30)


def test_fault_46_a_row_that_the_server_finds_and_no_list_shows_is_not_sent_again() -> None:
    side = _settling()
    side.fail = {2: WriteError("POST: 504", landed=None, status=504)}
    side.lag = 1000
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert side.log.count(LOG[1]) == 1


def test_fault_40_what_the_server_fills_in_or_renews_is_no_difference() -> None:
    def stamp(side: MemorySide) -> None:
        for rows in side.rows.values():
            for row in rows:
                row.update(account_id=UUID, updated_at=len(side.log), version=len(side.log))

    side = _side()
    side.on_write = stamp
    assert _apply(side).status == "applied"


def test_fault_40_a_field_that_was_lost_is_a_difference() -> None:
    side = _side()
    side.on_write = lambda self: [row.pop("color", None) for row in self.rows["courses"]].clear()
    (lost,) = _apply(side).differences
    assert (lost.key, lost.fields, lost.kept) == ("c2", ("color",), {"color": None})


def test_fault_43_a_text_that_the_server_changes_stops_no_call_that_does_not_need_it() -> None:
    side = _side()
    side.on_write = lambda self: [row.update(name=row["name"].upper()) for row in self.rows["schools"]].clear()
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert side.log == LOG
    kept = {one.key: (one.sent, one.kept) for one in outcome.differences}
    assert kept["new"] == ({"name": "School new"}, {"name": "SCHOOL NEW"})


# The ledger


@pytest.mark.parametrize("at", [1, 3])
def test_a_call_that_cannot_be_recorded_is_not_sent(at: int) -> None:
    """Fault 33."""
    side, log = _side(), MemoryLog()
    log.full_from = at
    outcome = _apply(side, log)
    assert outcome.status == ("unrecorded" if at == 1 else "incomplete")
    assert "no space" in str(outcome.message)
    assert len(side.log) == at - 1


@pytest.mark.parametrize("at", [1, 3])
def test_a_lock_that_is_lost_ends_it_before_the_next_call(at: int) -> None:
    side, log = _side(), MemoryLog()
    log.lost_from = at
    outcome = _apply(side, log)
    assert outcome.status == ("stale" if at == 1 else "incomplete")
    assert len(side.log) == at - 1


def test_a_result_that_cannot_be_recorded_is_not_called_done() -> None:
    """Fault 63 and invariant 12."""
    side, log = _side(), MemoryLog()
    log.full_at_the_end = True
    outcome = _apply(side, log)
    assert outcome.status == "incomplete"
    assert "could not be recorded" in str(outcome.message)


def test_a_result_that_can_be_neither_read_back_nor_recorded_is_not_called_unsent() -> None:
    side, log = _side(), MemoryLog()
    side.unreadable_from = 3
    log.full_at_the_end = True
    outcome = _apply(side, log)
    assert (outcome.status, outcome.sent) == ("incomplete", 5)


# Whose lists they are, at every reading


def test_another_tenants_rows_after_a_doubt_end_it() -> None:
    """Fault 22."""
    side = _side()
    side.fail = {2: NO_ANSWER}
    side.foreign_from = 2
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert "opens another tenant" in str(outcome.message)
    assert side.log == LOG[:2]


@pytest.mark.parametrize(("reading", "sent"), [(2, 2), (3, 5)], ids=["in between", "at the end"])
def test_another_tenants_rows_are_no_proof(reading: int, sent: int) -> None:
    side = _side()
    side.foreign_from = reading
    outcome = _apply(side)
    assert (outcome.status, outcome.sent) == ("incomplete", sent)
    assert "opens another tenant" in str(outcome.message)


def test_a_reading_that_lacks_rows_which_stay_is_not_gone_on_from() -> None:
    """A replace made from it would take them out of scope."""
    side = _side()
    side.fail = {2: NO_ANSWER}
    side.on_write = lambda self: self.rows.update({"schools": self.rows["schools"][1:]})
    outcome = _apply(side)
    assert outcome.status == "incomplete"
    assert "rows that should have stayed are not there: s; nothing more was sent" in str(outcome.message)
    assert side.log == LOG[:2]


def test_a_field_that_somebody_else_added_meanwhile_is_not_overwritten() -> None:
    side = _side()
    side.fail = {2: NO_ANSWER}
    side.on_write = lambda self: _rows(self, "courses", "course_id")["c2"].update(keywords="theirs")
    assert _apply(side).status == "applied"
    assert _rows(side, "courses", "course_id")["c2"]["keywords"] == "theirs"
    assert _rows(side, "courses", "course_id")["c2"]["name"] == "Renamed"


# Signals, and calls side by side


def test_an_interruption_ends_it_between_two_calls() -> None:
    """Fault 31."""
    side, log = _side(), MemoryLog()
    outcome = _apply(side, log, stopped=lambda: len(side.log) >= 2)
    assert (outcome.status, outcome.sent) == ("interrupted", 2)
    assert log.told[-1] == "answered 2"


def test_item_calls_of_one_sort_go_side_by_side_and_no_others() -> None:
    have = live([school("s")], [course(f"c{n}", "s") for n in range(8)])
    side = _side(have)
    side.together(4)
    plan = planned(desired([school("s", name="New")], [course(f"c{n}", "s", name="New") for n in range(8)]), have)
    assert _apply(side, plan=plan).status == "applied"
    assert side.log[0] == "update schools s"
    assert side.most_together == 4
