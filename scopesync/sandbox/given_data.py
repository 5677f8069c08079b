"""Plain data that somebody wrote, read with errors that name the place.

Belongs here: reading a file or a text, one value with its place, and the types that it may be asked for.
Does not belong here: what the values mean (`script`, `behaviour_file`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

T = TypeVar("T")

_SHOWN = 60


def read_file(path: Path, read: Callable[[bytes], T]) -> T:
    """What `read` makes of the file's bytes. Raises SandboxError, which names the file, where it makes nothing."""
    try:
        return read(path.read_bytes())
    except OSError as error:
        raise SandboxError(f"{path}: cannot be read: {error.strerror}") from error
    except SandboxError as error:
        raise SandboxError(f"{path}: {error}") from error


def plain_data(text: bytes) -> Any:
    """The data in a text, YAML or JSON. Raises SandboxError, with the place, if there is none."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SandboxError(f"this is no YAML: {_detail(error)}") from error


def _detail(error: Exception) -> str:
    """Why a text is no YAML: what stopped the parser, and where, with its own words behind ours."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    mark = getattr(error, "problem_mark", None)
    place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
    own_words = " ".join(str(getattr(error, "problem", error)).split())
    return f'the parser stops{place} ("{own_words}")'


@dataclass(frozen=True, slots=True)
class Given:
    """A value and where it stands, as `faults[2].do.drop`. Every method raises SandboxError where the type is wrong."""

    value: Any
    where: str

    def fields(self, known: Iterable[str]) -> Mapping[str, Given]:
        """A mapping's values by name; refuses a name that is not known, and says which one is near."""
        if not isinstance(self.value, dict):
            raise self.wrong("a mapping")
        names = tuple(known)
        for name in self.value:
            if name not in names:
                near = get_close_matches(str(name), names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
                raise SandboxError(f"{self.where or 'at the top'}: {name!r} is not known; {hint}")
        return {name: Given(value, f"{self.where}.{name}".lstrip(".")) for name, value in self.value.items()}

    def items(self) -> tuple[Given, ...]:
        """A list's values."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return tuple(Given(value, f"{self.where}[{number}]") for number, value in enumerate(self.value))

    def one_or_more(self) -> tuple[Given, ...]:
        """A list's values, or the value itself where it is no list."""
        return self.items() if isinstance(self.value, list) else (self,)

    def texts(self) -> dict[str, str]:
        """A mapping of texts; a number is as good as its digits."""
        if not isinstance(self.value, dict):
            raise self.wrong("a mapping")
        return {
            Given(name, self.where).scalar(): Given(value, f"{self.where}.{name}").scalar()
            for name, value in self.value.items()
        }

    def scalar(self) -> str:
        """A text, or the text of a number or a flag as JSON has it."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value) if isinstance(self.value, int | float) else self.text()

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def choice(self, allowed: Iterable[str]) -> str:
        """One of these texts."""
        choices = tuple(allowed)
        if self.value not in choices:
            raise self.wrong(f"one of {', '.join(choices)}")
        return self.text()

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def whole(self, *, least: int | None = None, most: int | None = None) -> int:
        """A whole number between these bounds."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong("a whole number")
        if (least is not None and self.value < least) or (most is not None and self.value > most):
            raise self.wrong(_span(least, most))
        return self.value

    def number(self, *, most: float = math.inf) -> float:
        """A finite number from 0 up."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        if not (0 <= self.value <= most and math.isfinite(self.value)):
            raise self.wrong("a number from 0 up" if math.isinf(most) else f"a number from 0 to {most:g}")
        return self.value

    def wrong(self, wanted: str) -> SandboxError:
        """The error that says what was wanted here, and what stands here."""
        found = repr(self.value)
        found = found if len(found) <= _SHOWN else found[:_SHOWN] + "…"
        return SandboxError(f"{self.where or 'at the top'}: {wanted} is wanted here, not {found}")


def _span(least: int | None, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return f"{most} or less" if least is None else f"a whole number from {least} to {most}"
