from __future__ import annotations

from typing import Any

from scopesync.apply.tenant import apply_tenant
from scopesync.errors import ConflictError, WriteError
from scopesync.model import Identity, LiveTenant
from tests.support.builders import course, desired, live, planned, school
from tests.support.memory_side import MemorySide

HAVE = live([school("s"), school("old")], [course("c1", "old"), course("c2", "s", color="blue")])
WANT = desired([school("s"), school("new")], [course("c2", "s", name="Renamed"), course("c3", "new")])
LOG = [
    "delete courses c1",
    "append schools 1",
    "append courses 1",
    "update courses c2",
    "delete schools old",
]


def _rows(side: MemorySide, name: str, id_field: str) -> dict[str, Any]:
    return {row[id_field]: row for row in side.rows[name]}


def _side(start: LiveTenant = HAVE) -> MemorySide:
    return MemorySide(start)


def test_a_plan_is_carried_out_in_its_order_and_proved() -> None:
    side = _side()
    outcome = apply_tenant(planned(WANT, HAVE), side.side())
    assert outcome.status == "applied"
    assert (outcome.sent, outcome.calls) == (5, 5)
    assert side.log == LOG
    assert side.reads == 2
    assert not planned(WANT, side.read()).changed
    assert _rows(side, "courses", "course_id")["c2"]["color"] == "blue"


def test_nothing_to_do_asks_nothing_of_the_server() -> None:
    side = _side()
    assert apply_tenant(planned(desired(), HAVE), side.side()).status == "unchanged"
    assert side.reads == 0


def test_one_more_live_row_since_the_review_and_nothing_is_sent() -> None:
    plan = planned(WANT, HAVE)
    side = _side(live([*HAVE.schools.rows, school("extra")], HAVE.courses.rows))
    outcome = apply_tenant(plan, side.side())
    assert outcome.status == "stale"
    assert "schools (2 rows then, 3 now)" in str(outcome.message)
    assert not side.log


def test_other_limits_than_the_reviewed_ones_and_nothing_is_sent() -> None:
    have = live([school("s")])
    plan = planned(desired([school("s"), school("a"), school("b")]), have)
    side = _side(have)
    assert apply_tenant(plan, side.side(rows_per_call=1)).status == "stale"
    assert not side.log


def test_a_credential_that_opens_another_tenant_since_the_review_and_nothing_is_sent() -> None:
    side = MemorySide(HAVE, identity=Identity("foreign", "4 rows name another tenant"))
    assert apply_tenant(planned(WANT, HAVE), side.side()).status == "stale"
    assert not side.log


def test_a_side_that_cannot_be_read_before_the_first_call_gets_none() -> None:
    side = _side()
    side.unreadable_from = 1
    assert apply_tenant(planned(WANT, HAVE), side.side()).status == "unread"
    assert not side.log


def test_the_first_call_that_fails_is_the_last_and_what_is_left_is_named() -> None:
    side = _side()
    side.fail = {2: WriteError("POST /tenant/scoping/schools: 400", landed=False, status=400)}
    outcome = apply_tenant(planned(WANT, HAVE), side.side())
    assert (outcome.status, outcome.sent) == ("incomplete", 1)
    assert outcome.message == "POST /tenant/scoping/schools: 400"
    assert side.log == LOG[:2]
    assert {(one.list, one.key, one.state) for one in outcome.differences} == {
        ("schools", "new", "missing"),
        ("schools", "old", "unexpected"),
        ("courses", "c3", "missing"),
        ("courses", "c2", "different"),
    }


def test_a_last_call_without_an_answer_that_landed_is_proved_by_reading_back() -> None:
    side = _side()
    side.fail = {5: WriteError("DELETE /tenant/scoping/schools/old: no answer", landed=None)}
    assert apply_tenant(planned(WANT, HAVE), side.side()).status == "applied"


def test_success_without_effect_is_found_by_reading_back() -> None:
    side = _side()
    side.on_write = lambda self: self.rows.update(
        courses=[{**row, "name": str(row["name"])[:3]} for row in self.rows["courses"]]
    )
    outcome = apply_tenant(planned(WANT, HAVE), side.side())
    assert outcome.status == "incomplete"
    assert "not what was sent" in str(outcome.message)
    assert {(one.key, one.fields) for one in outcome.differences} == {("c2", ("name",)), ("c3", ("name",))}


def test_a_result_that_cannot_be_read_back_is_not_called_done() -> None:
    side = _side()
    side.unreadable_from = 2
    outcome = apply_tenant(planned(WANT, HAVE), side.side())
    assert (outcome.status, outcome.sent) == ("incomplete", 5)
    assert "could not be read back" in str(outcome.message)


def test_somebody_else_writes_before_anything_was_done_and_the_plan_is_stale() -> None:
    side = _side()
    side.fail = {1: ConflictError("DELETE /tenant/scoping/courses/c1: 409", landed=False, status=409)}
    outcome = apply_tenant(planned(WANT, HAVE), side.side())
    assert (outcome.status, outcome.sent) == ("stale", 0)
