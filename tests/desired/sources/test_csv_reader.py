from __future__ import annotations

import pytest

from scopesync.desired.sources.csv_reader import Table, read
from scopesync.desired.sources.text_file import decode
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


KNOWN = "known: course_id, course_ref_id, school_id, school_ref_id, name, local_id, keywords, selected, protect"
COMMAS = "every row has as many commas as the header; an empty cell is nothing between two commas"
QUOTES = 'a quote inside of a cell in quotes is written twice: "the ""best"" school"'
FLAGS = "write true or false, in English, or leave the cell empty"


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("", "1", "the file is empty: not even a header", KNOWN.replace("known:", "the columns are")),
        (
            "name,selected\nx,true\n",
            "1",
            "a column is missing in the header",
            "one of course_id, course_ref_id and local_id must be there, to tell the rows apart",
        ),
        ("course_id,nmae\na,b\n", "1:11", 'unknown column "nmae"', 'did you mean "name"?'),
        ("\n\nCourse_ID,name\na,b\n", "3:1", 'unknown column "Course_ID"', 'did you mean "course_id"?'),
        ("course_id, School ID\na,b\n", "1:11", 'unknown column " School ID"', 'did you mean "school_id"?'),
        ("course_id,xyzzy\na,b\n", "1:11", 'unknown column "xyzzy"', KNOWN),
        ("course_id,name,name\na,b,c\n", "1:16", 'the column "name" is there twice', "remove one of the two"),
        (
            "course_id,,\na,b,\n",
            "1:11",
            "a column without a name",
            "remove it from every row, with its comma; or give it a name",
        ),
        (
            "course_id;name\na;b\n",
            "1:10",
            "this file is separated by semicolons",
            "save it with commas between the columns",
        ),
        (
            "Kurs;Name\na,b;c\n",
            "1:5",
            "this file is separated by semicolons",
            "save it with commas between the columns",
        ),
        (
            "School_ID;x,y;Course_ID\na;b\n",
            "1:10",
            "this file is separated by semicolons",
            "save it with commas between the columns",
        ),
        (
            "course_id\tname\na\tb\n",
            "1:10",
            "this file is separated by tabs",
            "save it with commas between the columns",
        ),
        ("course_id,name\na,b\nc\n", "3", "1 cell where the header has 2", COMMAS),
        ("course_id,name\na,b,\n", "2:5", "3 cells where the header has 2", COMMAS),
        (
            "course_id,name\na,Oak, North\n",
            "2:7",
            "3 cells where the header has 2",
            'put a cell that has a comma in it in quotes: "Oak, North"',
        ),
        (
            'course_id,name\n"a,Oak\nb",c,d\n',
            "2:1",
            "3 cells where the header has 2",
            "this cell goes on over several lines: is its quote closed where it should be?",
        ),
        ("course_id,selected\na,yes\n", "2:3", "selected must be true or false", FLAGS),
        ('course_id,name,protect\na,"é, ""é""\n\n",WAHR\n', "4:3", "protect must be true or false", FLAGS),
        ('course_id,name\na,"open\nb,c\n', "2:3", "the quote that opens here is never closed", QUOTES),
        (
            'course_id,name\na,"open\nb,"c"\n',
            "2:3",
            "the quote that opens here is closed only on line 3, before more text",
            "close it on line 2",
        ),
        ('course_id,name\na,"the "best" school"\n', "2:9", "text behind a closing quote", QUOTES),
        ('course_id,"na"me\na,b\n', "1:15", "text behind a closing quote", QUOTES),
        (
            f"course_id,name\na,{'x' * 200_000}\n",
            "2",
            "not CSV: field larger than field limit (131072), in the record that starts here",
            None,
        ),
    ],
)
def test_everything_else_is_refused_with_its_place_and_what_to_do(
    text: str, place: str, message: str, hint: str | None
) -> None:
    (problem,) = table(text).problems
    assert (problem.place, problem.message, problem.hint) == (f"c.csv:{place}", message, hint)


def test_every_column_that_is_unknown_is_told() -> None:
    assert [problem.column for problem in table("a,,b,name\n1,2,3,4\n").problems] == [None, 1, 3, 4]


def test_a_header_without_rows_is_worth_a_warning() -> None:
    (problem,) = table("course_id\n").problems
    assert problem.severity == "warning"
