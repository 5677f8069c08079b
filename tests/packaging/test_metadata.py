"""What a package index shows of the built wheel: its links lead somewhere, from there too."""

from __future__ import annotations

import tomllib
import zipfile
from email import message_from_string
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from trove_classifiers import classifiers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HOME = PROJECT["urls"]["Repository"]


@pytest.fixture
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_string(archive.read(name).decode("utf-8"))


def _links(markdown: str) -> Iterator[str]:
    """Where each link and picture of the text leads."""
    for block in MarkdownIt().parse(markdown):
        for token in block.children or []:
            target = token.attrGet("href") or token.attrGet("src")
            if target is not None:
                yield str(target)


def test_each_link_of_the_readme_is_absolute_and_leads_to_a_file_of_this_version(metadata: Message) -> None:
    links = list(_links(str(metadata.get_payload())))
    files = f"{HOME}/blob/v{metadata['Version']}/"
    ours = [link.removeprefix(files) for link in links if link.startswith(files)]
    assert {"docs/ci.md", "CHANGELOG.md"} <= set(ours)
    assert [link for link in links if not link.startswith("https://")] == []
    assert [name for name in ours if not (ROOT / name.partition("#")[0]).exists()] == []


def test_the_readme_is_shown_as_it_is_but_for_its_links(metadata: Message) -> None:
    assert metadata["Description-Content-Type"] == "text/markdown"
    shown = str(metadata.get_payload()).replace(f"{HOME}/blob/v{metadata['Version']}/", "")
    assert shown == (ROOT / "README.md").read_text("utf-8")


def test_it_says_where_the_project_is_at_home(metadata: Message) -> None:
    urls = dict(line.split(", ", 1) for line in metadata.get_all("Project-URL", []))
    assert set(urls) == {"Homepage", "Documentation", "Repository", "Issues", "Changelog", "Security"}
    assert [url for url in urls.values() if not (url == HOME or url.startswith(f"{HOME}/"))] == []
    assert metadata["Author"] == "the scopesync authors"


def test_its_classifiers_are_ones_that_an_index_knows(metadata: Message) -> None:
    assert set(metadata.get_all("Classifier", [])) <= classifiers
