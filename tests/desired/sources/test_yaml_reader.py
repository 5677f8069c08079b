from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scopesync.desired.sources.text_file import SourceText, decode
from scopesync.desired.sources.yaml_reader import DEPTH, PROBLEMS, Document, load
from scopesync.errors import ConfigurationError, Problem


def read(text: str) -> Document:
    return load(SourceText("a.yaml", text))


def value(text: str) -> Any:
    document = read(text)
    assert document.problems == ()
    return document.value


def refused(text: str) -> Problem:
    """The first problem with a text, whether reading could go on or not."""
    try:
        return read(text).problems[0]
    except ConfigurationError as error:
        return error.problems[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("12", 12),
        ("-7", -7),
        ("0", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        (".5", 0.5),
        ('"12"', "12"),
        ("'true'", "true"),
        ("|-\n    a\n    b", "a\nb"),
        ("tRUE", "tRUE"),
    ],
)
def test_scalars_are_those_of_the_yaml_1_2_core_schema(written: str, meant: object) -> None:
    got = value(f"key: {written}\n")["key"]
    assert (type(got), got) == (type(meant), meant)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3:1", 'the key "a" is here a second time; the first is on line 1'),
        ("- {a: 1, b: 2, a: 3}\n", "a.yaml:1:16", "the first is on line 1"),
        ("a: &x 1\nb: 2\n", "a.yaml:1:4", "anchors"),
        ("a: *x\n", "a.yaml:1:4", "aliases"),
        ("<<: {a: 1}\n", "a.yaml:1:1", "merge keys"),
        ("a: !!str 1\n", "a.yaml:1:4", "tags"),
        ("a: ! b\n", "a.yaml:1:4", "tags"),
        ("%YAML 1.1\n---\na: 1\n", "a.yaml:1:1", "directives"),
        ("a: 1\n---\nb: 1\n", "a.yaml:2:1", "a second document"),
        ("a: 0042\n", "a.yaml:1:4", "leading zeros"),
        ("a: -007\n", "a.yaml:1:4", "leading zeros"),
        ("a: 123456789012345678901\n", "a.yaml:1:4", "more than 18 digits"),
        ("a: 1e999\n", "a.yaml:1:4", "too large"),
        ("a: .nan\n", "a.yaml:1:4", "not-a-number"),
        ("a: -.inf\n", "a.yaml:1:4", "infinity"),
        ("? [a]\n: 1\n", "a.yaml:1:3", "a plain word"),
        ("a: 'open\n", "a.yaml:1:4", "a quote that starts on line 1 is never closed"),
        ("a:\n\t- 1\n", "a.yaml:2:1", "a tab"),
        ("a: 1\r\nb: é\x1b\r\n", "a.yaml:2:5", "an invisible control character (U+001B)"),
        ("a: x\u2028y\n", "a.yaml:1:5", "invisible line separator"),
        ("", "a.yaml:1:1", "the file is empty"),
        ("# nothing\n\n", "a.yaml:1:1", "the file is empty"),
    ],
)
def test_what_can_surprise_is_refused_at_its_place(text: str, place: str, words: str) -> None:
    problem = refused(text)
    assert problem.place == place
    assert words in problem.message


def test_a_number_with_leading_zeros_says_how_to_write_it() -> None:
    problem = refused("a: 0042\n")
    assert (problem.hint, problem.excerpt) == ('quote it: "0042"', "a: 0042")


def test_a_value_that_may_be_a_secret_is_never_shown() -> None:
    problem = refused("client_secret: 0042\n")
    assert "0042" not in repr(problem)


def test_faults_that_leave_the_rest_readable_come_all_at_once() -> None:
    document = read("a: 01\nb: 02\nc: *x\nd: &y 3\n")
    assert [problem.line for problem in document.problems] == [1, 2, 3, 4]
    assert document.value == {"a": "01", "b": "02", "c": None, "d": 3}


def test_a_file_of_nothing_but_faults_ends_early() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read("".join(f"- 0{number}\n" for number in range(10 * PROBLEMS)))
    assert len(caught.value.problems) == PROBLEMS + 1


@pytest.mark.parametrize("levels", [DEPTH + 1, 100_000])
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{a: "])
def test_nesting_ends_at_the_cap_whoever_counts_first(opening: str, levels: int) -> None:
    """PyYAML counts levels itself since 6.0.4: where it stops first, the message is still ours."""
    problem = refused(opening * levels)
    assert (problem.line, problem.message) == (1, f"nested deeper than {DEPTH} levels")


def test_the_deepest_nesting_that_is_read_is_the_cap() -> None:
    assert value("[" * DEPTH + "]" * DEPTH)


def test_keys_in_keys_end_in_a_refusal() -> None:
    assert refused("? " * 100_000).severity == "error"


def test_every_mapping_knows_where_it_starts() -> None:
    rows = value("rows:\n  - {a: 1}\n\n  - a: 1\n    b: {c: 1}\n")["rows"]
    assert [(row.line, row.column) for row in rows] == [(2, 5), (4, 5)]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgé-", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_json_is_read_as_json(data: object) -> None:
    assert value(json.dumps(data)) == data


YAML_PIECES = st.sampled_from(
    [
        "a",
        "- ",
        ": ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        '"',
        "&x ",
        "*x",
        "!t ",
        "<<",
        "---\n",
        "...\n",
        "|\n",
        "? ",
        "# ",
        "%YAML 1.2\n",
        "0x",
        "01",
        ".nan",
        "1e9999",
        "\\x00",
        "\\ud800",
        "\u2028",
        "\ufeff",
        "é",
        "\t",
        "\r",
    ]
)


@given(st.binary(max_size=200) | st.lists(YAML_PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode()))
@example(b"\xff\xfe\x00")
@example(b"a: \xc3\x28")
@example(b'"\\U00110000"')
def test_any_bytes_end_in_a_value_or_a_refusal(data: bytes) -> None:
    try:
        document = load(decode(data, "a.yaml"))
    except ConfigurationError as error:
        assert error.problems  # noqa: PT017 - a value is as good an end as a refusal
    else:
        assert all(problem.line for problem in document.problems)
