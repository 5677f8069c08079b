from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scopesync.audit.protection import protected_keys
from scopesync.model import SCHOOLS, DesiredList, DesiredRow
from tests.support.builders import desired, live, school

if TYPE_CHECKING:
    from scopesync.model import DesiredTenant

LIVE = live([school("a"), school("b", local_id="2"), school("c", local_id="3"), school("d", local_id="3")])


def protecting(*rows: dict[str, Any]) -> DesiredTenant:
    guarded = tuple(DesiredRow(row, protect=True) for row in rows)
    return replace(desired(), lists={"schools": DesiredList(SCHOOLS, (*guarded, DesiredRow({"school_id": "z"})))})


def test_a_protected_row_is_called_as_the_live_side_calls_it() -> None:
    assert protected_keys(protecting({"school_id": "a"}, {"local_id": "2"}), LIVE) == {"schools": ["a", "b"]}


def test_a_protected_row_that_is_not_live_or_not_clearly_one_is_called_by_its_own_words() -> None:
    assert protected_keys(protecting({"school_id": "y"}), LIVE) == {"schools": ["y"]}
    assert protected_keys(protecting({"local_id": "3"}), LIVE) == {"schools": ["local:3"]}


def test_a_list_that_is_not_managed_protects_nothing() -> None:
    assert protected_keys(desired(courses=[]), LIVE) == {"courses": []}
    assert protected_keys(None, LIVE) == {}
