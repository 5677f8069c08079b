"""The errors of jsonschema, in plain words.

Belongs here: schema error -> Fault, with the nearest known name and what to write instead. Does not belong here: the
position in the text (`yaml_places`), the rules themselves (the schemas, which also hold the message of each rule in
`errorMessage` and `patternErrorMessage`).

No message quotes a value, because a value can be a secret. The line is shown beside the message where that is safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeAlias

from scopesync.errors import ConfigurationError
from scopesync.schemas import validator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scopesync.desired.sources.yaml_places import Path, Places
    from scopesync.errors import Problem

    Finding: TypeAlias = Any
    """A jsonschema.ValidationError: its types allow for an unset state that `iter_errors` never gives."""

VERSION = 1
"""The newest file format that this tool reads."""

_SECRET_KEYS = frozenset(("credentials", "vendor"))
_TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a schema refuses.

    `quote`: the value would be valid in quotes. `at_key`: the key is wrong, not its value.
    """

    path: Path
    message: str
    hint: str | None = None
    at_key: bool = False
    quote: bool = False


def faults(schema: str, value: Any) -> tuple[Fault, ...]:
    """Everything that the schema of that name refuses in `value`, each thing once."""
    found: list[Fault] = []
    for error in validator(schema).iter_errors(value):
        found += _faults(error)
    return tuple(dict.fromkeys(found))


def schema_problems(schema: str, value: Any, places: Places) -> list[Problem]:
    """The faults of `value` as Problems, each at its place in the YAML text that `value` was read from."""
    return [fault_problem(fault, fault.path, places) for fault in faults(schema, value)]


def fault_problem(fault: Fault, path: Path, places: Places) -> Problem:
    """The fault as a Problem at `path`. Where only quotes are missing, the hint is the quoted text."""
    hint = fault.hint
    if fault.quote:
        written = places.written(path)
        hint = f'quote it: "{written}"' if written is not None else "quote it"
    return places.problem(path, fault.message, at_key=fault.at_key, hint=hint)


def refuse_newer(value: Any, places: Places) -> None:
    """Raise ConfigurationError for a file in a newer format: nothing else in it can be validated."""
    version = value.get("version") if isinstance(value, dict) else None
    if type(version) is int and version > VERSION:
        message = f"this file is of format {version}; this scopesync reads {VERSION}"
        hint = "upgrade scopesync from where you installed it"
        raise ConfigurationError([places.problem(("version",), message, hint=hint)])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """`did you mean "..."?` with the known word that is most similar to `word`, None if none is similar."""
    words = {folded(one): one for one in known}
    found = get_close_matches(folded(word[:64]), words, n=1, cutoff=0.6)
    return f'did you mean "{words[found[0]]}"?' if found else None


def folded(word: str) -> str:
    """The word in the spelling of our keys: `School ID` and `school-id` become `school_id`."""
    return re.sub(r"[\s_-]+", "_", word.strip()).casefold()


def counted(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    ending = "" if number == 1 else "s"
    return f"{number:,} {noun}{ending}"


def _faults(error: Finding) -> Iterator[Fault]:
    path: Path = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        yield Fault((*path, error.instance), f"{_name(error.instance, path)} {_words(error)}", at_key=True)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error, path)
    elif error.validator == "required":
        yield from _missing_keys(error, path)
    elif error.validator == "pattern" and not error.instance and "minLength" in error.schema:
        return  # `minLength` already reports that it is empty
    else:
        yield Fault(path, f"{_subject(path)} {_words(error)}", _hint(error, path), quote=_needs_quotes(error))


def _needs_quotes(error: Finding) -> bool:
    """Whether the value would be valid text if it stood in quotes."""
    is_wrong_type = error.validator == "type"
    is_bare = type(error.instance) in (bool, int, float)
    return is_wrong_type and is_bare and "string" in _types(error)


