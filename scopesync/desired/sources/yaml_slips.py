"""What made the YAML parser stop, in plain words: where the slip is, what it is, and how to write it instead.

Belongs here: a complaint of the parser and the text around it -> Problem. Does not belong here: reading
(`yaml_reader`), what the schemas refuse (`schema_messages`), which columns would fit (`indentation`).

The parser names the place where it could not go on; people need the place of the slip, often a line earlier. PyYAML
words its complaints differently with and without its C library: each rule knows both, and a complaint that no rule
knows is quoted behind words of our own. A hint repeats only what stands on the line of the problem, nothing of one that
may hold a secret.
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
    """What is wrong at a place, and what to write instead."""

    place: Place
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where the parser stopped: at `place`, in something that began at `began`, as far as it says.

    `last` is what it had read before, `brackets` are those that are open there.
    """

    source: SourceText
    place: Place
    began: Place
    last: Event
    brackets: tuple[Place, ...]

    def line(self, number: int) -> Line:
        return Line(self.source, number)

    def char(self, place: Place) -> str:
        """The character there, nothing behind the end of a line."""
        return self.line(place[0]).text[place[1] - 1 : place[1]]


def slip_problem(source: SourceText, error: yaml.MarkedYAMLError, loader: Any) -> Problem:
    """The one thing that is wrong with a text at which the parser `loader` raised `error`."""
    place = _place(error.problem_mark)
    began = _place(error.context_mark) if error.context_mark is not None else place
    stop = _Stop(source, place, began, *_read_before(source, loader))
    words = f"{error.context}: {error.problem}"
    for pattern, explain in _RULES:
        if re.search(pattern, words) and (slip := explain(stop)) is not None:
            return source.problem(slip.message, *slip.place, hint=slip.hint)
    begun = f" ({error.context}, from line {began[0]})" if error.context_mark is not None else ""
    return source.problem(f'not YAML from here on; the parser says "{error.problem}"{begun}', *place)


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def _read_before(source: SourceText, loader: Any) -> tuple[Event, tuple[Place, ...]]:
    """The last event before the parser stops, and the brackets that are open then."""
    last, opened = Event(), []
    try:
        for event in yaml.parse(source.text, Loader=loader):
            if isinstance(event, CollectionStartEvent):
                opened.append(event)
            elif isinstance(event, CollectionEndEvent):
                opened.pop()
            last = last if isinstance(event, DocumentEndEvent) else event
    except yaml.YAMLError:
        pass  # this is where it stops
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
    """A colon where no key can end: in a value, below a line that has a slip, or on a line that stands askew."""
    line, above = stop.line(stop.place[0]), line_above(stop.line(stop.place[0]))
    if line.key and line.column("colon") < stop.place[1]:
        return _Slip(stop.place, 'a value with ": " in it needs quotes', _quoted(line, 'name: "Foo: bar"'))
    if above is None:
        return None
    if not above.key and not above.is_bracket:
        return _small_slip(above) or _Slip((above.number, above.column("rest")), *_COLON)
    return _small_slip(above) or _askew(line)


def _bracket(stop: _Stop) -> _Slip | None:
    """Brackets that are not closed, closed by another sort, or hold two entries without a comma between them."""
    if not stop.brackets:
        return None
    opening = stop.brackets[-1]
    bracket, char = stop.char(opening), stop.char(stop.place)
    if bracket not in _CLOSING:  # an anchor or a tag stands before it, and is refused for itself
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
    char, line = stop.char(stop.began), stop.line(stop.began[0])
    if not char or (char == "-" and stop.brackets):
        return _bracket(stop)
    char = char if not line.is_private else "this character"
    if line.column("value") == stop.began[1]:
        return _Slip(stop.began, f"a value cannot begin with {char}", _quoted(line, 'name: "..."'))
    what = "a line" if line.start == stop.began[1] else "a value"
    return _Slip(stop.began, f"{what} cannot begin with {char}", f"put text that begins with {char} in quotes")


def _alias(stop: _Stop) -> _Slip | None:
    """Text that begins with a star, of which the parser took the first word for an alias."""
    if not isinstance(stop.last, AliasEvent):
        return None
    star = _place(stop.last.start_mark)
    return _bad_start(replace(stop, began=star)) if star[0] == stop.place[0] else None


def _misfit(stop: _Stop) -> _Slip | None:
    """Something where only the next key or the next row could be: behind a value, or on a line that stands askew."""
    line = stop.line(stop.place[0])
    if line.start < stop.place[1]:
        return _behind_quotes(stop) or _behind_brackets(stop)
    above = line_above(line)
    return _small_slip(line) or (_small_slip(above) if above else None) or _askew(line)


def _behind_quotes(stop: _Stop) -> _Slip | None:
    if not isinstance(stop.last, ScalarEvent) or not stop.last.style or stop.last.style not in "'\"":
        return None
    start, end = _place(stop.last.start_mark), _place(stop.last.end_mark)
    if start[0] < end[0]:
        message = f"a quote that starts on line {start[0]} is closed only on line {end[0]}"
        return _Slip(start, message, f"close it on line {start[0]}")
    line = stop.line(stop.place[0])
    hint = _quoted(line, """name: "St. Mary's School\"""") if line.column("value") == start[1] else _OTHER_QUOTES
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
    """Whether as many brackets are closed as are opened from there on, those in quotes aside."""
    first = source.lines[opening[0] - 1][opening[1] - 1 :]
    text = re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", "", "\n".join([first, *source.lines[opening[0] :]]))
    depth = 0
    for char in re.findall(r"[\[\]{}]", text):
        depth += 1 if char in _CLOSING else -1
        if depth == 0:
            return True
    return False


def _quoted(line: Line, example: str) -> str:
    """How to write the line's value in quotes, or an example where that cannot be shown."""
    value = line.value
    if line.is_private or not line.key or not value or len(line.text) > _LONGEST_HINT:
        return f"put the whole value in quotes: {example}"
    inner = value[1:-1] if len(value) > 1 and value[0] in "'\"" and value[0] == value[-1] else value
    plain = '"' not in inner and "\\" not in inner
    return f"""put it in quotes: {line.key}: {f'"{inner}"' if plain else "'" + inner.replace("'", "''") + "'"}"""


_OTHER_QUOTES = """separate entries by commas; use the other sort of quotes around a quote: "St. Mary's School\""""
_COLON = ("a colon is missing", "write `key: value`; or, if this belongs to the line above, write both on one line")

_SMALL_SLIPS = (
    (r" *(?:- *)?(?:[\w-]+:)? *(?=[^\S \t])", "a character that only looks like a blank", "write an ordinary blank"),
    (r"\s*(?:- +)*(?=-[A-Za-z_\"'{])", "a blank is missing after the dash", "write a dash and a blank: `- name: ...`"),
    (r"\s*(?:- +)*[\w-]+(?=:[^\s/])", "a blank is missing after the colon", "write a colon and a blank: `name: ...`"),
    (r"(?=\.\.\.\s*\Z)", "three dots end the file: nothing may follow them", "remove them"),
)
"""What a line begins with up to the slip, what the slip is, what to write."""

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
"""By what the parser says, context and problem of either parser: who explains it. The first who can does."""
