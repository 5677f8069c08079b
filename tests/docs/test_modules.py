"""docs/architecture.md and the modules' docstrings: the tree is the package's, and each module that is named exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.modules import PACKAGE, PAGE, docstring, modules, page, unknown_names

if TYPE_CHECKING:
    from pathlib import Path


def test_the_tree_on_the_page_is_the_packages() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(text), "python -m tests.docs.modules"


def test_each_module_in_a_table_of_the_page_exists() -> None:
    _, _, rest = PAGE.read_text("utf-8").partition("| Module of `apply` | Does |\n|---|---|\n")
    named = re.findall(r"^\| `(\w+)` \|", rest.partition("\n\n")[0], re.MULTILINE)
    assert named
    assert [name for name in named if not (PACKAGE / "apply" / f"{name}.py").exists()] == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_each_module_that_a_docstring_names_exists(path: Path) -> None:
    assert unknown_names(path, docstring(path)) == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Belongs here: pairs. Does not belong here: guards (`guards`), order (call_sequence, school_links).", []),
        ("Belongs here: pairs. Does not belong here: reading (live), ids (`live.identity`), words (row_identity).", []),
        ("Belongs here: pairs. Does not belong here: order (calls), rows (`crossrows`).", ["calls", "crossrows"]),
        ("Belongs here: pairs. Does not belong here: whose it is (`identity`).", ["identity"]),
        ("Belongs here: pairs. Does not belong here: text (`yaml_reader` has read it).", ["yaml_reader"]),
        ("Belongs here: pairs. Does not belong here: rows (the schema does), links (a server may lie).", []),
    ],
)
def test_a_name_in_parentheses_is_a_module_of_the_room_or_a_room(text: str, unknown: list[str]) -> None:
    assert unknown_names(PACKAGE / "plan" / "match.py", text) == unknown
