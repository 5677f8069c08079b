from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scopesync.apply.looking import look
from scopesync.apply.ports import Side
from scopesync.errors import UnstableReadError
from scopesync.model import Limits
from tests.support.builders import live, school

if TYPE_CHECKING:
    from scopesync.model import LiveTenant

SETTLED = live([school("a")])


class Readings:
    """A reader whose readings come out one after the other, the last one for ever. None: the list moved meanwhile."""

    def __init__(self, *readings: LiveTenant | None) -> None:
        self._readings = list(readings)
        self.slept: list[float] = []

    def read(self) -> LiveTenant:
        found = self._readings.pop(0) if len(self._readings) > 1 else self._readings[0]
        if found is None:
            raise UnstableReadError("4 readings of the list differ")
        return found

    def find(self, *_: Any) -> None:
        return None


def _look(readings: Readings, *, stopped: bool = False) -> LiveTenant:
    # A look only reads: a writer that has no method is the one to give it.
    side = Side(readings, object(), Limits(settle_s=30), readings.slept.append)  # type: ignore[arg-type]
    return look(side, is_settled=lambda seen: seen is SETTLED, stopped=lambda: stopped)


def test_a_list_that_moves_while_it_is_read_is_looked_at_again() -> None:
    readings = Readings(None, live(), None, SETTLED)
    assert _look(readings) is SETTLED
    assert readings.slept == [0.25, 0.5, 1]


def test_a_list_that_never_rests_is_no_list_once_time_is_up() -> None:
    readings = Readings(None)
    with pytest.raises(UnstableReadError):
        _look(readings)
    assert sum(readings.slept) == 30


def test_nobody_waits_after_a_signal() -> None:
    readings = Readings(None)
    with pytest.raises(UnstableReadError):
        _look(readings, stopped=True)
    assert not readings.slept
