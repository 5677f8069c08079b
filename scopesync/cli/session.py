"""A session: what one run of the command line knows about its surroundings, and the only way out for its words.

Belongs here: streams, colour, the environment, the project's folder. Does not belong here: what any command does.
Every text passes `Session.out` or `Session.err`, and every log line its handler; each masks secrets.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from scopesync.desired.project import Project
    from scopesync.live.http.network import Route
    from scopesync.report.renderers import Look

LOG_COLUMNS = 200
"""A log has no width; its readers scroll."""


class Session:
    """One run. `form` is the format that the command was asked for: on `json`, failures are documents too.

    `run` runs another command line, in another environment, and gives its exit code: what `demo` is made of.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        stdout: TextIO,
        stderr: TextIO,
        run: Callable[[Sequence[str], Mapping[str, str]], int],
    ) -> None:
        self.environ = environ
        self.run = run
        self.root = Path.cwd()
        self.verbosity = 0
        self.form = "text"
        self._color = "auto"
        self._ca_file: Path | None = None
        self._proxy: str | None = None
        self._stdout = stdout
        self._stderr = stderr

    def configure(
        self, *, root: Path, verbosity: int, color: str, ca_file: Path | None = None, proxy: str | None = None
    ) -> None:
        """Take the options that every command shares."""
        self.root = root
        self.verbosity = verbosity
        self._color = color
        self._ca_file = ca_file
        self._proxy = proxy
        _log_to(self.err, level=(logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)])

    @property
    def color(self) -> bool:
        """Whether results are coloured: as asked, else on a terminal that has not said no (https://no-color.org)."""
        if self._color != "auto":
            return self._color == "always"
        dumb = self.environ.get("TERM") == "dumb" or bool(self.environ.get("NO_COLOR"))
        return self._stdout.isatty() and not dumb

    def look(self, *, full: bool) -> Look:
        """How text looks here: as wide as COLUMNS says, else as the terminal is, else as a log."""
        from scopesync.report.renderers import Look

        return Look(color=self.color, width=self._columns, full=full)

    @property
    def _columns(self) -> int:
        asked = self.environ.get("COLUMNS", "")
        if asked.isdecimal() and int(asked):
            return int(asked)
        try:
            return os.get_terminal_size(self._stdout.fileno()).columns or LOG_COLUMNS
        except (OSError, ValueError):  # no terminal; or, under another program, no file at all
            return LOG_COLUMNS

    @property
    def folder(self) -> str:
        """Where the project lies in the repository that GitHub's runner has checked out; "" anywhere else."""
        checkout = self.environ.get("GITHUB_WORKSPACE")
        root = self.root.resolve()
        if not checkout or not root.is_relative_to(Path(checkout).resolve()):
            return ""
        return root.relative_to(Path(checkout).resolve()).as_posix()

    @property
    def route(self) -> Route:
        """The way to the API's hosts, as asked for by name. Raises UsageError."""
        from scopesync.live.http.network import route_of

        return route_of(ca_file=self._ca_file, proxy=self._proxy)

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        return sys.stdin is not None and sys.stdin.isatty() and self._stderr.isatty()

    @property
    def watched(self) -> bool:
        """Whether somebody looks at stderr, so that progress is worth drawing."""
        return self._stderr.isatty() and self.environ.get("TERM") != "dumb"

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    @property
    def today(self) -> date:
        """The date, in UTC: an `allow` ends on the same day for everybody."""
        return self.now.date()

    def project(self, *, aloud: bool = True) -> Project:
        """The project in the folder. Raises ConfigurationError with every problem.

        What is no error is said on stderr if `aloud`: warnings always, notes when asked to be verbose.
        """
        from scopesync.desired.project import load_project
        from scopesync.errors import problems_document
        from scopesync.report.problems_text import problems_text

        project = load_project(self.root, today=self.today)
        heard = [problem for problem in project.problems if self.verbosity or problem.severity == "warning"]
        self.err(problems_text(problems_document(heard)) if aloud else "")
        return project

    def close(self) -> None:
        """End the run: nothing is logged to it any more."""
        _log_nowhere()

    def out(self, text: str) -> None:
        """Write a result."""
        _write(self._stdout, text)

    def err(self, text: str) -> None:
        """Write what is no result."""
        _write(self._stderr, text)


def _write(stream: TextIO, text: str) -> None:
    """Write the text, masked. A reader that has gone away (`| head`) is no failure: the exit code is kept."""
    if not text:
        return
    try:
        stream.write(_masked(text))
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _masked(text: str) -> str:
    """The text without secrets. A run that has not loaded `live` has loaded no secret either."""
    if "scopesync.secrets" not in sys.modules:
        return text
    from scopesync.secrets import mask

    return mask(text)


class _Lines(logging.Handler):
    """Hands each log record, as one line, to a sink."""

    def __init__(self, sink: Callable[[str], None]) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        self._sink(f"{self.format(record)}\n")


def _log_to(sink: Callable[[str], None], *, level: int) -> None:
    logger = logging.getLogger("scopesync")
    logger.handlers = [_Lines(sink)]
    logger.setLevel(level)
    logger.propagate = False


def _log_nowhere() -> None:
    """Leave the logger as a program finds it that has scopesync for a library."""
    logger = logging.getLogger("scopesync")
    logger.handlers = []
    logger.setLevel(logging.NOTSET)
    logger.propagate = True
