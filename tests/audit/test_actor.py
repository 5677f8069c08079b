from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from scopesync.audit.actor import _started, is_running, this_process

ROOT = Path(__file__).parent.parent.parent
NOBODY = 65534


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
        known = replace(process, started=_started(child.pid))
        assert is_running(known)
        child.kill()
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        assert not is_running(known)
        assert not is_running(process)
    assert not is_running(known)
    assert not is_running(process)


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere the system keeps the time itself")
def test_a_clock_that_is_set_makes_a_process_no_other_one() -> None:
    """On Linux the time of a start is worked out from the clock, so it is kept as the time since the boot."""
    ticks = Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    assert this_process().started == f"{int(ticks) / os.sysconf('SC_CLK_TCK'):.2f}"


HIDDEN = f"""
import os, sys, psutil
from scopesync.audit.actor import Process, is_running
if os.getuid() == 0:
    os.setgid({NOBODY}); os.setuid({NOBODY})
psutil.PROCFS_PATH = "/no/such/folder"
print(is_running(Process("h", "p", 1, "1")), is_running(Process("h", "p", int(sys.argv[1]), "1")))
"""


@pytest.mark.skipif(not psutil.LINUX, reason="only Linux hides processes")
def test_another_users_process_that_proc_hides_is_not_taken_for_dead() -> None:
    """The mount option hidepid; no /proc at all looks the same to psutil."""
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    command = [sys.executable, "-c", HIDDEN, str(gone.pid)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True False\n", "")
