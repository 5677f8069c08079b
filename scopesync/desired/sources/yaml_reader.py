"""Strict YAML: text -> plain values, and every error with its place.

Belongs here: the syntax. YAML 1.2 core scalars over PyYAML's event stream, without surprising features: duplicate keys,
aliases, anchors, merge keys, tags, directives, second documents, deep nesting, numbers that only look like numbers.
Does not belong here: what the values mean (the schemas), where the text comes from (`text_file`).

Why events: PyYAML's own loaders take the last of two duplicate keys, read YAML 1.1 (`no` is False, `0042` is 34), and
its C loader crashes (segmentation fault) on deep nesting. With events we decide where to stop.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from scopesync.desired.sources.yaml_slips import slip_problem
from scopesync.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.desired.sources.text_file import SourceText

DEPTH = 32
PROBLEMS = 1000
"""Reading stops after this many problems in one file."""

_TOO_DEEP = f"nested deeper than {DEPTH} levels"

Loader: TypeAlias = "yaml.CSafeLoader | yaml.SafeLoader"
LOADER: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_CORE_STARTS = frozenset("-+.0123456789~nNtTfF")
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_RADIX = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_DIGITS = 18
"""A number with more digits than this is taken for an id."""
_OLD_BREAK = re.compile("[\x85\u2028\u2029]")
_QUOTE_IT = "quote it"


class Mapping(dict[str, Any]):
    """A mapping that knows where it starts (both from 1)."""

    __slots__ = ("column", "line")
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a YAML text. With `problems` the value is incomplete: check it further, never use it."""

    value: Any
    problems: tuple[Problem, ...] = ()


def load(source: SourceText) -> Document:
    """The one document of `source`; mappings are `Mapping`, all else plain Python values.

    Errors after which reading can continue are returned as `problems`, so that the user sees all of them at once.
    Raises ConfigurationError where reading cannot continue: broken syntax, nesting deeper than DEPTH, a second
    document, an empty file.
    """
    if old := _OLD_BREAK.search(source.text):
        raise _refused(source, *_place(source.text, old.start()), "an invisible line separator", "remove it")
    problems: list[Problem] = []
    try:
        return _Builder(source, LOADER(source.text), problems).document()
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError([*problems, _stopped(source, error)]) from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an escape beyond Unicode, without the C library
        raise ConfigurationError([*problems, _unreadable(source, error)]) from error


