"""docs/sandbox.md, from `Behaviour`: every field with its default, what it takes and what it means.

Belongs here: the dataclass and its docstring -> Markdown. `python -m tests.docs.behaviours > docs/sandbox.md` writes it
anew; a test says when that is due. Does not belong here: a word on any field; the docstring has them.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from dataclasses import dataclass, fields
from typing import get_type_hints

from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.behaviour_file import wording

_INTRODUCTION = """\
# The sandbox

`scopesync sandbox` runs a local Interop API with a believable fleet, to try things out and to test against. Where the
vendor's page is open, a real server may behave in one way or another, and the sandbox can take each of them:

```sh
scopesync sandbox --behaviour behaviour.yaml
```

```yaml
read_lag_s: 5            # a write is seen five seconds later
paging_next: token
stamps: write
```

The same fields may stand in a script of faults, for some requests alone:

```yaml
faults:
  - when: {operation: create, times: 1}
    do: {behaviour: {post_answer: 504, post_delay_s: 3}}   # it lands, three seconds after the gateway gave up
```

Made by `python -m tests.docs.behaviours` from the fields of `Behaviour`. A field that is not given has its default:
as strict as the page, as simple as can be.
"""
_TABLE_HEAD = "| Field | Default | Takes | Meaning |\n|---|---|---|---|\n"
_FIELD_LINE = re.compile(r"^ {8}(\w+) {2,}(\S.*)$")
_GOES_ON = re.compile(r"^ {10,}(\S.*)$")
_SECTION = re.compile(r"^ {4}(\S.*)$")


@dataclass(frozen=True)
class Documented:
    """What the docstring says of one field."""

    section: str
    name: str
    meaning: str


def documented() -> list[Documented]:
    """Every field that the docstring names, in its order."""
    found: list[Documented] = []
    section = ""
    for line in (inspect.getsource(Behaviour).partition('"""')[2].partition('"""')[0]).splitlines():
        if field := _FIELD_LINE.match(line):
            found.append(Documented(section, field[1], field[2]))
        elif (more := _GOES_ON.match(line)) and found:
            found[-1] = Documented(section, found[-1].name, f"{found[-1].meaning} {more[1]}")
        elif head := _SECTION.match(line):
            section = head[1]
    return found


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    section = ""
    for one in documented():
        if one.section != section:
            section = one.section
            parts.append(f"\n## {section}\n\n{_TABLE_HEAD}")
        parts.append(_row(one))
    return "".join(parts)


def _row(one: Documented) -> str:
    defaults = {field.name: field.default for field in fields(Behaviour)}
    takes = wording(get_type_hints(Behaviour)[one.name])
    default = json.dumps(defaults[one.name])
    return f"| `{one.name}` | `{default}` | {takes} | {one.meaning} |\n".replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(page())
