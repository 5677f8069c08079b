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
"""The start time of a process that has ended."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who started a run, and from which commit, by the environment and Git; None where these do not say."""

    user: str
    host: str
    ci_url: str | None = None
    commit: str | None = None
    dirty: bool | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `place` names the set of processes in which `pid` means something: one boot, one container.

    `started` distinguishes it from a later process with the same pid; None where the system does not say.
    """

    host: str
    place: str
    pid: int
    started: str | None = None


def this_process() -> Process:
    """The running process itself."""
    return Process(socket.gethostname(), _place(), os.getpid(), _started(os.getpid()))


def is_running(process: Process) -> bool:
    """Whether a process of this place still runs: its pid is in use, and not by a later process or a zombie."""
    started = _started(process.pid)
    if started == _ENDED:
        return False
    return None in (process.started, started) or started == process.started


def _place() -> str:
    """Containers may share a host name but not their pids, and after a boot pids start anew. Only Linux shows both."""
    proc = Path("/proc")
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{(proc / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> str | None:
    """When the process began, in seconds; `_ENDED` for a zombie or none, None where the system does not say.

    On Linux the time is counted from the boot, so that setting the clock does not make a running process look like
    another one. Elsewhere the system records the time at which the process began.
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
    """Whether the pid belongs to another user's process, which /proc hides when it is mounted with hidepid."""
    if not hasattr(os, "getuid"):
        return False  # on Windows os.kill would end the process instead of checking it
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return False
