from __future__ import annotations

import pytest

from scopesync.desired.csvrows import Table, read
from scopesync.desired.text import decode
from scopesync.model import COURSES


def table(text: str) -> Table:
    return read(decode(text.encode(), "c.csv"), COURSES)


def test_the_header_names_the_fields_and_an_empty_cell_mentions_nothing() -> None:
    read_back = table("course_id,name,selected,protect\na,,true,\nb,Art,FALSE,true\n")
    assert list(read_back.lines) == [2, 3]
    assert read_back.rows == [
        {"course_id": "a", "selected": True},
        {"course_id": "b", "name": "Art", "selected": False, "protect": True},
    ]
    assert {name: list(values) for name, values in read_back.values.items()} == {
        "course_id": ["a", "b"],
        "name": ["Art"],
        "selected": [True, False],
        "protect": [True],
    }
    assert read_back.problems == []


def test_a_bom_a_quoted_newline_and_a_formula_are_data() -> None:
    read_back = table('\ufeffcourse_id,name\r\na,"Alge\r\nbra"\r\nb,=HYPERLINK(1)\r\n')
    assert read_back.lines == [2, 4]
    assert read_back.rows == [
        {"course_id": "a", "name": "Alge\r\nbra"},
        {"course_id": "b", "name": "=HYPERLINK(1)"},
    ]


def test_blank_lines_are_no_rows() -> None:
    assert table("course_id\n\na\n\n\nb\n\n").lines == [3, 6]


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ("", 1, "not even a header", "course_id"),
        ("name,selected\nx,true\n", 1, "a column is missing", "course_id, course_ref_id and local_id"),
        ("course_id,nmae\na,b\n", 1, 'unknown column "nmae"', 'did you mean "name"?'),
        ("course_id;name\na;b\n", 1, 'unknown column "course_id;name"', "separate the columns with commas"),
        ("course_id,name,name\na,b,c\n", 1, 'the column "name" is there twice', None),
        ("course_id,\na,b\n", 1, 'unknown column ""', "known: "),
        ("course_id,name\na,b\nc\n", 3, "1 cells where the header has 2", "quote"),
        ("course_id,name\na,b,c\n", 2, "3 cells where the header has 2", "quote"),
        ("course_id,selected\na,yes\n", 2, "selected must be true or false", None),
        ('course_id,name\na,"open\nb,c\n', 2, "unexpected end of data, in the record that starts here", None),
        ('course_id,name\na,"x"y\n', 2, "not CSV", None),
        (f"course_id,name\na,{'x' * 200_000}\n", 2, "field larger than", None),
    ],
)
def test_everything_else_is_refused_with_the_line(text: str, line: int, words: str, hint: str | None) -> None:
    found = [problem for problem in table(text).problems if words in problem.message]
    assert [problem.line for problem in found] == [line]
    assert (hint or "") in (found[0].hint or "")


def test_a_header_without_rows_is_worth_a_warning() -> None:
    (problem,) = table("course_id\n").problems
    assert problem.severity == "warning"
