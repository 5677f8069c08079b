"""What jsonschema found, in plain words.

Belongs here: schema error -> Fault, with the nearest right name and what to write instead. Does not belong here: where
in a text it is (`yaml_places`), the rules themselves (the schemas, which also bring the words for each rule in
`errorMessage` and `patternErrorMessage`).

No message holds a value: a value can be a secret, and the line itself is shown beside the message where it may be.
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
"""The newest format of files that this tool reads."""

_SECRET_KEYS = frozenset(("credentials", "vendor"))
_SORTS: dict[type, str] = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "text"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a schema refuses; `quote`: it would be right in quotes; `at_key`: the key is what is wrong."""

    path: Path
    message: str
    hint: str | None = None
    at_key: bool = False
    quote: bool = False


def faults(schema: str, value: Any) -> tuple[Fault, ...]:
    """Everything that the schema of that name refuses in `value`, each thing once."""
    found = (fault for error in validator(schema).iter_errors(value) for fault in _faults(error))
    return tuple(dict.fromkeys(found))


def schema_problems(schema: str, value: Any, places: Places) -> list[Problem]:
    """The same as Problems, each at its place in the YAML text that `value` was read from."""
    return [fault_problem(fault, fault.path, places) for fault in faults(schema, value)]


def fault_problem(fault: Fault, path: Path, places: Places) -> Problem:
    """The fault as a Problem at `path`, with the text to write where quotes are all that is missing."""
    hint = fault.hint
    if fault.quote:
        written = places.written(path)
        hint = f'quote it: "{written}"' if written is not None else "quote it"
    return places.problem(path, fault.message, at_key=fault.at_key, hint=hint)


def refuse_newer(value: Any, places: Places) -> None:
    """Raise ConfigurationError for a file of a later format: nothing else in it can be judged."""
    version = value.get("version") if isinstance(value, dict) else None
    if type(version) is int and version > VERSION:
        message = f"this file is of format {version}; this scopesync reads {VERSION}"
        hint = "upgrade scopesync from where you installed it"
        raise ConfigurationError([places.problem(("version",), message, hint=hint)])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """`did you mean "..."?` with the known word nearest to `word`, None where none is near."""
    words = {folded(one): one for one in known}
    found = get_close_matches(folded(word[:64]), words, n=1, cutoff=0.6)
    return f'did you mean "{words[found[0]]}"?' if found else None


def folded(word: str) -> str:
    """The word as a name is written in our files: `School ID` and `school-id` are `school_id`."""
    return re.sub(r"[\s_-]+", "_", word.strip()).casefold()


def counted(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _faults(error: Finding) -> Iterator[Fault]:
    path: Path = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        yield Fault((*path, error.instance), f"{_name(error.instance, path)} {_words(error)}", at_key=True)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error, path)
    elif error.validator == "required":
        yield from _missing_keys(error, path)
    elif error.validator == "pattern" and not error.instance and "minLength" in error.schema:
        return  # that it is empty is said already
    else:
        quote = error.validator == "type" and type(error.instance) in (bool, int, float) and "string" in _types(error)
        yield Fault(path, f"{_subject(path)} {_words(error)}", _hint(error, path), quote=quote)


def _unknown_keys(error: Finding, path: Path) -> Iterator[Fault]:
    known = error.schema["properties"]
    for key in error.instance:
        if key not in known:
            words = "" if error.instance[key] is not None else "text with a comma in it needs quotes; "
            hint = nearest(key, known) or f"{words}known here: {', '.join(known)}"
            yield Fault((*path, key), f"unknown key{_shown(key, path)}", hint, at_key=True)


def _missing_keys(error: Finding, path: Path) -> Iterator[Fault]:
    for key in error.schema["required"]:
        if key not in error.instance:
            rule = error.schema["properties"][key]
            yield Fault(path, f'"{key}" is missing', f"{rule['title']}: {rule['description']}")


def _words(error: Finding) -> str:
    """The rule's own words, from the schema where it has them."""
    rule, bound = error.schema, error.validator_value
    wanted, colon, more = str(rule.get("errorMessage")).partition(": ")
    plain = {
        "type": f"{wanted}, not {_sort(error.instance)}{colon}{more}",
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
    """What to write instead, where the value itself tells."""
    value = error.instance
    if error.validator == "type":
        return _layout_hint(value, _types(error))
    if not isinstance(value, str) or _is_private(path):
        return None
    if error.validator == "enum":
        return nearest(value, error.validator_value)
    return _removal(value) if error.validator == "pattern" else None


def _layout_hint(value: Any, wanted: Sequence[str]) -> str | None:
    """What is missing where a collection is wanted, and something else was read."""
    if isinstance(value, dict) and "array" in wanted:
        return 'begin every item of the list with "- "'
    if isinstance(value, str) and "object" in wanted:
        return "write `key: value`, with a blank after the colon"
    return None


def _removal(value: str) -> str | None:
    """Which character to take out of a text that is to be an id or a name, None where none stands out."""
    if value != value.strip():
        return "remove the blank at its " + ("end" if value == value.lstrip() else "beginning")
    odd = next((char for char in value if not char.isprintable()), None)
    if odd is not None:
        return "remove the line break in it" if odd in "\r\n" else f"remove the invisible character U+{ord(odd):04X}"
    return None


def _subject(path: Path) -> str:
    """What is wrong, by its key: an item of a list goes by the list's name."""
    if not path:
        return "the file"
    return f"an item of {path[-2]}" if isinstance(path[-1], int) and len(path) > 1 else str(path[-1])


def _name(key: str, path: Path) -> str:
    return _shown(key, path).strip() or "this key"


def _shown(key: str, path: Path) -> str:
    """The key in quotes, where it is a word and not perhaps a secret that lost its colon."""
    return f' "{key}"' if re.fullmatch(r"[\w./-]{1,64}", key) and not _is_private(path) else ""


def _is_private(path: Path) -> bool:
    return not _SECRET_KEYS.isdisjoint(path)


def _types(error: Finding) -> list[str]:
    wanted = error.validator_value
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _sort(value: Any) -> str:
    return _SORTS.get(type(value)) or ("a list" if isinstance(value, list) else "a mapping")
