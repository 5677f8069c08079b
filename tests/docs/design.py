"""The pages in docs/design whose entries code and tests cite by number, and who cites them.

Belongs here: reading the entries, finding citations ("fault 28", "invariants 1 to 4", "API unknown 6",
`test_fault_28_…`), and the lines "Tests:" on the pages: `python -m tests.docs.design` writes them anew, and a test says
when that is due. Does not belong here: any word of an entry; people write these.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = {"fault": "faults.md", "invariant": "invariants.md", "API unknown": "api-unknowns.md"}
"""What is cited -> the page in docs/design that has the entries."""

JUDGED = ("fault", "invariant")
"""The pages whose entries say how far they are held."""

WORDS = ("Held", "Partly", "Not yet")
WIDTH = 120

_NUMBERS = r"\d+(?:(?:,|,? and| to)\s+\d+)*"
_CITED = re.compile(rf"\b(fault|invariant|API unknown)s?\s+({_NUMBERS})\b", re.IGNORECASE)
_TEST_NAME = re.compile(r"\btest_fault_(\d+)_")
_ENTRY = re.compile(r"^(\d+)\. (.*?)(?=^\d+\. |^#|\Z)", re.MULTILINE | re.DOTALL)
_JUDGEMENT = re.compile(rf"\*({'|'.join(WORDS)})(?:\.|:\s[^*]+\.)\*")
_TESTS = re.compile(r"^ +Tests: .*?(?=^\d+\. |^#|^\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One numbered entry of a page. `judgement` is one of WORDS, None where the entry has not exactly one."""

    number: int
    text: str
    judgement: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    """One number that a file names."""

    what: str
    number: int
    path: str


def read_page(what: str) -> str:
    """The page that has the entries of this kind."""
    return (ROOT / "docs" / "design" / PAGES[what]).read_text("utf-8")


def entries(page: str) -> list[Entry]:
    """The numbered entries of a page, in the order in which they stand there."""
    found = []
    for number, text in _ENTRY.findall(page):
        judgements = _JUDGEMENT.findall(text)
        found.append(Entry(int(number), text, judgements[0] if len(judgements) == 1 else None))
    return found


def citations() -> list[Citation]:
    """Every citation in the package and in the tests."""
    paths = [path for room in ("scopesync", "tests") for path in sorted((ROOT / room).rglob("*.py"))]
    own = {Path(__file__), Path(__file__).with_name("test_design.py")}
    return [
        Citation(what, number, path.relative_to(ROOT).as_posix())
        for path in paths
        if path not in own
        for what, number in cited_in(path.read_text("utf-8"))
    ]


def cited_in(text: str) -> Iterator[tuple[str, int]]:
    """What a text cites: the kind of entry and its number, a range number by number."""
    for what, numbers in _CITED.findall(text):
        kind = next(one for one in PAGES if one.lower() == what.lower())
        for number in _numbers(numbers):
            yield kind, number
    for number in _TEST_NAME.findall(text):
        yield "fault", int(number)


def _numbers(text: str) -> Iterator[int]:
    """The numbers of "31", "31 and 32", "1, 4 and 7" or "1 to 5 and 7"."""
    for part in re.split(r",? and\s+|,\s+", text):
        first, *last = (int(number) for number in re.findall(r"\d+", part))
        yield from range(first, last[0] + 1) if last else (first,)


def citing_tests(what: str, number: int, cited: list[Citation]) -> list[str]:
    """The test files that cite an entry. What only helps tests proves nothing by itself."""
    paths = {one.path for one in cited if (one.what, one.number) == (what, number)}
    return sorted(path for path in paths if Path(path).name.startswith("test_"))


def page_with_tests(what: str, page: str, cited: list[Citation]) -> str:
    """The page with today's line "Tests:" below each entry that a test cites."""
    without = _TESTS.sub("", page)
    return _ENTRY.sub(lambda found: _with_tests(what, found, cited), without)


def _with_tests(what: str, found: re.Match[str], cited: list[Citation]) -> str:
    number = found.group(1)
    paths = citing_tests(what, int(number), cited)
    if not paths:
        return found.group()
    body = found.group().rstrip("\n")
    after = found.group()[len(body) :]
    indent = " " * (len(number) + 2)
    names = ", ".join(f"`{path.removeprefix('tests/')}`" for path in paths)
    line = textwrap.fill(
        f"Tests: {names}.",
        width=WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{body}\n{line}{after}"


if __name__ == "__main__":
    everything = citations()
    for kind in JUDGED:
        path = ROOT / "docs" / "design" / PAGES[kind]
        path.write_text(page_with_tests(kind, path.read_text("utf-8"), everything), "utf-8")
