"""One guard: what it refuses, in words and as a function.

Belongs here: the two types that every guard is made of. Does not belong here: any guard (catalogue names them all).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scopesync.plan.guards.case import ListCase


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a list may not be changed as planned: the numbers in words, and how many rows an `allow` has to cover.

    `count` is None where nothing may allow it.
    """

    message: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard as people know it, and the function that judges one list.

    `refuses` continues "It refuses …" in plain words; `default` says how strict the guard is unless the project says
    otherwise. `can_be_allowed` says whether an `allow` block may name the guard.
    """

    name: str
    refuses: str
    default: str
    judge: Callable[[ListCase], Iterator[Objection]]
    can_be_allowed: bool = True
