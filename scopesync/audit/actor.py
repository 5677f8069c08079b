"""Who acts: the person or job, and the process.

Belongs here: the two values, and asking the operating system about processes. Does not belong here: reading the
environment (the command line does), deciding what a dead process means (locks).
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Who:
    """Who started a run, and from which files: what the environment and Git say, None where they say nothing."""

    user: str
    host: str
    ci_url: str | None = None
    commit: str | None = None
    dirty: bool | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `place` names the set of processes in which `pid` means something: one boot, one container.

    `started` tells it from a later process with the same pid; None where the system does not say.
    """

    host: str
    place: str
    pid: int
    started: str | None = None


def this_process() -> Process:
    """The process that asks."""
    return Process(socket.gethostname(), _place(), os.getpid(), _started(os.getpid()))


def is_running(process: Process) -> bool:
    """Whether a process of this place still runs: its pid is taken, and not by a younger process or a dead one."""
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it runs, as somebody else
    started = _started(process.pid)
    return None in (process.started, started) or started == process.started


def _place() -> str:
    """Two containers may share a host's name but no pids, and a boot makes all pids new."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> str | None:
    """When the process began, in ticks since the boot; empty for a zombie, None where the system does not say.

    Fields are counted after the last bracket: a program's name may hold blanks and brackets (proc(5)).
    """
    try:
        fields = (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    state, start = fields[0], fields[19]
    return "" if state in "ZX" else start
