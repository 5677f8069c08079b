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
    told = problems_text(document) if "problems" in document else ""
    hint = f"  {one_line(error['hint'])}\n" if error["hint"] else ""
    return f"{told}error: {one_line(error['message'])}\n{hint}"


def problems_text(document: Mapping[str, Any]) -> str:
    """Each problem with its place, the line with a caret under its column, as far as known, and what to do instead."""
    return "".join(f"{line}\n" for problem in document["problems"] for line in _lines(problem))


def problems_github(document: Mapping[str, Any], *, folder: str = "") -> str:
    """The problems as GitHub workflow commands, which annotate the lines of a pull request.

    GitHub counts the names of files from the root of the repository: `folder` is where the project lies in it.
    """
    return "".join(f"{_annotation(problem, folder)}\n" for problem in document["problems"])


def _lines(problem: Mapping[str, Any]) -> Iterator[str]:
    place = ":".join(str(part) for part in (problem["file"], problem["line"], problem["column"]) if part is not None)
    yield f"{one_line(place)}{': ' if place else ''}{problem['severity']}: {one_line(problem['message'])}"
    if problem["excerpt"]:
        yield from _excerpt(problem["excerpt"], problem["column"])
    if problem["hint"]:
        yield f"    {one_line(problem['hint'])}"


def _excerpt(line: str, column: int | None) -> Iterator[str]:
    """The part of the line around the column, and a caret under it; escapes before the caret move it along."""
    start = max(0, (column or 0) - MOST_EXCERPT // 2)
    yield f"    | {one_line(line[start : start + MOST_EXCERPT])}"
    if column is not None:
        yield f"    | {' ' * len(one_line(line[start : column - 1]))}^"


def _annotation(problem: Mapping[str, Any], folder: str) -> str:
    level = {"error": "error", "warning": "warning", "note": "notice"}[problem["severity"]]
    file = problem["file"] and posixpath.join(folder, problem["file"])
    places = (("file", file), ("line", problem["line"]), ("col", problem["column"]))
    where = ",".join(f"{name}={_property(str(value))}" for name, value in places if value is not None)
    words = problem["message"] if problem["hint"] is None else f"{problem['message']}; {problem['hint']}"
    return f"::{level}{' ' if where else ''}{where}::{_data(one_line(words))}"


def _data(text: str) -> str:
    """Escaped as GitHub's runner unescapes a message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as GitHub's runner unescapes a property."""
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
