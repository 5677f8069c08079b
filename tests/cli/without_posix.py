"""A command line on a system that is no POSIX: run as `python -m tests.cli.without_posix WORDS`.

Before anything of ours is imported, what Windows does not have is taken away, and what it does otherwise is made so:
a folder cannot be opened, `os.kill` ends whatever it is given, and text is written with its line breaks. What cannot be
shown here: file names, consoles, and files that are in use.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any, NoReturn

import psutil  # before anything is taken away: its own half for this system needs it

MISSING_MODULES = ("fcntl", "grp", "pwd", "resource", "termios")
MISSING_FUNCTIONS = (
    *("chown", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getpgid", "getuid", "killpg"),
    *("mkfifo", "posix_spawn", "setpgid", "setsid", "sync", "uname"),
)
MISSING_FLAGS = ("O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK")
MISSING_SIGNALS = ("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2")

_KILL = 9

_open = os.open
_kill = os.kill


def take_posix_away() -> None:
    """Leave this process what a Python on Windows has."""
    for name in MISSING_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented way to make an import fail
    for name in (*MISSING_FUNCTIONS, *MISSING_FLAGS):
        delattr(os, name)
    for name in MISSING_SIGNALS:
        delattr(signal, name)
    os.open = _open_no_folder
    os.kill = _end_itself

    for program in (subprocess.Popen, psutil.Process):  # there they end a program without any signal
        setattr(program, "kill", _terminate)  # noqa: B010 - mypy lets no method be assigned


def _open_no_folder(path: Any, *rest: Any, **named: Any) -> int:
    if not isinstance(path, int) and os.path.isdir(path):  # noqa: PTH112 - pathlib is not imported yet
        raise PermissionError(13, "Permission denied", path)
    return _open(path, *rest, **named)


def _end_itself(pid: int, number: int) -> NoReturn:  # noqa: ARG001 - as os.kill has them
    """There it would be the end of the process that is asked about: here it is the end of the one that asks."""
    os._exit(99)


def _terminate(process: Any) -> None:
    _kill(process.pid, _KILL)


if __name__ == "__main__":
    take_posix_away()
    from scopesync.cli.main import main

    sys.exit(main())
