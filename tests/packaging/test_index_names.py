"""No text that a person reads sends them to a package index for scopesync: the project owns no name on any.

Whoever registers that name first would be installed by everybody who follows such a hint.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READ = ("scopesync", "docs", "examples", "action.yml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
SUFFIXES = {".py", ".md", ".yml", ".yaml", ".csv"}

DIRECT = r"(?!\[[\w,-]+\] @ )(?! @ )"
"""A direct reference, `scopesync[extra] @ URL`, asks no index."""

VERB = r"(?:\b(?:pip|pipx|uv|poetry|pdm)(?: [\w=-]+)* (?:install|run|add)|\buvx)"
INSTALLED = rf"{VERB}(?: --?[\w=-]+)* ['\"]?scopesync\b{DIRECT}(?![/\w-])"
REQUIREMENT = r"(?<![\w/])scopesync\[(?![\w,-]+\] @ )"
NAMED = re.compile(rf"{INSTALLED}|{REQUIREMENT}")


def _texts() -> list[Path]:
    below = [path for name in READ for path in ((ROOT / name).rglob("*") if (ROOT / name).is_dir() else [ROOT / name])]
    return sorted(path for path in below if path.suffix in SUFFIXES)


def test_nothing_that_we_hand_out_asks_an_index_for_scopesync() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in _texts()
        for found in NAMED.finditer(path.read_text("utf-8"))
    ]
    assert named == []


@pytest.mark.parametrize(
    "text",
    [
        "pip install scopesync",
        "pip install 'scopesync[sandbox]'",
        'pip install --quiet --upgrade "scopesync"',
        "install the extra: scopesync[postgres]",
        "pipx install scopesync",
        "uvx scopesync plan",
        "uv tool install scopesync",
    ],
)
def test_such_a_text_is_found(text: str) -> None:
    assert NAMED.search(text)


@pytest.mark.parametrize(
    "text",
    [
        'pip install --quiet "scopesync[postgres] @ ${SCOPESYNC:?fill it in}"',
        "pip install '.[dev]' && .venv/bin/scopesync demo",
        "pip install --quiet --editable '.[dev]'",
        "uses: <owner>/scopesync@<commit>",
    ],
)
def test_a_place_that_the_reader_chose_is_none(text: str) -> None:
    assert NAMED.search(text) is None