class _Builder:
    """One pass over the events of one text."""

    def __init__(self, source: SourceText, parser: Loader, problems: list[Problem]) -> None:
        self.source = source
        self.next: Callable[[], Any] = parser.get_event
        self.problems = problems
        self.depth = 0

    def document(self) -> Document:
        self.next()
        start = self.next()
        if type(start) is StreamEndEvent:
            message = "the file is empty: nothing in it but blanks and comments"
            raise _refused(self.source, 1, 1, message, "to stop managing a tenant, delete its file")
        self._no_directives(start)
        value = self.node(self.next())
        self.next()
        end = self.next()
        if type(end) is not StreamEndEvent:
            raise self.refused(end, "a second document", "one file, one document: remove the `---`")
        return Document(value, tuple(self.problems))

    def _no_directives(self, start: DocumentStartEvent) -> None:
        if start.version or start.tags:
            self.report(start, "directives (%YAML, %TAG) are not allowed", "remove the line: files are YAML 1.2")

    def node(self, event: Any) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self.scalar(event)
        if kind is AliasEvent:
            hint = "put text that begins with * in quotes; instead of an alias write the value, or use `defaults`"
            self.report(event, "aliases (*name) are not allowed", hint)
            return None
        if event.anchor is not None or event.tag is not None:
            self.decorated(event)
        self.depth += 1
        if self.depth > DEPTH:
            raise self.refused(event, _TOO_DEEP, None)
        value = self.mapping(event) if kind is MappingStartEvent else self.sequence()
        self.depth -= 1
        return value

    def sequence(self) -> list[Any]:
        items: list[Any] = []
        while type(event := self.next()) is not SequenceEndEvent:
            items.append(self.node(event))
        return items

    def mapping(self, start: Any) -> Mapping:
        mapping = Mapping()
        mapping.line = start.start_mark.line + 1
        mapping.column = start.start_mark.column + 1
        lines: dict[str, int] = {}
        following, scalar = self.next, self.scalar
        while type(event := following()) is not MappingEndEvent:
            key = self.key(event)
            if key in mapping:
                self.duplicate(event, key, first=lines[key])
            else:
                lines[key] = event.start_mark.line + 1
            value = following()
            mapping[key] = scalar(value) if type(value) is ScalarEvent else self.node(value)
        return mapping

    def key(self, event: Any) -> str:
        if type(event) is not ScalarEvent:
            raise self.refused(event, "a key must be a plain word", "write `key: value`")
        if event.anchor is not None or event.tag is not None:
            self.decorated(event)
        key: str = event.value
        if key == "<<" and event.implicit[0]:
            self.report(event, "merge keys (<<) are not allowed", "write the fields themselves, or use `defaults`")
        return key

    def scalar(self, event: Any) -> Any:
        if event.anchor is not None or event.tag is not None:
            self.decorated(event)
        text: str = event.value
        if not event.implicit[0] or (text and text[0] not in _CORE_STARTS):
            return text
        return self.plain(event, text)

    def plain(self, event: ScalarEvent, text: str) -> Any:
        """Resolve a plain scalar by the core schema of YAML 1.2; an ambiguous number is reported."""
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _FLOAT.match(text):
            return self.number(event, text)
        if _RADIX.match(text) and len(text) <= _DIGITS:
            return int(text, 0)
        if _NOT_FINITE.match(text):
            self.report(event, "infinity and not-a-number are not allowed", "write a number")
        return text

    def number(self, event: ScalarEvent, text: str) -> Any:
        if _LEADING_ZERO.match(text):
            self.ambiguous(event, text, "a number with leading zeros")
        elif len(text) > _DIGITS:
            self.ambiguous(event, text, f"a number of more than {_DIGITS} digits")
        elif _INT.match(text):
            return int(text)
        elif math.isfinite(number := float(text)):
            return number
        else:
            self.ambiguous(event, text, "a number that is too large")
        return text

    def ambiguous(self, event: Any, text: str, what: str) -> None:
        is_private = self.source.is_private(event.start_mark.line + 1)
        is_short = len(text) <= _DIGITS * 2
        hint = f'{_QUOTE_IT}: "{text}"' if is_short and not is_private else _QUOTE_IT
        self.report(event, f"{what}: a reader could lose some of it", hint)

    def decorated(self, event: Any) -> None:
        if event.anchor is not None:
            hint = "put text that begins with & in quotes; instead of an anchor write the value wherever it is needed"
            self.report(event, "anchors (&name) are not allowed", hint)
        if event.tag is not None:
            hint = "put text that begins with ! in quotes; leave a tag out"
            self.report(event, "tags (!name) are not allowed", hint)

    def duplicate(self, event: Any, key: str, *, first: int) -> None:
        is_private = self.source.is_private(event.start_mark.line + 1)
        shown = f' "{key}"' if _is_word(key) and not is_private else ""
        message = f"the key{shown} is here a second time; the first is on line {first}"
        self.report(event, message, "keep one of the two")

    def report(self, event: Any, message: str, hint: str | None) -> None:
        mark = event.start_mark
        self.problems.append(self.source.problem(message, mark.line + 1, mark.column + 1, hint=hint))
        if len(self.problems) >= PROBLEMS:
            message = f"{PROBLEMS} problems: the rest of the file was not read"
            raise ConfigurationError([*self.problems, self.source.problem(message, mark.line + 1, mark.column + 1)])

    def refused(self, event: Any, message: str, hint: str | None) -> ConfigurationError:
        mark = event.start_mark
        last = self.source.problem(message, mark.line + 1, mark.column + 1, hint=hint)
        return ConfigurationError([*self.problems, last])


def _stopped(source: SourceText, error: yaml.MarkedYAMLError) -> Problem:
    """The error at which the parser stopped. Since 6.0.4 PyYAML has a depth limit too, and it reads ahead of ours."""
    mark = error.problem_mark
    if mark is not None and "nesting depth" in str(error.problem):
        return source.problem(_TOO_DEEP, mark.line + 1, mark.column + 1)
    return slip_problem(source, error, LOADER)


def _unreadable(source: SourceText, error: Exception) -> Problem:
    """A character that the parser refuses before parsing; without the C library, an invalid escape as well."""
    if not isinstance(error, yaml.reader.ReaderError):
        return source.problem(f'not YAML; the parser says "{error}"', 1, 1)
    offset = error.position
    if LOADER is not yaml.SafeLoader:  # the C library counts bytes, not characters
        offset = len(source.text.encode()[:offset].decode(errors="ignore"))
    message = f"an invisible control character (U+{ord(source.text[offset]):04X})"
    return source.problem(message, *_place(source.text, offset), hint="remove it")


def _refused(source: SourceText, line: int, column: int, message: str, hint: str | None) -> ConfigurationError:
    return ConfigurationError([source.problem(message, line, column, hint=hint)])


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _is_word(key: str) -> bool:
    return re.fullmatch(r"[\w.-]{1,64}", key) is not None
