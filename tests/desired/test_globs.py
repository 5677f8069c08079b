from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from scopesync.desired.globs import expand

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("a.csv", "b.CSV", ".c.csv", "rows/d.csv", "rows/deep/e.csv", "rows/.hidden/f.csv", ".hidden/g.csv", "[x].csv")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "link").symlink_to("rows")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("plain.csv", ["plain.csv"]),
        ("*.csv", ["[x].csv", "a.csv"]),
        ("[ab].[cC]*", ["a.csv", "b.CSV"]),
        ("[!a].csv", []),
        ("[[]x].csv", ["[x].csv"]),
        (".*.csv", [".c.csv"]),
        ("*/*.csv", ["link/d.csv", "rows/d.csv"]),
        ("**/*.csv", ["[x].csv", "a.csv", "rows/d.csv", "rows/deep/e.csv"]),
        ("rows/**", ["rows/d.csv", "rows/deep", "rows/deep/e.csv"]),
        ("**/.hidden/*.csv", [".hidden/g.csv", "rows/.hidden/f.csv"]),
        ("**/deep/**/?.csv", ["rows/deep/e.csv"]),
        ("*/deep/e.csv", ["link/deep/e.csv", "rows/deep/e.csv"]),
        ("nowhere/*.csv", []),
        ("nowhere/**/*.csv", []),
        ("a.csv/*.csv", []),
    ],
)
def test_a_pattern_means_the_same_on_every_python(root: Path, pattern: str, names: list[str]) -> None:
    assert list(expand(root, pattern)) == names


@pytest.mark.parametrize("pattern", ["**x/*.csv", "rows/**.csv", "***", "a\0*"])
def test_what_is_no_pattern_is_refused(root: Path, pattern: str) -> None:
    with pytest.raises(ValueError, match="no glob"):
        expand(root, pattern)


@pytest.mark.parametrize("pattern", ["{long}/*.csv", "*/{long}/*.csv", "{long}/**/*.csv", "*/{long}.csv"])
def test_a_folder_that_cannot_be_read_is_an_error_and_not_an_empty_one(root: Path, pattern: str) -> None:
    """pathlib's own glob passes it over: a list would silently lose rows."""
    with pytest.raises(ValueError, match="cannot be followed: File name too long"):
        expand(root, pattern.format(long="x" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_an_error(root: Path) -> None:
    (root / "rows" / "deep").chmod(0)
    with pytest.raises(ValueError, match="cannot be followed: Permission denied"):
        expand(root, "rows/**/*.csv")
