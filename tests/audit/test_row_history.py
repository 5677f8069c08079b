from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from scopesync.audit.row_history import Trace, may_concern, touches
from scopesync.model import SCHOOLS
from scopesync.row_identity import keyed
from tests.support.builders import SPELLINGS, UUID, school

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.documents import Action, RecordedCallDocument
    from scopesync.model import Row

Changes: TypeAlias = "Mapping[Action, list[str]]"

A, B, C = (school(key) for key in "abc")


def call(*keys: str, landed: bool | None = True) -> RecordedCallDocument:
    """A call that names those rows; the whole list, if none."""
    return {
        "step": 1,
        "list": "schools",
        "method": "POST",
        "path": "scoping/schools",
        "query": {},
        "rows": 1,
        "seq": 3,
        "at": "2026-03-02T14:15:00.000+00:00",
        "keys": list(keys),
        "outcome": "answered" if landed else "failed",
        "ended_at": None,
        "message": None,
        "landed": landed,
    }


def told(
    name: str,
    changes: Changes,
    *calls: RecordedCallDocument,
    before: tuple[Row, ...] = (A, B),
    after: tuple[Row, ...] | None = (A, C),
) -> list[tuple[str, str, bool, bool | None]]:
    """What was done to the row, briefly: key, action, answered, seen."""
    left = None if after is None else keyed(SCHOOLS, after)
    found = touches(Trace(SCHOOLS, changes, calls, keyed(SCHOOLS, before), left), name)
    return [(one["key"], one["action"], one["answered"], one["seen"]) for one in found]


CHANGES: Changes = {"create": ["c"], "update": [], "delete": ["b"]}


@pytest.mark.parametrize(
    ("calls", "after", "answered", "seen"),
    [
        ([call("c")], (A, C), True, True),
        ([call("c")], None, True, None),
        ([call("c")], (A,), True, False),
        ([call("c", landed=None)], (A, C), False, True),
        ([call("c", landed=None)], None, False, None),
        ([call("c", landed=None)], (A,), False, False),
        ([call("c", landed=None), call("c")], (A, C), True, True),
        ([call()], (A, C), True, True),
    ],
    ids=[
        "answered and seen",
        "answered, not read back",
        "answered, and not so",
        "no answer, but seen",
        "no answer, not read back",
        "no answer, and not so",
        "answered at the second time",
        "the whole list",
    ],
)
def test_a_row_was_touched_when_a_call_that_concerns_it_was_sent(
    calls: list[RecordedCallDocument], after: tuple[Row, ...] | None, *, answered: bool, seen: bool | None
) -> None:
    assert told("c", CHANGES, *calls, after=after) == [("c", "create", answered, seen)]


@pytest.mark.parametrize(
    ("name", "calls"),
    [("c", []), ("c", [call("c", landed=False)]), ("c", [call("b")]), ("a", [call()]), ("nobody", [call()])],
    ids=["nothing was sent", "the server said no", "a call about another row", "a row that stays", "no row"],
)
def test_a_row_was_not_touched_by_what_did_not_concern_it(name: str, calls: list[RecordedCallDocument]) -> None:
    assert told(name, CHANGES, *calls) == []


def test_an_update_is_seen_by_the_row_being_another_and_a_removal_by_its_being_gone() -> None:
    renamed = school("a", name="Renamed")
    changes: Changes = {"update": ["a"], "delete": ["b"]}
    assert told("a", changes, call("a"), after=(renamed,)) == [("a", "update", True, True)]
    assert told("a", changes, call("a"), after=(A,)) == [("a", "update", True, False)]
    assert told("b", changes, call("b"), after=(A,)) == [("b", "delete", True, True)]
    assert told("b", changes, call("b"), after=(A, B)) == [("b", "delete", True, False)]


def test_a_row_that_was_sent_without_an_id_is_found_by_the_one_that_it_was_given() -> None:
    given = (school("new", school_ref_id="R"), school("other", local_id="7"))
    changes: Changes = {"create": ["ref:R", "local:7"]}
    for name in ("new", "R", "ref:R"):
        assert told(name, changes, call("ref:R", "local:7"), after=given) == [("ref:R", "create", True, True)]
    assert told("other", changes, call("ref:R", "local:7"), after=given) == [("local:7", "create", True, True)]


def test_a_row_that_came_back_under_another_id_is_two_rows() -> None:
    old, new = school(None, school_ref_id="R"), school("new", school_ref_id="R")
    changes: Changes = {"create": ["new"], "delete": ["ref:R"]}
    assert told("R", changes, call(), before=(old,), after=(new,)) == [("ref:R", "delete", True, True)]
    assert told("new", changes, call(), before=(old,), after=(new,)) == [("new", "create", True, True)]


def test_a_copy_is_found_by_the_id_that_it_shares() -> None:
    copy = school("a", name="Z")
    assert told("a", {"delete": ["a#2"]}, call(), before=(A, copy), after=(A,)) == [("a#2", "delete", True, True)]


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_row_is_found_by_any_spelling_of_its_id_also_in_records_of_an_earlier_version(spelled: str) -> None:
    """Fault 44."""
    rows = (school(UUID.upper()),)
    touched = told(spelled, {"delete": [UUID.upper()]}, call(UUID.upper()), before=rows, after=())
    assert touched == [(UUID, "delete", True, True)]


@pytest.mark.parametrize(
    ("key", "maybe"), [("a", True), ("a#2", True), ("a@s", True), ("ref:R", True), ("local:1", True), ("ab", False)]
)
def test_only_lists_that_may_hold_the_row_are_looked_at(key: str, *, maybe: bool) -> None:
    assert may_concern(["x", key], "a") is maybe
