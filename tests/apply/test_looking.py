from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.apply.looking import LONGEST_WAIT_S, growing_waits, look, read_back
from scopesync.errors import CredentialError
from tests.support.builders import live, school
from tests.support.memory_side import MemorySide

if TYPE_CHECKING:
    from scopesync.model import LiveTenant


def _side(settle_s: float = 30) -> MemorySide:
    side = MemorySide(live([school("s")]))
    side.settle_s = settle_s
    return side


def _never(_: LiveTenant) -> bool:
    return False


@pytest.mark.parametrize("total", [0, 0.1, 1, 30, 600])
def test_waits_grow_and_come_to_the_whole_time(total: float) -> None:
    waits = list(growing_waits(total))
    assert sum(waits) == pytest.approx(total)
    assert waits[:-1] == sorted(waits[:-1])
    assert max(waits, default=0) <= LONGEST_WAIT_S


def test_lists_that_are_settled_are_read_once() -> None:
    side = _side()
    look(side.side(), is_settled=lambda _: True, stopped=lambda: False)
    assert (side.reads, side.waits) == (1, [])


def test_lists_are_read_again_until_they_are_settled() -> None:
    side = _side()
    look(side.side(), is_settled=lambda _: side.reads == 4, stopped=lambda: False)
    assert side.waits == [0.25, 0.5, 1.0]


def test_time_ends_a_look_with_what_is_there() -> None:
    side = _side(settle_s=1)
    found = look(side.side(), is_settled=_never, stopped=lambda: False)
    assert found.schools.rows == live([school("s")]).schools.rows
    assert sum(side.waits) == 1


def test_a_signal_ends_a_look() -> None:
    side = _side()
    look(side.side(), is_settled=_never, stopped=lambda: True)
    assert side.waits == []


def test_another_tenants_rows_are_never_looked_at() -> None:
    side = _side()
    side.foreign_from = 1
    with pytest.raises(CredentialError, match="opens another tenant now"):
        read_back(side.side())
