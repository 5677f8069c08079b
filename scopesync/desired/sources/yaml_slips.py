"""YAML syntax errors in plain words: where the mistake is, what it is, and what to write instead.

Belongs here: a parser error and the text around it -> Problem. Does not belong here: reading (`yaml_reader`), what the
schemas refuse (`schema_messages`), the valid columns (`indentation`).

The parser reports the place where it stopped; the user needs the place of the mistake, often a line earlier. The error
messages of PyYAML differ with and without its C library: each rule matches both, and an error that no rule matches is
quoted. A hint repeats only text from the line of the problem, and none from a line that may hold a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentEndEvent, Event, ScalarEvent

from scopesync.desired.layout.indentation import Line, fitting, line_above

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.desired.sources.text_file import SourceText
    from scopesync.errors import Problem

    Place: TypeAlias = "tuple[int, int]"
    """Line and column, from 1."""

_CLOSING = {"{": "}", "[": "]"}
_LONGEST_HINT = 80


class _Slip(NamedTuple):
    """A mistake at a place, and what to write instead."""

    place: Place
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where the parser stopped: at `place`, inside a construct that began at `began` (the same place if unknown).

    `last` is the last event before it stopped, `brackets` are the places of the brackets that are open there.
    """

    source: SourceText
    place: Place
    began: Place
    last: Event
    brackets: tuple[Place, ...]

    def line(self, number: int) -> Line:
        return Line(self.source, number)

    def char(self, place: Place) -> str:
        """The character at a place, empty behind the end of a line."""
        return self.line(place[0]).text[place[1] - 1 : place[1]]


def slip_problem(source: SourceText, error: yaml.MarkedYAMLError, loader: Any) -> Problem:
    """The mistake in a text for which the parser `loader` raised `error`."""
    place = _place(error.problem_mark)
    began = _place(error.context_mark) if error.context_mark is not None else place
    stop = _Stop(source, place, began, *_read_before(source, loader))
    words = f"{error.context}: {error.problem}"
    for pattern, explain in _RULES:
        if not re.search(pattern, words):
            continue
        slip = explain(stop)
        if slip is not None:
            return source.problem(slip.message, *slip.place, hint=slip.hint)
    message = f'not YAML from here on; the parser says "{error.problem}"'
    if error.context_mark is not None:
        message += f" ({error.context}, from line {began[0]})"
    return source.problem(message, *place)


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def _read_before(source: SourceText, loader: Any) -> tuple[Event, tuple[Place, ...]]:
    """The last event before the parser stops, and the brackets that are open then."""
    last = Event()
    opened: list[CollectionStartEvent] = []
    try:
        for event in yaml.parse(source.text, Loader=loader):
            if isinstance(event, CollectionStartEvent):
                opened.append(event)
            elif isinstance(event, CollectionEndEvent):
                opened.pop()
            if not isinstance(event, DocumentEndEvent):
                last = event
    except yaml.YAMLError:
        pass  # the error that is being explained
    return last, tuple(_place(event.start_mark) for event in opened if event.flow_style)


def _tab(stop: _Stop) -> _Slip | None:
    if stop.char(stop.place) != "\t":
        return None
    return _Slip(stop.place, "a tab, where only spaces may stand", "write spaces instead: a tab cannot indent")


def _escape(stop: _Stop) -> _Slip:
    line, column = stop.place
    backslash = stop.line(line).text.rfind("\\", 0, column) + 1
    hint = "write two backslashes for one, or put the value in 'single quotes'"
    return _Slip((line, backslash), "a backslash in double quotes begins an escape, and this is none", hint)


def _open_quote(stop: _Stop) -> _Slip:
    line = stop.began[0]
    return _Slip(stop.began, f"a quote that starts on line {line} is never closed", f"close it on line {line}")


def _no_colon(stop: _Stop) -> _Slip:
    return _small_slip(stop.line(stop.began[0])) or _Slip(stop.began, *_COLON)


def _second_colon(stop: _Stop) -> _Slip | None:
    """A colon where no key can end: in a value, below a line with a mistake, or on a line with a wrong indent."""
    line = stop.line(stop.place[0])
    above = line_above(line)
    is_in_value = line.key and line.column("colon") < stop.place[1]
    if is_in_value:
        return _Slip(stop.place, 'a value with ": " in it needs quotes', _quoted(line, 'name: "Foo: bar"'))
    if above is None:
        return None
    if not above.key and not above.is_bracket:
        return _small_slip(above) or _Slip((above.number, above.column("rest")), *_COLON)
    return _small_slip(above) or _askew(line)


def _bracket(stop: _Stop) -> _Slip | None:
    """A bracket that is never closed, is closed by the wrong type, or lacks a comma between two entries."""
    if not stop.brackets:
        return None
    opening = stop.brackets[-1]
    bracket = stop.char(opening)
    char = stop.char(stop.place)
    if bracket not in _CLOSING:  # an anchor or a tag before the bracket, which has an error of its own
        return None
    if char in _CLOSING.values():
        message = f'"{char}" cannot close the "{bracket}" of line {opening[0]}'
        return _Slip(stop.place, message, f'write "{_CLOSING[bracket]}"')
    if not char or not _is_closed(stop.source, opening):
        message = f'a bracket "{bracket}" that opens on line {opening[0]} is never closed'
        return _Slip(opening, message, f'close it with "{_CLOSING[bracket]}" behind its last entry')
    hint = 'commas separate entries; a value with ": ", a comma or a bracket in it needs quotes'
    return _behind_quotes(stop) or _Slip(stop.place, "a comma or quotes are missing before this", hint)


