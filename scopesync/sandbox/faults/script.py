"""A script of faults: what people write in YAML or JSON, and what it means.

Belongs here: the words of a script and their checks. Does not belong here: what the words do (`conditions`, `effects`).

    seed: 7                                  # for `probability`; default 0
    faults:
      - name: the answer to the second POST is lost
        when: {operation: create, list: courses, from: 2, to: 2}
        do: {drop: after}
      - when: {operation: list, page: 3, times: 1}
        do: {answer: {status: 503, headers: {Retry-After: 1}}}
      - do: {behaviour: {paging_next: token, put: merge}}

`when` (all of it must hold; without it every request is met): `method`, `operation` (one or a list of each), `path` (a
pattern with `*`), `query` (parameters and their only value), `list`, `page`, `tenant` (an id), `from`, `to`, `every`,
`times`, `probability`, `per` (`all` or `tenant`: whose requests are counted together).

`do` holds one effect or more; which one wraps which is settled by EFFECTS, not by the order in which they are written:

    delay: 2 (after the work) or {before: 1, after: 1}      drop: before | after (the work)
    cut: 100 (bytes that are sent; -1: all but one)         drip: {bytes: 1, pause: 1}
    endless: true, huge: BYTES (of blanks after the body)   gzip_bomb: BYTES (unpacked), long_header: BYTES
    spoil: html | garbage | wrong-types | nan | ... (FORMS) answer: 503 or {status, headers, json | text, done}
    redirect: URL or {to, status}                           expire_tokens: tenant | all
    shift: {insert: 1, remove: 1, move: 1} (rows)           swap: TENANT-ID (which the credential then opens)
    behaviour: {put: merge, ...} (fields of Behaviour, with the same checks as `sandbox --behaviour FILE`)

Faults that strike the same request wrap each other, the first one outermost.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.sandbox.api.row_fields import ID_FIELD, is_uuid
from scopesync.sandbox.behaviour_file import behaviour_fields
from scopesync.sandbox.faults.conditions import OPERATIONS, When
from scopesync.sandbox.faults.effects import (
    Answer,
    Behave,
    Cut,
    Delay,
    Drip,
    Drop,
    ExpireTokens,
    GzipBomb,
    LongHeader,
    Pad,
    Shift,
    Spoil,
    Swap,
)
from scopesync.sandbox.faults.spoiled_answers import FORMS
from scopesync.sandbox.given_data import Given, plain_data, read_file
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scopesync.sandbox.faults.effects import Effect

_REDIRECT = 307
_ANSWERS = {"least": 200, "most": 599}
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE")
_WHEN = (
    *("method", "operation", "path", "query", "list", "page", "tenant"),
    *("from", "to", "every", "times", "probability", "per"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens to the requests that it meets; the first of `effects` is the outermost."""

    name: str
    when: When
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Every fault of a run. `document` is the plain data from which it was made."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0
    document: Any = None


NO_FAULTS = Script(document={"faults": []})


def load_script(path: Path) -> Script:
    """The script in that file, YAML or JSON. Raises SandboxError, with the file and the place in it, if it is none."""
    return read_file(path, script_of)


def script_of(text: bytes) -> Script:
    """The script in that text, YAML or JSON. Raises SandboxError, with the place, if it is none."""
    return read_script(plain_data(text))


def read_script(document: object) -> Script:
    """The script that is this plain data. Raises SandboxError, with the place, if it is none."""
    given = Given(document, "").fields(("seed", "faults"))
    if "faults" not in given:
        raise SandboxError("a script needs a list under 'faults', if only []")
    seed = given["seed"].whole() if "seed" in given else 0
    return Script(tuple(_fault(fault) for fault in given["faults"].items()), seed, document)


def _fault(given: Given) -> Fault:
    parts = given.fields(("name", "when", "do"))
    if "do" not in parts:
        raise SandboxError(f"{given.where}: a fault needs 'do'")
    name = parts["name"].text() if "name" in parts else given.where
    when = _when(parts["when"]) if "when" in parts else When()
    words = parts["do"].fields(EFFECTS)
    if not words:
        raise parts["do"].wrong("at least one effect")
    return Fault(name, when, tuple(read(words[word]) for word, read in EFFECTS.items() if word in words))


def _when(given: Given) -> When:
    words = given.fields(_WHEN)
    found = {name: read(words[word]) for word, (name, read) in _CONDITIONS.items() if word in words}
    when = When(**found)
    if when.last is not None and when.last < when.first:
        raise words["to"].wrong("a number not below 'from'")
    return when


