"""docs/design: every number that is cited is there, and what a page calls held has a test that cites it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from scopesync.sandbox.api.behaviour import Behaviour
from tests.docs.design import (
    JUDGED,
    PAGES,
    ROOT,
    WORDS,
    Citation,
    citations,
    cited_in,
    citing_tests,
    entries,
    page_with_tests,
    read_page,
)

COUNTS = {"fault": 79, "invariant": 12, "API unknown": 18}
"""How many entries a page has at least: a number that was given out once is never taken back."""

ELSEWHERE = re.compile(r"\b(?:DESIGN|FAULTS|STYLE|LIBRARIES|API\.md)\b|\.\./shared/")
"""Names of pages that are not in this repository."""

TEXTS = {".py", ".md", ".yml", ".yaml", ".toml", ".json", ".txt", ".in"}


@pytest.fixture(scope="module")
def cited() -> list[Citation]:
    return citations()


@pytest.mark.parametrize("what", PAGES)
def test_entries_are_numbered_from_1_without_a_gap(what: str) -> None:
    numbers = [entry.number for entry in entries(read_page(what))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= COUNTS[what]


def test_every_citation_leads_to_an_entry(cited: list[Citation]) -> None:
    there = {what: {entry.number for entry in entries(read_page(what))} for what in PAGES}
    assert cited
    assert [one for one in cited if one.number not in there[one.what]] == []


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_every_citation_on_a_page_leads_to_an_entry(path: Path) -> None:
    there = {what: {entry.number for entry in entries(read_page(what))} for what in PAGES}
    assert [(what, number) for what, number in cited_in(path.read_text("utf-8")) if number not in there[what]] == []


@pytest.mark.parametrize("what", JUDGED)
def test_every_entry_says_how_far_it_is_held(what: str) -> None:
    assert [entry.number for entry in entries(read_page(what)) if entry.judgement is None] == [], WORDS


@pytest.mark.parametrize("what", JUDGED)
def test_what_is_held_has_a_test_and_what_is_not_yet_has_none(what: str, cited: list[Citation]) -> None:
    for entry in entries(read_page(what)):
        paths = citing_tests(what, entry.number, cited)
        page = f"docs/design/{PAGES[what]}"
        if entry.judgement == "Not yet":
            assert paths == [], f"{what} {entry.number} has tests now: say so in {page} (Held, or Partly)"
        else:
            assert paths, f"{page} says that {what} {entry.number} is held, and no test cites it"


@pytest.mark.parametrize("what", JUDGED)
def test_the_tests_on_the_page_are_those_that_cite_it(what: str, cited: list[Citation]) -> None:
    page = read_page(what)
    assert page == page_with_tests(what, page, cited), "python -m tests.docs.design"


def test_whatever_the_sandbox_can_be_is_on_the_page_of_the_apis_unknowns() -> None:
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"Sandbox: ([^.]+)\.", read_page("API unknown")))))
    assert named == {one.name for one in fields(Behaviour)}


def test_no_page_is_cited_that_is_not_in_this_repository() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _texts()
        for name in ELSEWHERE.findall(path.read_text("utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize("text", ["(DESIGN, Cost)", "as API.md says", "FAULTS 3", "../shared/cases"])
def test_the_name_of_such_a_page_is_found(text: str) -> None:
    assert ELSEWHERE.search(text)


def _texts() -> list[Path]:
    """The texts of the repository but this one, and what is made or installed beside them."""
    rooms = ("scopesync", "tests", "docs", "examples", "schemas", ".github")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*")] + list(ROOT.glob("*"))
    return [path for path in paths if path.suffix in TEXTS and path.is_file() and path != Path(__file__)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("fault 28", [28]),
        ("(faults 31 and 32)", [31, 32]),
        ("Faults 1 to 3, as far", [1, 2, 3]),
        ("faults 1, 4 and\n7", [1, 4, 7]),
        ("Faults 1 to 2 and 4 to 5", [1, 2, 4, 5]),
        ("def test_fault_14_the_same_page() -> None:", [14]),
        ("NO_FAULTS 3, default 3, faults: 3", []),
    ],
)
def test_a_citation_is_one_number_or_several(text: str, numbers: list[int]) -> None:
    assert list(cited_in(text)) == [("fault", number) for number in numbers]


def test_an_invariant_and_an_unknown_are_cited_alike() -> None:
    assert list(cited_in("Invariants 1 to 2, and API unknown 6")) == [
        ("invariant", 1),
        ("invariant", 2),
        ("API unknown", 6),
    ]


def test_an_entry_says_one_word_and_no_other() -> None:
    first = "# Page\n\n1. **A.** Text. *Held.*\n2. **B.**\n   *Partly: this\n   only.*\n"
    page = f"{first}\n## More\n\n3. C. *Done.*\n4. *Held.* *Held.*\n"
    assert [(entry.number, entry.judgement) for entry in entries(page)] == [
        (1, "Held"),
        (2, "Partly"),
        (3, None),
        (4, None),
    ]


def test_the_line_of_tests_is_made_anew_and_all_else_is_kept() -> None:
    first, rest = "# Page\n\n1. **A.** *Held.*\n", "2. **B.** *Not yet.*\n\n## More\n"
    page = f"{first}   Tests: `gone/test_a.py`,\n   `gone/test_b.py`.\n{rest}"
    cited = [Citation("fault", 1, "tests/cli/test_a.py"), Citation("fault", 1, "tests/cli/helper.py")]
    assert page_with_tests("fault", page, cited) == f"{first}   Tests: `cli/test_a.py`.\n{rest}"