def _bad_start(stop: _Stop) -> _Slip | None:
    char = stop.char(stop.began)
    line = stop.line(stop.began[0])
    if not char or (char == "-" and stop.brackets):
        return _bracket(stop)
    if line.is_private:
        char = "this character"
    if line.column("value") == stop.began[1]:
        return _Slip(stop.began, f"a value cannot begin with {char}", _quoted(line, 'name: "..."'))
    what = "a line" if line.start == stop.began[1] else "a value"
    return _Slip(stop.began, f"{what} cannot begin with {char}", f"put text that begins with {char} in quotes")


def _alias(stop: _Stop) -> _Slip | None:
    """Text that begins with `*`, so that the parser took its first word for an alias."""
    if not isinstance(stop.last, AliasEvent):
        return None
    star = _place(stop.last.start_mark)
    is_same_line = star[0] == stop.place[0]
    return _bad_start(replace(stop, began=star)) if is_same_line else None


def _misfit(stop: _Stop) -> _Slip | None:
    """Something where only the next key or the next row could be: behind a value, or on a line that stands askew."""
    line = stop.line(stop.place[0])
    if line.start < stop.place[1]:
        return _behind_quotes(stop) or _behind_brackets(stop)
    above = line_above(line)
    return _small_slip(line) or (_small_slip(above) if above else None) or _askew(line)


def _behind_quotes(stop: _Stop) -> _Slip | None:
    if not isinstance(stop.last, ScalarEvent) or stop.last.style not in ("'", '"'):
        return None
    start = _place(stop.last.start_mark)
    end = _place(stop.last.end_mark)
    if start[0] < end[0]:
        message = f"a quote that starts on line {start[0]} is closed only on line {end[0]}"
        return _Slip(start, message, f"close it on line {start[0]}")
    line = stop.line(stop.place[0])
    hint = _OTHER_QUOTES
    if line.column("value") == start[1]:
        hint = _quoted(line, """name: "St. Mary's School\"""")
    return _Slip(stop.place, "text behind a closing quote", hint)


def _behind_brackets(stop: _Stop) -> _Slip | None:
    char = stop.char(stop.place)
    if char in _CLOSING.values():
        return _Slip(stop.place, f'"{char}" closes a bracket that is not open', "remove it, or open the bracket")
    if not isinstance(stop.last, CollectionEndEvent):
        return None
    hint = _quoted(stop.line(stop.place[0]), 'name: "[North] Campus"')
    return _Slip(stop.place, "text behind a closing bracket", hint)


def _askew(line: Line) -> _Slip:
    message = "the indentation of this line does not fit the lines above"
    return _Slip((line.number, line.start), message, fitting(line))


def _small_slip(line: Line) -> _Slip | None:
    for pattern, message, hint in _SMALL_SLIPS:
        if found := re.match(pattern, line.head):
            return _Slip((line.number, found.end() + 1), message, hint)
    return None


def _is_closed(source: SourceText, opening: Place) -> bool:
    """Whether the bracket at `opening` is closed somewhere; brackets in quotes do not count."""
    line, column = opening
    first = source.lines[line - 1][column - 1 :]
    text = "\n".join([first, *source.lines[line:]])
    unquoted = re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", "", text)
    depth = 0
    for char in re.findall(r"[\[\]{}]", unquoted):
        depth += 1 if char in _CLOSING else -1
        if depth == 0:
            return True
    return False


def _quoted(line: Line, example: str) -> str:
    """How to write the value of the line in quotes, or an example if the value cannot be shown."""
    value = line.value
    is_too_long = len(line.text) > _LONGEST_HINT
    if line.is_private or not line.key or not value or is_too_long:
        return f"put the whole value in quotes: {example}"
    is_quoted = len(value) > 1 and value[0] in "'\"" and value[0] == value[-1]
    inner = value[1:-1] if is_quoted else value
    if '"' in inner or "\\" in inner:
        single_quoted = inner.replace("'", "''")
        return f"put it in quotes: {line.key}: '{single_quoted}'"
    return f'put it in quotes: {line.key}: "{inner}"'


_OTHER_QUOTES = """separate entries by commas; use the other kind of quotes around a quote: "St. Mary's School\""""
_COLON = ("a colon is missing", "write `key: value`; or, if this belongs to the line above, write both on one line")

_SMALL_SLIPS = (
    (r" *(?:- *)?(?:[\w-]+:)? *(?=[^\S \t])", "a character that only looks like a blank", "write an ordinary blank"),
    (r"\s*(?:- +)*(?=-[A-Za-z_\"'{])", "a blank is missing after the dash", "write a dash and a blank: `- name: ...`"),
    (r"\s*(?:- +)*[\w-]+(?=:[^\s/])", "a blank is missing after the colon", "write a colon and a blank: `name: ...`"),
    (r"(?=\.\.\.\s*\Z)", "three dots end the file: nothing may follow them", "remove them"),
)
"""The beginning of a line up to the mistake, the message, the hint."""

_RULES: tuple[tuple[str, Callable[[_Stop], _Slip | None]], ...] = (
    (r"", _tab),
    (r"", _alias),
    (r"escape|hexa?decimal", _escape),
    (r"quoted scalar", _open_quote),
    (r"expected ':'", _no_colon),
    (r"values are not allowed", _second_colon),
    (r"expected ',' or", _bracket),
    (r"any token|an alias|an anchor|a tag|a directive|a block scalar|a .*node|(entries|keys) are not", _bad_start),
    (r"expected key|'-' indicator|<block end>|<document start>", _misfit),
)
"""Pattern for the error message, with or without the C library -> explanation. The first that is not None wins."""
