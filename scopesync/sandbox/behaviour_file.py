"""A behaviour as people write it: the fields of `Behaviour` that are not plain, in YAML or JSON.

Belongs here: the checks of these fields, with errors that name the place. Does not belong here: what the fields mean
(`api/behaviour`).

    paging_next: token
    read_lag_s: 5
    append: update
"""

from __future__ import annotations

from dataclasses import fields
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.given_data import Given, plain_data, read_file
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TYPES = get_type_hints(Behaviour)
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "null"}


def load_behaviour(path: Path) -> Behaviour:
    """The behaviour in that file. Raises SandboxError, with the file and the place in it, if it is none."""
    return read_file(path, behaviour_of)


def behaviour_of(text: bytes) -> Behaviour:
    """The behaviour in that text, YAML or JSON. Raises SandboxError, with the place, if it is none."""
    return Behaviour(**behaviour_fields(Given(plain_data(text), "")))


def behaviour_fields(given: Given) -> Mapping[str, Any]:
    """The fields that a mapping gives, each of its type; refuses them all where they make no Behaviour."""
    found = given.fields(field.name for field in fields(Behaviour))
    values = {name: _value(value, _TYPES[name]) for name, value in found.items()}
    try:
        Behaviour(**values)
    except ValueError as error:
        raise SandboxError(f"{given.where or 'at the top'}: {error}") from error
    return values


def wording(hint: Any) -> str:
    """What may stand for a field of that type, in words."""
    if get_origin(hint) is Literal:
        return f"one of {', '.join(get_args(hint))}"
    return " or ".join(_WORDS[part] for part in get_args(hint) or (hint,))


def _value(given: Given, hint: Any) -> Any:
    value = given.value
    if get_origin(hint) is Literal and type(value) is int:
        value = str(value)  # a status is written as a number: it is as good as its digits
    if not _fits(value, hint):
        raise given.wrong(wording(hint))
    return value


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if isinstance(hint, UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    return type(value) in ((int, float) if hint is float else (hint,))
