"""Failures and problems in people's files -> text or GitHub annotations.

Belongs here: showing a place with the line itself and a caret. Does not belong here: finding problems (desired).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from scopesync.report.clean import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_EXCERPT = 100
"""Characters of a source line that are shown."""


def failure_text(document: Mapping[str, Any]) -> str:
    """A failure's document in words: its problems where it has any, what happened, and what to do next."""
    error = document["error"]
    problems = problems_text(document) if "problems" in document else ""
    hint = f"  {one_line(error['hint'])}\n" if error["hint"] else ""
    return f"{problems}error: {one_line(error['message'])}\n{hint}"


def problems_text(document: Mapping[str, Any]) -> str:
    """Each problem with its place, the line with a caret under its column (where known), and what to do instead."""
    lines: list[str] = []
    for problem in document["problems"]:
        lines += _lines(problem)
    return "".join(f"{line}\n" for line in lines)


def problems_github(document: Mapping[str, Any], *, folder: str = "") -> str:
    """The problems as GitHub workflow commands, which annotate the lines of a pull request.

    GitHub takes file names relative to the root of the repository: `folder` is where the project lies in it.
    """
    return "".join(f"{_annotation(problem, folder)}\n" for problem in document["problems"])


def _lines(problem: Mapping[str, Any]) -> Iterator[str]:
    known = [str(part) for part in (problem["file"], problem["line"], problem["column"]) if part is not None]
    place = f"{one_line(':'.join(known))}: " if known else ""
    yield f"{place}{problem['severity']}: {one_line(problem['message'])}"
    if problem["excerpt"]:
        yield from _excerpt(problem["excerpt"], problem["column"])
    if problem["hint"]:
        yield f"    {one_line(problem['hint'])}"


def _excerpt(line: str, column: int | None) -> Iterator[str]:
    """The part of the line around the column, and a caret under it, moved right by the escapes that precede it."""
    start = max(0, (column or 0) - MOST_EXCERPT // 2)
    yield f"    | {one_line(line[start : start + MOST_EXCERPT])}"
    if column is not None:
        before_the_caret = one_line(line[start : column - 1])
        yield f"    | {' ' * len(before_the_caret)}^"


def _annotation(problem: Mapping[str, Any], folder: str) -> str:
    level = {"error": "error", "warning": "warning", "note": "notice"}[problem["severity"]]
    file = problem["file"] and posixpath.join(folder, problem["file"])
    properties = (("file", file), ("line", problem["line"]), ("col", problem["column"]))
    known = [f"{name}={_property(str(value))}" for name, value in properties if value is not None]
    where = f" {','.join(known)}" if known else ""
    message = problem["message"]
    if problem["hint"] is not None:
        message = f"{message}; {problem['hint']}"
    return f"::{level}{where}::{_data(one_line(message))}"


def _data(text: str) -> str:
    """Escaped as GitHub's runner unescapes a message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as GitHub's runner unescapes a property."""
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
