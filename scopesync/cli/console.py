"""The console: what one run of the command line knows of its terminal, and the only way out for its words.

Belongs here: streams, colour, width, the shared options, whether a person can be asked. Does not belong here: what any
command does. Every text passes `Console.out` or `Console.err`, and every log line its handler; each masks secrets.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from scopesync.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scopesync.errors import Problem
    from scopesync.operations.workspace import Workspace
    from scopesync.report.renderers import Look

LOG_COLUMNS = 200
"""A log has no width; its readers scroll."""


class Console:
    """One run. `form` is the format that the command was asked for: on `json`, failures are documents too.

    `run` runs another command line, in another environment, and gives its exit code: what `demo` is made of.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None,
        *,
        stdout: TextIO,
        stderr: TextIO,
        run: Callable[[Sequence[str], Mapping[str, str]], int],
    ) -> None:
        self.environment = Environment.of_process() if environ is None else Environment(environ)
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
    def workspace(self) -> Workspace:
        """Where the operations of this run work. Progress, warnings and (if asked to be verbose) notes go to stderr."""
        from scopesync.cli.progress import ProgressDisplay
        from scopesync.operations.workspace import Network, Workspace

        return Workspace(
            self.root,
            self.environment,
            network=Network(self._ca_file, self._proxy),
            on_progress=ProgressDisplay(self),
            on_problems=self._show_problems,
        )

    @property
    def color(self) -> bool:
        """Whether results are coloured: as asked, else on a terminal that has not said no (https://no-color.org)."""
        if self._color != "auto":
            return self._color == "always"
        plain = self.environment.dumb_terminal or self.environment.no_color
        return self._stdout.isatty() and not plain

    def look(self, *, full: bool) -> Look:
        """How text looks here: as wide as COLUMNS says, else as the terminal is, else as a log."""
        from scopesync.report.renderers import Look

        return Look(color=self.color, width=self.width, full=full)

    @property
    def width(self) -> int:
        """The width of text, in characters."""
        if self.environment.columns is not None:
            return self.environment.columns
        try:
            return os.get_terminal_size(self._stdout.fileno()).columns or LOG_COLUMNS
        except (OSError, ValueError):  # no terminal; or, under another program, no file at all
            return LOG_COLUMNS

    @property
    def folder(self) -> str:
        """Where the project lies in the repository that GitHub's runner has checked out; "" anywhere else."""
        if self.environment.checkout is None:
            return ""
        checkout, root = Path(self.environment.checkout).resolve(), self.root.resolve()
        return root.relative_to(checkout).as_posix() if root.is_relative_to(checkout) else ""

    @property
    def interactive(self) -> bool:
        """Whether there is a person to ask."""
        return sys.stdin is not None and sys.stdin.isatty() and self._stderr.isatty()

    @property
    def watched(self) -> bool:
        """Whether stderr is a terminal on which progress bars can be drawn."""
        return self._stderr.isatty() and not self.environment.dumb_terminal

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is no error: warnings always, notes when asked to be verbose."""
        from scopesync.errors import problems_document
        from scopesync.report.problems_text import problems_text

        shown = [problem for problem in problems if self.verbosity or problem.severity == "warning"]
        self.err(problems_text(problems_document(shown)))

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
