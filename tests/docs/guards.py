"""The guards' names wherever they are written down, from the one table in the code (plan/guards/catalogue.py).

Belongs here: the table in docs/guards.md, and the lists of names in the schemas. `python -m tests.docs.guards` writes
them all anew; a test says when that is due. Does not belong here: any word on a guard; the table in the code has them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scopesync.plan.guards.catalogue import GUARDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.plan.guards.guard import Guard

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- guards: made by `python -m tests.docs.guards` -->\n", "<!-- /guards -->\n"
HEAD = "| Guard | Refuses | By default | `allow` |\n|---|---|---|---|\n"


def page(text: str) -> str:
    """docs/guards.md with today's table between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = HEAD + "".join(_line(guard) for guard in GUARDS)
    return f"{before}{BEGIN}{table}{END}{after}"


def tenant_schema(text: str) -> str:
    """tenant.schema.json with the guards that an `allow` may name."""
    schema = json.loads(text)
    rule = schema["properties"]["allow"]["items"]["properties"]["guard"]
    rule["enum"] = _names_to_allow()
    rule["description"] = f"The guard that would refuse: {', '.join(rule['enum'])}."
    return _json(schema)


def plan_schema(text: str) -> str:
    """plan.schema.json with the guards that may refuse, and those that an `allow` may name."""
    schema = json.loads(text)
    refusal = schema["definitions"]["refusal"]["properties"]
    refusal["guard"]["enum"] = [guard.name for guard in GUARDS]
    _, block = refusal["allow"]["oneOf"]
    block["properties"]["guard"]["enum"] = _names_to_allow()
    allowed = schema["definitions"]["allowed"]["properties"]
    allowed["guard"]["enum"] = _names_to_allow()
    return _json(schema)


MADE: dict[str, Callable[[str], str]] = {
    "docs/guards.md": page,
    "schemas/tenant.schema.json": tenant_schema,
    "schemas/plan.schema.json": plan_schema,
}
"""File -> what makes its text of today from the text that it has."""


def _line(guard: Guard) -> str:
    return f"| `{guard.name}` | {guard.refuses} | {guard.default} | {'yes' if guard.can_be_allowed else 'no'} |\n"


def _names_to_allow() -> list[str]:
    return [guard.name for guard in GUARDS if guard.can_be_allowed]


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    for name, make in MADE.items():
        path = ROOT / name
        path.write_text(make(path.read_text("utf-8")), "utf-8")
