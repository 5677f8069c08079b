from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from scopesync.apply.sending import Sender
from scopesync.errors import CredentialError, WriteError
from scopesync.model import COURSES, SCHOOLS
from scopesync.plan.writes import Write
from tests.support.builders import course, live, school
from tests.support.memory_log import MemoryLog
from tests.support.memory_side import MemorySide

if TYPE_CHECKING:
    from collections.abc import Iterator

ADD = Write(SCHOOLS, "append", rows=(school("new"),))
RENAME = Write(COURSES, "update", "c", (course("c", "s", name="Renamed"),))
REMOVE = Write(SCHOOLS, "delete", "s")


@pytest.fixture
def side() -> MemorySide:
    return MemorySide(live([school("s")], [course("c", "s")]))


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def sender(side: MemorySide, log: MemoryLog) -> Iterator[Sender]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield Sender(side.side().writer, log, pool, 2, lambda: False)


def test_each_write_is_recorded_before_and_after_it_is_sent(sender: Sender, log: MemoryLog) -> None:
    assert sender.send([ADD, RENAME]) is None
    assert log.told == ["intend POST schools new", "answered 1", "intend PUT courses c", "answered 2"]
    assert (sender.sent, sender.answered) == (2, [ADD, RENAME])


def test_a_write_without_a_clear_answer_is_doubtful_and_the_last(sender: Sender, side: MemorySide) -> None:
    side.fail = {1: WriteError("no answer", landed=None)}
    assert sender.send([ADD, REMOVE]) is side.fail[1]
    assert (sender.doubtful, sender.answered) == ([ADD], [])
    assert sender.touched
    assert len(side.log) == 1


@pytest.mark.parametrize("failure", [WriteError("400", landed=False, status=400)])
def test_a_clear_no_touches_nothing(sender: Sender, side: MemorySide, failure: WriteError) -> None:
    side.fail = {1: failure}
    assert sender.send([ADD]) is failure
    assert (sender.doubtful, sender.touched) == ([], False)


def test_a_call_with_a_refused_credential_is_not_waited_for(sender: Sender, side: MemorySide) -> None:
    side.fail = {1: CredentialError("401, and again with a new token")}
    sender.send([ADD])
    assert (sender.doubtful, sender.touched) == ([], True)


def test_what_was_answered_is_told_of_the_last_send_alone(sender: Sender) -> None:
    sender.send([ADD])
    sender.send([RENAME])
    assert (sender.sent, sender.answered) == (2, [RENAME])


def test_once_stopped_nothing_more_is_sent(side: MemorySide, log: MemoryLog) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        sender = Sender(side.side().writer, log, pool, 2, lambda: len(side.log) == 1)
        assert sender.send([ADD, REMOVE]) is None
    assert side.log == ["append schools 1"]