def _unknown_keys(error: Finding, path: Path) -> Iterator[Fault]:
    known = error.schema["properties"]
    for key, value in error.instance.items():
        if key in known:
            continue
        hint = nearest(key, known)
        if hint is None:
            hint = f"known here: {', '.join(known)}"
            if value is None:  # `{name: Oak, North}` makes a key of `North`
                hint = f"text with a comma in it needs quotes; {hint}"
        yield Fault((*path, key), f"unknown key{_shown(key, path)}", hint, at_key=True)


def _missing_keys(error: Finding, path: Path) -> Iterator[Fault]:
    for key in error.schema["required"]:
        if key not in error.instance:
            rule = error.schema["properties"][key]
            yield Fault(path, f'"{key}" is missing', f"{rule['title']}: {rule['description']}")


def _words(error: Finding) -> str:
    """What the rule demands, in the words of the schema where it has some."""
    rule = error.schema
    bound = error.validator_value
    # "must be an id: text in quotes" -> "must be an id, not a number: text in quotes"
    wanted, colon, more = str(rule.get("errorMessage")).partition(": ")
    plain = {
        "type": f"{wanted}, not {_type_name(error.instance)}{colon}{more}",
        "enum": rule.get("errorMessage"),
        "const": rule.get("errorMessage"),
        "pattern": rule.get("patternErrorMessage"),
        "minLength": "must not be empty",
        "minItems": "must not be empty",
        "minProperties": "must not be empty",
        "maxLength": f"must not be longer than {bound} characters",
        "minimum": f"must not be less than {bound}",
        "exclusiveMinimum": f"must be more than {bound}",
        "maximum": f"must not be more than {bound}",
    }
    return str(plain[str(error.validator)])


def _hint(error: Finding, path: Path) -> str | None:
    """What to write instead, where that follows from the value."""
    value = error.instance
    if error.validator == "type":
        return _layout_hint(value, _types(error))
    if not isinstance(value, str) or _is_private(path):
        return None
    if error.validator == "enum":
        return nearest(value, error.validator_value)
    if error.validator == "pattern":
        return _removal(value)
    return None


def _layout_hint(value: Any, wanted: Sequence[str]) -> str | None:
    """What is missing where the schema wants a collection and the file has something else."""
    if isinstance(value, dict) and "array" in wanted:
        return 'begin every item of the list with "- "'
    if isinstance(value, str) and "object" in wanted:
        return "write `key: value`, with a blank after the colon"
    return None


def _removal(value: str) -> str | None:
    """Which character to remove from an id or a name, None if no character is suspicious."""
    if value != value.strip():
        side = "end" if value == value.lstrip() else "beginning"
        return f"remove the blank at its {side}"
    invisible = next((char for char in value if not char.isprintable()), None)
    if invisible is None:
        return None
    if invisible in "\r\n":
        return "remove the line break in it"
    return f"remove the invisible character U+{ord(invisible):04X}"


def _subject(path: Path) -> str:
    """The subject of a message: the key of the value, or for an item the name of its list."""
    if not path:
        return "the file"
    is_item = isinstance(path[-1], int) and len(path) > 1
    return f"an item of {path[-2]}" if is_item else str(path[-1])


def _name(key: str, path: Path) -> str:
    return _shown(key, path).strip() or "this key"


def _shown(key: str, path: Path) -> str:
    """The key in quotes, empty where it might be a secret whose colon is missing."""
    is_word = re.fullmatch(r"[\w./-]{1,64}", key) is not None
    return f' "{key}"' if is_word and not _is_private(path) else ""


def _is_private(path: Path) -> bool:
    return not _SECRET_KEYS.isdisjoint(path)


def _types(error: Finding) -> list[str]:
    wanted = error.validator_value
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _type_name(value: Any) -> str:
    fallback = "a list" if isinstance(value, list) else "a mapping"
    return _TYPE_NAMES.get(type(value), fallback)
