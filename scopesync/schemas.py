"""Where the JSON Schemas are, and a validator for each.

Belongs here: the one function that knows a checkout from an installed wheel. Does not belong here: wording of
errors about people's files (`desired` knows their lines and columns).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from jsonschema.protocols import Validator

NAMES = ("project", "tenant", "plan", "drift")


def schema_text(name: str) -> str:
    """The text of `<name>.schema.json`, byte for byte as it is in `schemas/`; `name` is one of NAMES."""
    return (_folder() / f"{name}.schema.json").read_text("utf-8")


@cache
def validator(name: str) -> Validator:
    """A validator of that schema. It resolves nothing over the network: the registry is empty and explicit."""
    from jsonschema import Draft7Validator  # noqa: PLC0415 - 100 ms that `scopesync schema` need not pay
    from referencing import Registry  # noqa: PLC0415 - the same

    schema: dict[str, Any] = json.loads(schema_text(name))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema, registry=Registry())


def _folder() -> Traversable:
    """`scopesync/schemas` in a wheel, `schemas` beside the package in a checkout."""
    package = files("scopesync")
    installed = package / "schemas"
    return installed if installed.is_dir() else package / ".." / "schemas"
