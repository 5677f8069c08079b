"""What people get wrong in YAML, and the words and the place that they get for it, from either of PyYAML's parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from scopesync.desired.sources.text_file import SourceText
from scopesync.desired.sources.yaml_reader import LOADER, load
from scopesync.desired.sources.yaml_slips import slip_problem
from scopesync.errors import ConfigurationError

if TYPE_CHECKING:
    from scopesync.errors import Problem

LOADERS = (yaml.CSafeLoader, yaml.SafeLoader)

TAB = ("a tab, where only spaces may stand", "write spaces instead: a tab cannot indent")
COLON = (
    "a colon is missing",
    "write `key: value`; or, if this belongs to the line above, write both on one line",
)
BLANK_AFTER_COLON = ("a blank is missing after the colon", "write a colon and a blank: `name: ...`")
BLANK_AFTER_DASH = ("a blank is missing after the dash", "write a dash and a blank: `- name: ...`")
INDENTATION = "the indentation of this line does not fit the lines above"
QUOTES = 'a value with ": " in it needs quotes'
COMMA = (
    "a comma or quotes are missing before this",
    'commas separate entries; a value with ": ", a comma or a bracket in it needs quotes',
)
BEHIND = "text behind a closing quote"
OTHER = 'separate entries by commas; use the other kind of quotes around a quote: "St. Mary\'s School"'
ESCAPE = (
    "a backslash in double quotes begins an escape, and this is none",
    "write two backslashes for one, or put the value in 'single quotes'",
)
ROW = "schools:\n  - school_id: a\n"

SLIPS: dict[str, tuple[str, str, str, str]] = {
    "colon in a value": ("name: Foo: bar\n", "1:10", QUOTES, 'put it in quotes: name: "Foo: bar"'),
    "colon in a row": (f"{ROW}    name: Foo: bar # x\n", "3:14", QUOTES, 'put it in quotes: name: "Foo: bar"'),
    "colon behind quotes": ("- name: '\"a\" b': c\n", "1:16", QUOTES, """put it in quotes: name: '''"a" b'': c'"""),
    "colon in a long value": (
        f"name: {'x' * 80}: bar\n",
        "1:87",
        QUOTES,
        'put the whole value in quotes: name: "Foo: bar"',
    ),
    "tab": (f"{ROW}\tname: b\n", "3:1", *TAB),
    "tab behind spaces": (f"{ROW}  \tname: b\n", "3:3", *TAB),
    "tab before a dash": ("schools:\n\t- school_id: a\n", "2:1", *TAB),
    "tab in a block of text": ("name: |\n\ta\n", "2:1", *TAB),
    "no colon": ("version: 1\ntenant 123\nname: x\n", "2:1", *COLON),
    "no colon on the first line": ("version 1\ntenant: x\n", "1:1", *COLON),
    "no colon before a list": ("version: 1\nschools\n  - school_id: a\n    name: b\n", "2:1", *COLON),
    "no colon in a row": (f"{ROW}    Foo\n    name: b\n", "3:5", *COLON),
    "no colon behind a dash": ("schools:\n  - abc\n    name: b\n", "2:5", *COLON),
    "no blank after a colon": ("version: 1\ntenant:x\nname: b\n", "2:7", *BLANK_AFTER_COLON),
    "no blank after the first colon": ("version:1\ntenant: x\n", "1:8", *BLANK_AFTER_COLON),
    "no blank after a row's colon": ("schools:\n  - school_id:a\n    name: b\n", "2:14", *BLANK_AFTER_COLON),
    "no blank after the first dash": ("schools:\n  -school_id: a\n    name: b\n", "2:3", *BLANK_AFTER_DASH),
    "no blank after a dash": (f"{ROW}  -school_id: b\n", "3:3", *BLANK_AFTER_DASH),
    "no real blank": (
        "version:\u00a01\nname: b\n",
        "1:9",
        "a character that only looks like a blank",
        "write an ordinary blank",
    ),
    "three dots": (
        "a: 1\n...\nb: 2\n",
        "2:1",
        "three dots end the file: nothing may follow them",
        "remove them",
    ),
    "field too far left": (
        f"{ROW}   name: b\n",
        "3:4",
        INDENTATION,
        'begin it in column 5, under "school_id" of line 2',
    ),
    "field too far right": (
        f"{ROW}      name: b\n",
        "3:7",
        INDENTATION,
        'begin it in column 5, under "school_id" of line 2',
    ),
    "field under the dash": (
        f"{ROW}  name: b\n",
        "3:3",
        INDENTATION,
        'begin it in column 5, under "school_id" of line 2, or in column 1, under "schools" of line 1',
    ),
    "key askew": (
        "version: 1\n\n# x\n tenant: x\n",
        "4:2",
        INDENTATION,
        'begin it in column 1, under "version" of line 1',
    ),
    "list askew": (
        f"{ROW}    name: x\n courses: []\n",
        "4:2",
        INDENTATION,
        'begin it in column 1, under "schools" of line 1',
    ),
    "row too far left": (
        f"{ROW} - school_id: b\n",
        "3:2",
        INDENTATION,
        "begin it in column 3, under the dash of line 2",
    ),
    "row too far right": (
        f"{ROW}    name: x\n     - school_id: b\n",
        "4:6",
        INDENTATION,
        "begin it in column 3, under the dash of line 2",
    ),
    "field under a bare dash": (
        "schools:\n  -\n    school_id: a\n   name: b\n",
        "4:4",
        INDENTATION,
        'begin it in column 5, under "school_id" of line 3, or in column 3, as on line 2',
    ),
    "row among keys": (
        "courses:\n  x: 1\n  - y: 1\n",
        "3:3",
        INDENTATION,
        "line up the dashes of a list, and the fields of a row",
    ),
    "field below a row in braces": (
        "schools:\n  - {school_id: a}\n    name: b\n",
        "3:5",
        INDENTATION,
        "line up the dashes of a list, and the fields of a row",
    ),
    "text askew": (
        "name: |\n    a\n   b\nc: 1\n",
        "3:4",
        INDENTATION,
        "line it up with the text that it goes on with, or write `key: value`",
    ),
    "open quote": (
        f'{ROW}    name: "b\n',
        "3:11",
        "a quote that starts on line 3 is never closed",
        "close it on line 3",
    ),
    "open apostrophe": (
        "name: 'b\nc: d\n",
        "1:7",
        "a quote that starts on line 1 is never closed",
        "close it on line 1",
    ),
    "quote closed by the next one": (
        'schools:\n  - school_id: "a\n    name: b\n  - school_id: "c"\n',
        "2:16",
        "a quote that starts on line 2 is closed only on line 4",
        "close it on line 2",
    ),
    "quote in braces closed by the next one": (
        'schools:\n  - {school_id: "a, name: b}\n  - {school_id: "c"}\n',
        "2:17",
        "a quote that starts on line 2 is closed only on line 3",
        "close it on line 2",
    ),
    "apostrophe in apostrophes": (
        "name: 'St. Mary's School'\n",
        "1:17",
        BEHIND,
        'put it in quotes: name: "St. Mary\'s School"',
    ),
    "quotes in quotes": (
        'name: "the "best" school"\n',
        "1:13",
        BEHIND,
        "put it in quotes: name: 'the \"best\" school'",
    ),
    "quotes at the beginning": ('name: "Foo" bar\n', "1:13", BEHIND, "put it in quotes: name: '\"Foo\" bar'"),
    "apostrophe in braces": ("schools:\n  - {school_id: a, name: 'St. Mary's'}\n", "2:36", BEHIND, OTHER),
    "no comma behind quotes": ('schools:\n  - {school_id: "a" name: b}\n', "2:21", BEHIND, OTHER),
    "backslash": ('name: "C:\\dir"\n', "1:10", *ESCAPE),
    "backslash x": ('name: "\\xZZ"\n', "1:8", *ESCAPE),
    "open bracket": (
        "labels: [a, b\nb: 1\n",
        "1:9",
        'a bracket "[" that opens on line 1 is never closed',
        'close it with "]" behind its last entry',
    ),
    "open brace": (
        'schools:\n  - {school_id: a, name: "}"\n  - {school_id: c}\n',
        "2:5",
        'a bracket "{" that opens on line 2 is never closed',
        'close it with "}" behind its last entry',
    ),
    "open brace at the end": (
        "schools:\n  - {school_id: ",
        "2:5",
        'a bracket "{" that opens on line 2 is never closed',
        'close it with "}" behind its last entry',
    ),
    "open bracket before rows": (
        "schools: [\n  - school_id: a\n",
        "1:10",
        'a bracket "[" that opens on line 1 is never closed',
        'close it with "]" behind its last entry',
    ),
    "wrong bracket": ("schools:\n  - {school_id: a]\n", "2:18", '"]" cannot close the "{" of line 2', 'write "}"'),
    "one bracket too many": (
        "schools: []]\n",
        "1:12",
        '"]" closes a bracket that is not open',
        "remove it, or open the bracket",
    ),
    "text behind a bracket": (
        "name: [North] Campus\n",
        "1:15",
        "text behind a closing bracket",
        'put it in quotes: name: "[North] Campus"',
    ),
    "no comma in braces": ("schools:\n  - {school_id: a name: b}\n", "2:23", *COMMA),
    "bracket in braces": ("schools:\n  - {school_id: a, name: Foo [north]}\n", "2:30", *COMMA),
    "no comma over lines": ("labels: {\n  a: b\n  c: d}\n", "3:4", *COMMA),
    "at": ("name: @home\n", "1:7", "a value cannot begin with @", 'put it in quotes: name: "@home"'),
    "backtick": ("name: `x`\n", "1:7", "a value cannot begin with `", 'put it in quotes: name: "`x`"'),
    "percent": ("name: %x\n", "1:7", "a value cannot begin with %", 'put it in quotes: name: "%x"'),
    "star": ("name: *x* y\n", "1:7", "a value cannot begin with *", 'put it in quotes: name: "*x* y"'),
    "star before words": (
        "name: *Star Academy\n",
        "1:7",
        "a value cannot begin with *",
        'put it in quotes: name: "*Star Academy"',
    ),
    "star in braces": (
        "a: {b: *Star Academy}\n",
        "1:8",
        "a value cannot begin with *",
        "put text that begins with * in quotes",
    ),
    "ampersand": ("name: & Sons\n", "1:7", "a value cannot begin with &", 'put it in quotes: name: "& Sons"'),
    "exclamation mark": ("name: !x!y\n", "1:7", "a value cannot begin with !", 'put it in quotes: name: "!x!y"'),
    "bar": ("name: | x\n", "1:7", "a value cannot begin with |", 'put it in quotes: name: "| x"'),
    "greater": ("name: > 5\n", "1:7", "a value cannot begin with >", 'put it in quotes: name: "> 5"'),
    "dash": ("name: - x\n", "1:7", "a value cannot begin with -", 'put it in quotes: name: "- x"'),
    "question mark": ("name: ? x\n", "1:7", "a value cannot begin with ?", 'put it in quotes: name: "? x"'),
    "comma": ("name: , x\n", "1:7", "a value cannot begin with ,", 'put it in quotes: name: ", x"'),
    "at in braces": ("a: {b: @c}\n", "1:8", "a value cannot begin with @", "put text that begins with @ in quotes"),
    "percent at a line": ("%x: 1\n", "1:1", "a line cannot begin with %", "put text that begins with % in quotes"),
    "at at a line": ("@x: 1\n", "1:1", "a line cannot begin with @", "put text that begins with @ in quotes"),
}


def slip(text: str, loader: type[yaml.CSafeLoader | yaml.SafeLoader] = LOADER) -> Problem:
    source = SourceText("a.yaml", text)
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        list(yaml.parse(text, Loader=loader))
    return slip_problem(source, caught.value, loader)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_told_in_plain_words_where_it_is(name: str, loader: type[yaml.CSafeLoader | yaml.SafeLoader]) -> None:
    text, place, message, hint = SLIPS[name]
    problem = slip(text, loader)
    assert (problem.place, problem.message, problem.hint) == (f"a.yaml:{place}", message, hint)


def test_what_nobody_knows_quotes_the_parser_behind_words_of_our_own() -> None:
    problem = slip("a" * 2000 + ": 1\n", yaml.CSafeLoader)
    assert (problem.place, problem.hint) == ("a.yaml:1:2001", None)
    assert problem.message.startswith('not YAML from here on; the parser says "')


@pytest.mark.parametrize("text", ["name: *x\n", "name: &x\n", "name: !x y\n", "name: ! y\n"])
def test_a_mark_of_yaml_that_was_text_asks_for_quotes(text: str) -> None:
    (problem,) = load(SourceText("a.yaml", text)).problems
    assert problem.place == "a.yaml:1:7"
    assert f"put text that begins with {text[6]} in quotes" in (problem.hint or "")


@pytest.mark.parametrize("text", ["schools: &a [\n", "schools: !x {\n"])
def test_a_mark_before_a_bracket_that_is_not_closed_is_refused_for_itself(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(SourceText("a.yaml", text))
    assert caught.value.problems[0].message in {"anchors (&name) are not allowed", "tags (!name) are not allowed"}


def test_a_slip_hides_no_fault_above_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(SourceText("a.yaml", "local_id: 0042\nname: 'x\n"))
    assert [problem.place for problem in caught.value.problems] == ["a.yaml:1:11", "a.yaml:2:7"]


@pytest.mark.parametrize("value", ["@CANARY", "x: CANARY", "'a' CANARY", "[a] CANARY", "'CANARY", "CANARY\n CANARY: x"])
def test_nothing_of_a_secret_is_repeated(value: str) -> None:
    assert "CANARY" not in repr(slip(f"client_secret: {value}\n"))
    assert "@" not in repr(slip("client_secret: @\n"))


@pytest.mark.parametrize(
    "text",
    [
        "a: x" + " " * 1_000_000 + "y: z\n",
        " " * 1_000_000 + "a: b\n c: d\n",
        "a: 'x' " + "'\" " * 250_000 + "\n",
        "a: [x\n" + "[]" * 500_000 + "\nb: c\n",
        "a: b\n" + "# x\n" * 250_000 + " c: d\n",
    ],
    ids=["blanks", "indentation", "quotes", "brackets", "comments"],
)
def test_a_text_made_to_harm_costs_no_more_than_reading_it(text: str) -> None:
    assert slip(text).line is not None
