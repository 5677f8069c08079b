"""What every editor and every check relies on in the two schemas that people's files are held to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scopesync.model import KINDS
from scopesync.schemas import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def subschemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a schema, the schema itself included."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from subschemas(inner)


@pytest.mark.parametrize("name", ["project", "tenant"])
def test_every_property_has_a_title_and_a_description(name: str) -> None:
    for schema in subschemas(json.loads(schema_text(name))):
        if schema.get("type") == "object" and "properties" in schema:
            for key, rule in schema["properties"].items():
                assert rule["title"], key
                assert len(rule["description"]) > 10, key


@pytest.mark.parametrize("name", ["project", "tenant"])
def test_no_mapping_takes_unknown_keys(name: str) -> None:
    for schema in subschemas(json.loads(schema_text(name))):
        if schema.get("type") == "object" and "properties" in schema:
            assert schema["additionalProperties"] is False or not schema["properties"]


@pytest.mark.parametrize("name", ["project", "tenant"])
def test_nothing_is_fetched_from_elsewhere(name: str) -> None:
    schema = json.loads(schema_text(name))
    assert schema["$id"].startswith("urn:")
    assert all(one["$ref"].startswith("#/") for one in subschemas(schema) if "$ref" in one)


@pytest.mark.parametrize("name", ["project", "tenant"])
def test_every_rule_brings_its_own_words(name: str) -> None:
    for schema in subschemas(json.loads(schema_text(name))):
        if isinstance(schema.get("pattern"), str):
            assert "patternErrorMessage" in schema
        if isinstance(schema.get("type"), str | list) and "if" not in schema and schema.get("required") != ["from"]:
            assert "errorMessage" in schema


@pytest.mark.parametrize("name", ["project", "tenant"])
def test_every_rule_is_one_that_we_have_words_for(name: str) -> None:
    words = {"title", "description", "errorMessage", "patternErrorMessage", "default", "definitions", "$schema", "$id"}
    shape = {"$ref", "if", "then", "else", "items", "properties", "propertyNames", "additionalProperties", "required"}
    rules = {"type", "enum", "const", "pattern", "minimum", "maximum", "exclusiveMinimum"}
    sizes = {"minLength", "maxLength", "minItems", "minProperties"}
    schema = json.loads(schema_text(name))
    named = [id(one[part]) for one in subschemas(schema) for part in ("properties", "definitions") if part in one]
    for one in subschemas(schema):
        assert id(one) in named or one.keys() <= words | shape | rules | sizes


def test_rows_have_the_fields_of_the_model_and_protect() -> None:
    definitions = json.loads(schema_text("tenant"))["definitions"]
    for kind in KINDS:
        assert list(definitions[kind.singular]["properties"]) == [*kind.fields, "protect"]
