from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from scopesync.desired.sources.text_file import MEBIBYTE, SourceText, decode, read_text
from scopesync.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from pathlib import Path


def refused(data: bytes, name: str = "a.yaml") -> Problem:
    with pytest.raises(ConfigurationError) as caught:
        decode(data, name)
    return caught.value.problems[0]


def unreadable(root: Path, name: str, *, cap: int = MEBIBYTE) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_text(root, name, cap=cap)
    return caught.value.problems[0].message


def test_a_bom_and_crlf_are_accepted() -> None:
    source = decode(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "a.yaml")
    assert source.text == "a: 1\r\nb: 2\r\n"
    assert source.excerpt(2) == "b: 2"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("a: 1".encode("utf-16"), "UTF-16, at byte offset 0"),
        ("a: 1".encode("utf-16-le"), "NUL byte (is this UTF-16, or no text at all?), at byte offset 1"),
        ("a: é".encode("latin-1"), "not UTF-8 (Windows-1252 or Latin-1, perhaps?), at byte offset 3"),
        (b"a: 1\nb: \0", "at byte offset 8"),
    ],
)
def test_other_encodings_are_refused_with_the_byte_offset(data: bytes, words: str) -> None:
    assert words in refused(data).message


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("\ufeffa: 1\n".encode() + "name: „ü".encode("cp1252"), "a.csv:2:7"),
        ("é: x\n".encode() + "ü: ä\n".encode() + b"\xfc", "a.csv:3:1"),
        ("\ufeffü: ".encode() + b"\xfc", "a.csv:1:4"),
        ("é".encode("utf-16"), "a.csv:1:1"),
    ],
)
def test_a_byte_that_cannot_be_read_has_a_place_and_a_way_out(data: bytes, place: str) -> None:
    problem = refused(data, "a.csv")
    assert (problem.place, problem.hint) == (place, "save the file as UTF-8 (in Excel: as CSV UTF-8)")


def test_a_workbook_is_called_one() -> None:
    problem = refused(b"PK\x03\x04\x14\x00\x06\x00", "a.csv")
    assert problem.message == "this is a workbook (.xlsx) or an archive, not text"
    assert problem.hint == "save it as CSV UTF-8"


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "=======", ">>>>>>> branch", "||||||| base"])
def test_git_conflict_markers_are_refused_in_those_words(marker: str) -> None:
    problem = refused(f"a: 1\r\n{marker}\r\n".encode())
    assert "Git conflict markers" in problem.message
    assert problem.line == 2


def test_what_only_resembles_a_marker_is_text() -> None:
    assert decode(b"# ======= heading\n#<<<<<<<\n========\n", "a.yaml").text


@pytest.mark.parametrize(
    "text",
    [
        "credentials: {client_id: env:A, client_secret: hunter2}",
        "credentials:\n  client_id: env:A\n  client_secret: >-\n    hunter2",
        "credentials: {client_secret:\nhunter2}",
        "vendor:\n  - hunter2",
        "connections:\n  us2:\n    vendor:\n      api_key: hunter2",
        "base_url: https://user:hunter2@host",
        "password: hunter2",
        "API-KEY: hunter2",
        "- token: |\n    hunter2",
    ],
)
def test_a_line_that_may_hold_a_secret_is_no_excerpt(text: str) -> None:
    source = SourceText("a.yaml", text)
    shown = [source.excerpt(number) for number in range(1, text.count("\n") + 2)]
    assert not any("hunter2" in line for line in shown if line is not None)


def test_lines_after_a_secret_are_shown_again() -> None:
    source = SourceText("a.yaml", "credentials:\n  client_secret: x\nschools:\n  - keywords: math\n")
    assert [source.excerpt(number) for number in (1, 2, 3, 4)] == [None, None, "schools:", "  - keywords: math"]


def test_a_place_that_an_excerpt_would_not_reach_has_none() -> None:
    source = SourceText("a.yaml", "x" * 1000)
    assert source.excerpt(1, 999) is None
    assert source.excerpt(1, 5) == "x" * 200


def test_only_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert unreadable(tmp_path, "folder") == "this is a folder, not a file"
    assert unreadable(tmp_path, "fifo") == "this is a FIFO, not a file"
    assert unreadable(tmp_path, "none") == "there is no such file"
    assert unreadable(tmp_path, "loop").startswith("the file cannot be read")


def test_a_symlink_may_lead_anywhere_inside_the_project_and_nowhere_else(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret").write_text("hunter2")
    (root / "real").write_text("text")
    (root / "inside").symlink_to("real")
    (root / "outside").symlink_to("../secret")
    (root / "device").symlink_to("/dev/zero")
    assert read_text(root, "inside", cap=10).text == "text"
    assert unreadable(root, "outside") == "the file is outside of the project"
    assert unreadable(root, "device") == "the file is outside of the project"


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(200 * MEBIBYTE)
    tracemalloc.start()
    try:
        assert unreadable(tmp_path, "large", cap=16 * MEBIBYTE) == "the file is larger than 16 MiB"
        assert tracemalloc.get_traced_memory()[1] < MEBIBYTE
    finally:
        tracemalloc.stop()
