"""A configuration file as text: read once, with a size limit, decoded strictly.

Belongs here: all checks before parsing (a regular file, inside the project, UTF-8, no merge conflict), and turning a
place in a text into a Problem. Does not belong here: YAML, CSV, what the text means.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scopesync.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.errors import Severity

MEBIBYTE = 1 << 20
YAML_BYTES = 16 * MEBIBYTE
CSV_BYTES = 64 * MEBIBYTE
EXCERPT_LENGTH = 200
"""Only the beginning of a longer line is shown, and only if the place of the problem is in it."""

_BOM = "\ufeff"
_ARCHIVE = b"PK\x03\x04"
"""The first bytes of every .xlsx and .ods file."""
_BREAK = re.compile(r"\r\n|[\r\n]")
_MARKERS = ("<<<<<<<", ">>>>>>>", "|||||||", "=======")
_CONFLICT = re.compile(r"^(?:<{7}(?= |$)|>{7}(?= |$)|\|{7}(?= |$)|={7}$)", re.MULTILINE)
_SECRET_WORD = re.compile(
    r"credential|vendor|secret|passw|pwd|token|bearer|client|api.?key|(?<![a-z])key(?!word)|://[^/\s]*@",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"(?P<indent>\s*)(?:- +)*[\"']?[\w-]+[\"']?\s*:|(?P<item>\s*)- ")


@dataclass(frozen=True)
class SourceText:
    """The text of one file; `name` is its path relative to the project, with `/`."""

    name: str
    text: str

    def problem(
        self,
        message: str,
        line: int | None = None,
        column: int | None = None,
        *,
        hint: str | None = None,
        severity: Severity = "error",
    ) -> Problem:
        """A Problem at that place (both count from 1), with the line itself if it may be shown."""
        return Problem(message, self.name, line, column, hint, self.excerpt(line, column), severity)

    def excerpt(self, line: int | None, column: int | None = None) -> str | None:
        """The line, None if it may hold a secret, or if the column is beyond what is shown of a line."""
        if line is None or not 0 < line <= len(self.lines):
            return None
        is_cut_off = column is not None and column > EXCERPT_LENGTH
        if is_cut_off or self.is_private(line):
            return None
        return self.lines[line - 1][:EXCERPT_LENGTH]

    def is_private(self, line: int) -> bool:
        """Whether that line may hold a secret, so that no part of it may be shown."""
        return line in self._private

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their line breaks; split only when a problem is reported."""
        return _BREAK.split(self.text)

    @cached_property
    def _private(self) -> frozenset[int]:
        """Lines that mention a secret, and all lines below that may belong to the same value; none in a CSV."""
        if is_csv(self.name):
            return frozenset()
        private: set[int] = set()
        indent: int | None = None  # of the entry that mentions a secret, while inside of it
        for number, line in enumerate(self.lines, start=1):
            entry = _ENTRY.match(line)
            depth = _depth(entry) if entry is not None else None
            has_left_entry = indent is not None and depth is not None and depth <= indent
            if has_left_entry:
                indent = None
            if _SECRET_WORD.search(line):
                here = depth or 0
                indent = here if indent is None else min(indent, here)
            if indent is not None:
                private.add(number)
        return frozenset(private)


def _depth(entry: re.Match[str]) -> int:
    """How far a key, or the dash of an item without a key, is indented."""
    blanks = entry["indent"] if entry["indent"] is not None else entry["item"]
    return len(blanks)


def is_csv(name: str) -> bool:
    """Whether a row file of that name is read as CSV; all others are YAML."""
    return name.lower().endswith(".csv")


def read_text(root: Path, name: str, *, cap: int) -> SourceText:
    """The text of the file `name` under `root`; raises ConfigurationError if it may not or cannot be read.

    Refused: a missing file, a folder, a device, a FIFO, a file outside of `root` (also through a symlink), a file
    of more than `cap` bytes, and what `decode` refuses. The file is opened only after the checks on its path and size.
    """
    path = root / name
    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise _refusal(name, "the file is outside of the project", "keep every file inside the project's folder")
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _refusal(name, f"this is {_file_type(found.st_mode)}, not a file")
        if found.st_size > cap:
            raise _too_large(name, cap)
        with path.open("rb") as file:
            data = file.read(cap + 1)
    except FileNotFoundError as error:
        raise _refusal(name, "there is no such file") from error
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its symlinks lead in a circle"
        raise _refusal(name, f"the file cannot be read: {reason}") from error
    if len(data) > cap:
        raise _too_large(name, cap)
    return decode(data, name)


def decode(data: bytes, name: str) -> SourceText:
    """The bytes as text: UTF-8, with or without a BOM; raises ConfigurationError for everything else.

    The message for UTF-16, other encodings and NUL has the byte offset (from 0). Workbooks and Git conflict markers
    have messages of their own.
    """
    if data.startswith(_ARCHIVE):
        raise _refusal(name, "this is a workbook (.xlsx) or an archive, not text", "save it as CSV UTF-8")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _bad_byte(data, 0, name, "this is UTF-16")
    if (offset := data.find(b"\0")) >= 0:
        raise _bad_byte(data, offset, name, "a NUL byte (is this UTF-16, or no text at all?)")
    try:
        text = data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise _bad_byte(data, error.start, name, "this is not UTF-8 (Windows-1252 or Latin-1, perhaps?)") from error
    source = SourceText(name, text)
    if line := conflict_line(text):
        message = "Git conflict markers: a merge was not finished here"
        raise ConfigurationError([source.problem(message, line, 1, hint="keep one side and remove the markers")])
    return source


def conflict_line(text: str) -> int | None:
    """The line (from 1) of the first Git conflict marker, None if there is none."""
    # Searching for one character is ten times faster than for seven.
    if not any(marker[0] in text and marker in text for marker in _MARKERS):
        return None
    lines = text.replace("\r\n", "\n")
    found = _CONFLICT.search(lines)
    return lines.count("\n", 0, found.start()) + 1 if found else None


def _bad_byte(data: bytes, offset: int, name: str, what: str) -> ConfigurationError:
    line = data.count(b"\n", 0, offset) + 1
    line_start = data.rfind(b"\n", 0, offset) + 1
    before = data[line_start:offset].decode(errors="replace").removeprefix(_BOM)
    column = len(before) + 1
    hint = "save the file as UTF-8"
    if is_csv(name):
        hint += " (in Excel: as CSV UTF-8)"
    return ConfigurationError([Problem(f"{what}, at byte offset {offset}", name, line, column, hint)])


def _refusal(name: str, message: str, hint: str | None = None) -> ConfigurationError:
    return ConfigurationError([Problem(message, name, hint=hint)])


def _too_large(name: str, cap: int) -> ConfigurationError:
    hint = "split it into several files: `from:` takes globs"
    return _refusal(name, f"the file is larger than {cap // MEBIBYTE} MiB", hint)


def _file_type(mode: int) -> str:
    types = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    return types.get(stat.S_IFMT(mode), "something else")
