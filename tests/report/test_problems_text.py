from __future__ import annotations

from scopesync.errors import ConfigurationError, Problem, RefusedError, problems_document
from scopesync.report.problems_text import failure_text, problems_github, problems_text

PROBLEM = Problem(
    "unknown key `shcools`",
    file="tenants/a.yaml",
    line=3,
    column=3,
    hint="did you mean `schools`?",
    excerpt="  shcools: []",
)


def test_a_problem_shows_its_place_the_line_with_a_caret_and_what_to_do() -> None:
    assert problems_text(problems_document([PROBLEM])) == (
        "tenants/a.yaml:3:3: error: unknown key `shcools`\n"
        "    |   shcools: []\n"
        "    |   ^\n"
        "    did you mean `schools`?\n"
    )


def test_a_caret_stands_right_behind_escapes_and_far_to_the_right() -> None:
    text = problems_text(problems_document([Problem("no", column=302, excerpt="\x1b" * 3 + "x" * 298 + "!")]))
    shown, caret = text.splitlines()[1:]
    assert shown[caret.index("^")] == "!"


def test_a_line_without_a_column_has_no_caret_and_an_empty_line_is_not_shown() -> None:
    row, nothing = Problem("too short", "a.csv", 3, excerpt="y,s1"), Problem("empty", "a.csv", 1, excerpt="")
    assert problems_text(problems_document([row, nothing])) == (
        "a.csv:3: error: too short\n    | y,s1\na.csv:1: error: empty\n"
    )


def test_github_reads_the_same_place_and_words() -> None:
    odd = Problem("100 % wrong:\nreally", file="a,b.yaml", line=1, severity="note")
    assert problems_github(problems_document([PROBLEM, odd])) == (
        "::error file=tenants/a.yaml,line=3,col=3::unknown key `shcools`; did you mean `schools`?\n"
        "::notice file=a%2Cb.yaml,line=1::100 %25 wrong:\\nreally\n"
    )


def test_a_failure_says_what_happened_and_what_next() -> None:
    assert failure_text(RefusedError("a guard refuses", hint="allow it").document()) == (
        "error: a guard refuses\n  allow it\n"
    )
    assert failure_text(ConfigurationError([PROBLEM]).document()).endswith("error: 1 problem in the project's files\n")
