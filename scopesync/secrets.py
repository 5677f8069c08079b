"""Secrets that cannot be printed, the registry that hides them in any text, and where their texts may come from.

Belongs here: the type, the forms in which a secret can show up, hiding them, `env:` and `file:`. Does not belong here:
which secret opens what (`live.credentials`), and any sink: whoever writes text out sends it through `mask` first.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import stat
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal, NoReturn, SupportsIndex
from urllib.parse import quote, quote_plus

from scopesync.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scopesync.environment import Environment

HIDDEN = "***"
SHORTEST = 4
"""Forms shorter than this are not hidden: they would tear holes into every text and hide nothing."""
LARGEST_FILE = 64 * 1024


class Secret:
    """A text that shows itself only to `reveal`; making one registers it with `mask`.

    str, repr and format give `***`, pickle raises TypeError, json knows no such type. Equal when the texts are equal.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        _MASKS.add(value)

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a secret is never pickled")


@dataclass(frozen=True, slots=True)
class SecretSources:
    """Where secrets may be looked up: the environment, and files by their path from the project's folder."""

    environment: Environment
    root: Path

    def look_up(self, source: Literal["env", "file"], name: str) -> str:
        """The text under that name. From a file, one newline at the end is the editor's and is dropped.

        Raises CredentialError, which quotes nothing of it.
        """
        if source == "env":
            return self.variable(name)
        text = _file(self.root / name, f"file:{name}")
        return text.removesuffix("\n").removesuffix("\r")

    def variable(self, name: str) -> str:
        """The environment variable of that name. Raises CredentialError where it is not set, or empty."""
        text = self.environment.named(name)
        if not text:
            raise CredentialError(f"the environment variable {name} is not set", hint=f"export {name}=…")
        return text


def _file(path: Path, where: str) -> str:
    """The text of a small regular file; opened without waiting, so that a FIFO cannot hold the run."""
    without_waiting = getattr(os, "O_NONBLOCK", 0)  # Windows has neither the flag nor FIFOs among its files
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | without_waiting), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CredentialError(f"{where} is not a regular file")
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise CredentialError(
            f"{where} cannot be read: {reason}", hint="the path is relative to the project"
        ) from error
    if len(data) > LARGEST_FILE:
        raise CredentialError(f"{where} is larger than {LARGEST_FILE} bytes: that is no secret")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise CredentialError(f"{where} is not UTF-8 text") from None  # the cause would carry the bytes


class Masks:
    """Every registered secret in every form in which it could be read, and `mask`, which hides them; thread-safe.

    Forms are found by their first four characters, so that the cost of `mask` depends on the length of the text and
    hardly on the number of secrets (a fleet has thousands of forms), and that of `add` on neither.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._forms: dict[str, tuple[str, ...]] = {}

    def add(self, secret: str) -> None:
        """From now on hide this secret: raw, quoted for URLs, escaped as JSON, in base64 at any offset."""
        with self._lock:
            for form in forms(secret):
                known = self._forms.get(form[:SHORTEST], ())
                if form not in known:
                    self._forms[form[:SHORTEST]] = (*known, form)

    def mask(self, text: str) -> str:
        """The same text with `***` in place of every form of every registered secret."""
        parts: list[str] = []
        done = 0
        for start, end in self._spans(text):
            parts += (text[done:start], HIDDEN)
            done = end
        return "".join((*parts, text[done:])) if parts else text

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The stretches to hide, in order; those that touch or overlap are one."""
        begin = end = -1
        for start, stop in self._hits(text):
            if start > end:
                if end > 0:
                    yield begin, end
                begin = start
            end = max(end, stop)
        if end > 0:
            yield begin, end

    def _hits(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a form begins, and where the longest form that begins there ends."""
        index = self._forms
        if not index:
            return
        for at in [at for at in range(len(text) - SHORTEST + 1) if text[at : at + SHORTEST] in index]:
            lengths = [len(form) for form in index[text[at : at + SHORTEST]] if text.startswith(form, at)]
            if lengths:
                yield at, at + max(lengths)


def forms(secret: str) -> frozenset[str]:
    """The texts by which this secret can be recognised, none shorter than SHORTEST."""
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    found = {secret, *quoted, *(form.lower() for form in quoted if "%" in form), *escaped, *_base64_forms(secret)}
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _base64_forms(secret: str) -> Iterator[str]:
    """Base64 of the secret wherever it stands in what was encoded: `user:secret` has it at an unknown offset.

    Of the characters at both ends only those are kept that depend on the secret alone.
    """
    data = secret.encode("utf-8", "surrogatepass")
    for offset, uncertain in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(bytes(offset) + data).decode().rstrip("=")
        whole = text if (offset + len(data)) % 3 == 0 else text[:-1]
        yield whole[uncertain:]
        yield whole[uncertain:].translate(_URL_SAFE)
    yield base64.b64encode(data).decode()


_URL_SAFE = str.maketrans("+/", "-_")
_MASKS = Masks()


def mask(text: str) -> str:
    """Hide every secret that this process has loaded; for every sink: stdout, stderr, logs, files, tracebacks."""
    return _MASKS.mask(text)
