"""The package's modules and what their docstrings say, for docs/architecture.md.

Belongs here: the tree of folders on that page, from the first sentences of the packages' docstrings
(`python -m tests.docs.modules` writes it anew; a test says when that is due), and the modules that a docstring names.
Does not belong here: any word on a folder or module; the docstrings have them.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "scopesync"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- tree: made by `python -m tests.docs.modules` -->\n", "<!-- /tree -->\n"

_PARENTHESIS = re.compile(r"\(([^()]*)\)")
_MODULE = r"([a-z][a-z_]*(?:\.[a-z_]+)*)(?:\.[A-Z]\w*)?"
"""A module's name; behind it there may be a class of that module."""
_ITEM = re.compile(rf"^`?{_MODULE}`?$")
_LEADING_NAME = re.compile(rf"^`{_MODULE}`")


def page(text: str) -> str:
    """docs/architecture.md with today's tree between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}```\n{tree()}```\n{END}{after}"


def tree() -> str:
    """Each folder of the package with what it holds, and the modules that stand in no folder."""
    alone = [path for path in sorted(PACKAGE.glob("*.py")) if not path.name.startswith("__")]
    folders = sorted(path.parent for path in PACKAGE.rglob("*/__init__.py"))
    lines = ["scopesync/"]
    lines += [_line(path.name, path, depth=1) for path in alone]
    lines += [_line(f"{one.name}/", one / "__init__.py", depth=len(one.relative_to(PACKAGE).parts)) for one in folders]
    return "\n".join(lines) + "\n"


def modules() -> list[Path]:
    """Every module and package of scopesync."""
    return sorted(PACKAGE.rglob("*.py"))


def docstring(path: Path) -> str:
    """The docstring of a module, "" where it has none."""
    return ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""


def unknown_names(path: Path, text: str) -> list[str]:
    """The modules that a docstring names in parentheses behind "Belongs here", and that do not exist.

    A name in parentheses, as in "(`match`, plan.guards)", means a module of the same room, a room, or a module of
    another room by its dotted name.
    """
    _, _, said = text.partition("Belongs here:")
    paragraph = said.partition("\n\n")[0]
    known = _known_in_room_of(path)
    return [name for name in _named(" ".join(paragraph.split())) if name not in known]


def _line(name: str, path: Path, *, depth: int) -> str:
    first = docstring(path).partition("\n\n")[0].replace("\n", " ")
    return f"{'  ' * depth}{name}".ljust(26) + first


def _named(text: str) -> Iterator[str]:
    for inside in _PARENTHESIS.findall(text):
        items = [_ITEM.match(item) for item in re.split(r", | and ", inside)]
        if all(items):
            yield from (item.group(1) for item in items if item)
        elif leading := _LEADING_NAME.match(inside):
            yield leading.group(1)


def _known_in_room_of(path: Path) -> set[str]:
    """What a bare name may mean there, and every dotted name."""
    own = path.relative_to(PACKAGE).parts[0]
    known = set()
    for module in modules():
        parts = module.relative_to(PACKAGE).with_suffix("").parts
        names = parts[:-1] if parts[-1] == "__init__" else parts
        if not names:
            continue
        known |= {".".join(names[at:]) for at in range(len(names)) if at == 0 or names[0] == own}
        known.add(f"{names[0]}.{names[-1]}")
    return known


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
