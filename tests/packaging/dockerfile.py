"""The Dockerfile as data, and what .dockerignore leaves of the tree.

Belongs here: reading both. Does not belong here: any judgement (the tests).
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathspec import PathSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Instruction:
    """`RUN` and what follows it, on one line; the stage that it is in, counted from 0."""

    name: str
    rest: str
    stage: int

    @property
    def words(self) -> list[str]:
        """What follows, without the options: `--from=build`."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]

    @property
    def from_context(self) -> bool:
        """Whether it takes files of the tree, and not of another stage."""
        return self.name in {"COPY", "ADD"} and "--from=" not in self.rest


def instructions(text: str) -> Iterator[Instruction]:
    """Each instruction, its lines joined, without comments."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    stage = -1
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, rest = line.partition(" ")
        stage += name == "FROM"
        if name:
            yield Instruction(name, rest, stage)


def ignored(root: Path) -> Callable[[str], bool]:
    """Whether .dockerignore keeps back the file of that name, or a folder that it is in.

    Its patterns begin at the root; Git's, without a slash, begin anywhere.
    """
    lines = (root / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    anchored = [re.sub(r"^(!?)/?", r"\1/", pattern) for pattern in patterns]
    below = [line for pattern in anchored for line in (pattern, f"{pattern}/**")]
    return PathSpec.from_lines("gitignore", below).match_file
