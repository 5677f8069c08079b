"""One YAML file: its text, what it says, and where in it each value stands.

Belongs here: the one way to read such a file. Does not belong here: the grammar (`yaml_reader`), finding a place
(`yaml_places`), what the values mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scopesync.desired.sources import yaml_reader
from scopesync.desired.sources.text_file import YAML_BYTES, decode, read_text
from scopesync.desired.sources.yaml_places import Places

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.desired.sources.text_file import SourceText
    from scopesync.errors import Problem


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One document. With `problems`, `value` is as near to the text as it can be, and must not be used."""

    source: SourceText
    value: Any
    problems: tuple[Problem, ...]
    places: Places


def read_yaml(root: Path, name: str) -> YamlFile:
    """The file `name` under `root`. Raises ConfigurationError where it is no file, or not one YAML document."""
    return parse_yaml(read_text(root, name, cap=YAML_BYTES))


def decode_yaml(data: bytes, name: str) -> YamlFile:
    """The bytes of a file of that name. Raises ConfigurationError where they are not one YAML document."""
    return parse_yaml(decode(data, name))


def parse_yaml(source: SourceText) -> YamlFile:
    """The text of a file. Raises ConfigurationError where it is not one YAML document."""
    document = yaml_reader.load(source)
    return YamlFile(source, document.value, document.problems, Places(source))
