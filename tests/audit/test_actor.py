from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from scopesync.audit.actor import is_running, this_process


def test_this_process_runs() -> None:
    assert is_running(this_process())


def test_a_younger_process_with_the_same_pid_is_another_one() -> None:
    mine = this_process()
    assert mine.started is not None
    assert not is_running(replace(mine, started="1"))


def test_a_process_that_has_ended_does_not_run_even_while_nobody_has_taken_note_of_its_end() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = replace(this_process(), pid=child.pid, started=None)
        assert is_running(process)
        started = _started_of(child.pid)
        child.kill()
        assert child.stdin is not None
        while (state := _state_of(child.pid)) != "Z":
            assert state in "RSDZ"
        assert not is_running(replace(process, started=started))
    assert not is_running(process)


def _stat(pid: int) -> list[str]:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123 - a file of the kernel's
        return file.read().rpartition(")")[2].split()


def _state_of(pid: int) -> str:
    return _stat(pid)[0]


def _started_of(pid: int) -> str:
    return _stat(pid)[19]
