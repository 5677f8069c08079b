"""Who acts: the person or job, and the process.

Belongs here: the two values, and asking the operating system about processes. Does not belong here: reading the
environment (the command line does), deciding what a dead process means (locks).
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

_ENDED = ""
"""What stands for the start of a process that is no more."""


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
    started = _started(process.pid)
    if started == _ENDED:
        return False
    return None in (process.started, started) or started == process.started


def _place() -> str:
    """Two containers may share a host's name but no pids, and a boot makes all pids new. Only Linux tells both."""
    proc = Path("/proc")
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{(proc / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> str | None:
    """When the process began, in seconds; `_ENDED` for a zombie or none, None where the system does not say.

    Linux is asked for the time since the boot: a clock that is set meanwhile must not make a living process another
    one. Elsewhere the system itself keeps the time at which the process began.
    """
    import psutil  # noqa: PLC0415 - 40 ms that a plan need not pay

    try:
        process = psutil.Process(pid)
        if process.status() in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
            return _ENDED
        began = process.create_time()
    except psutil.NoSuchProcess:
        return None if _is_hidden(pid) else _ENDED
    except psutil.AccessDenied:
        return None
    since = psutil.boot_time() if psutil.LINUX else 0.0
    return f"{began - since:.2f}"


def _is_hidden(pid: int) -> bool:
    """Whether another user's process is there after all: /proc can be mounted so that it hides those (hidepid)."""
    if not hasattr(os, "getuid"):
        return False  # on Windows, where os.kill does not ask: it ends the process
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return False