def _operations(given: Given) -> frozenset[str]:
    words = [item.choice(OPERATIONS) for item in given.one_or_more()]
    return frozenset(name for word in words for name in OPERATIONS[word])


def _tenant(given: Given) -> str:
    if not is_uuid(given.text()):
        raise given.wrong("a tenant's id, a UUID,")
    return given.text().lower()


_CONDITIONS: Mapping[str, tuple[str, Callable[[Given], Any]]] = {
    "method": ("methods", lambda given: frozenset(item.choice(_METHODS) for item in given.one_or_more())),
    "operation": ("operations", _operations),
    "path": ("path", Given.text),
    "query": ("query", Given.texts),
    "list": ("list_name", lambda given: given.choice(ID_FIELD)),
    "page": ("page", lambda given: given.whole(least=0)),
    "tenant": ("tenant_id", _tenant),
    "from": ("first", lambda given: given.whole(least=1)),
    "to": ("last", lambda given: given.whole(least=1)),
    "every": ("every", lambda given: given.whole(least=1)),
    "times": ("times", lambda given: given.whole(least=0)),
    "probability": ("probability", lambda given: given.number(most=1)),
    "per": ("per_tenant", lambda given: given.choice(("all", "tenant")) == "tenant"),
}


def _delay(given: Given) -> Delay:
    if not isinstance(given.value, dict):
        return Delay(after=given.number())
    words = given.fields(("before", "after"))
    return Delay(**{name: seconds.number() for name, seconds in words.items()})


def _drip(given: Given) -> Drip:
    words = given.fields(("bytes", "pause"))
    size = words["bytes"].whole(least=1) if "bytes" in words else 1
    return Drip(size, words["pause"].number() if "pause" in words else 1)


def _endless(given: Given) -> Pad:
    if not given.flag():
        raise given.wrong("true")
    return Pad(None)


def _answer(given: Given) -> Answer:
    if not isinstance(given.value, dict):
        return Answer(given.whole(**_ANSWERS))
    words = given.fields(("status", "headers", "json", "text", "done"))
    if "status" not in words:
        raise SandboxError(f"{given.where}: 'status' is missing")
    if "json" in words and "text" in words:
        raise SandboxError(f"{given.where}: 'json' and 'text' exclude each other")
    return Answer(
        words["status"].whole(**_ANSWERS),
        words["headers"].texts() if "headers" in words else {},
        _body(words),
        words["done"].flag() if "done" in words else False,
    )


def _body(words: Mapping[str, Given]) -> bytes | None:
    if "text" in words:
        return words["text"].text().encode()
    if "json" not in words:
        return None
    try:
        return json.dumps(words["json"].value).encode()
    except (TypeError, ValueError) as error:
        raise words["json"].wrong("data that JSON can hold") from error


def _redirect(given: Given) -> Answer:
    if not isinstance(given.value, dict):
        return Answer(_REDIRECT, {"Location": given.text()})
    words = given.fields(("to", "status"))
    if "to" not in words:
        raise SandboxError(f"{given.where}: 'to' is missing")
    status = words["status"].whole(least=300, most=399) if "status" in words else _REDIRECT
    return Answer(status, {"Location": words["to"].text()})


def _shift(given: Given) -> Shift:
    words = given.fields(("insert", "remove", "move"))
    return Shift(**{name: count.whole(least=0) for name, count in words.items()})


EFFECTS: Mapping[str, Callable[[Given], Effect]] = {
    "delay": _delay,
    "drop": lambda given: Drop(given.choice(("before", "after")) == "after"),
    "cut": lambda given: Cut(given.whole()),
    "drip": _drip,
    "endless": _endless,
    "huge": lambda given: Pad(given.whole(least=1)),
    "long_header": lambda given: LongHeader(given.whole(least=1)),
    "gzip_bomb": lambda given: GzipBomb(given.whole(least=1)),
    "spoil": lambda given: Spoil(given.choice(FORMS)),
    "answer": _answer,
    "redirect": _redirect,
    "expire_tokens": lambda given: ExpireTokens(given.choice(("tenant", "all")) == "all"),
    "shift": _shift,
    "swap": lambda given: Swap(_tenant(given)),
    "behaviour": lambda given: Behave(behaviour_fields(given)),
}
"""Every effect by its word, the outermost first."""
