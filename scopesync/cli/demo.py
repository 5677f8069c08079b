"""The demo: the whole loop, narrated as it happens, on a sandbox's fleet.

Belongs here: the story. Every step is a command that a person could type, run as it would be; only the edits of a file
and the tampering are done by hand here. Nothing leaves this machine.
"""

from __future__ import annotations

import base64
import json
import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, Request, build_opener

from scopesync.cli.sandbox_engine import sandbox_engine
from scopesync.errors import ScopesyncError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.cli.console import Console
    from scopesync.sandbox.sample_districts import District

KEY = "SCOPESYNC_DEMO_KEY"

PROJECT = """\
# yaml-language-server: $schema=schemas/project.schema.json
version: 1
tenants: tenants/*.yaml
connections:
  sandbox:
    base_url: {base_url}
    vendor: {{api_key: env:{key}}}
    limits: {{requests_per_second: 1000}}
"""

NEW_SCHOOL_ID = "5f0e8c1a-1111-4111-8111-000000000001"
NEW_SCHOOL = f"""\
  - school_id: "{NEW_SCHOOL_ID}"
    name: Springfield Elementary
    local_id: "0042"
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: the project's folder, the sandbox's address, and the district that is edited."""

    console: Console
    root: Path
    base_url: str
    district: District

    def run(self, what: str, *words: str, expected: int) -> None:
        """Say what comes, run the command, and end the demo where it does not end as it should."""
        from scopesync.sandbox.sample_districts import VENDOR_KEY

        self.say(f"{what}: scopesync {' '.join(words)}")
        environ = {**self.console.environment.variables, KEY: VENDOR_KEY}
        color = "always" if self.console.color else "never"
        code = self.console.run(["-C", str(self.root), "--color", color, *words], environ)
        if code != expected:
            raise ScopesyncError(f"the demo stopped: `scopesync {words[0]}` ended with {code}, not with {expected}")

    def say(self, what: str) -> None:
        """One line of the story."""
        self.console.out(f"\n== {what}\n")


def play(console: Console, *, keep: Path | None) -> int:
    """Play the whole loop and return 0; raises ScopesyncError where a step does not end as it should.

    `keep` is a folder, new or empty, in which the project is left; without it nothing is left.
    """
    with ExitStack() as stack:
        engine = stack.enter_context(sandbox_engine())
        from scopesync.sandbox.sample_districts import districts
        from scopesync.sandbox.server import running

        root = _empty(keep) if keep else Path(stack.enter_context(TemporaryDirectory(prefix="scopesync-demo-")))
        base_url = stack.enter_context(running(engine)).base_url
        stage = Stage(console, root, base_url, districts()[0])
        _loop(stage)
        stage.say(f"that was the whole loop{f'; the project is in {root}' if keep else ''}")
    return 0


def _loop(stage: Stage) -> None:
    root, plan = stage.root, str(stage.root / "plan.json")
    stage.run("make a project", "init", expected=0)
    (root / "tenants" / "example.yaml").unlink()
    (root / "scopesync.yaml").write_text(PROJECT.format(base_url=stage.base_url, key=KEY), "utf-8", newline="")
    stage.run("see which tenants there are", "tenants", expected=0)
    stage.run("write their live lists as files", "import", "--all", expected=0)
    stage.run("nothing differs yet", "plan", "--detailed-exitcode", expected=0)
    stage.say("edit a tenant's files: a school added, a course renamed, three courses removed")
    _edit(stage)
    stage.run("check the files", "validate", expected=0)
    stage.run("what would change", "plan", "--detailed-exitcode", "--out", plan, expected=2)
    stage.run("make it so", "apply", "--plan", plan, "--yes", expected=0)
    stage.run("live equals desired", "plan", "--detailed-exitcode", expected=0)
    stage.say("behind Git's back another client renames a course and removes the new school: two calls to the API")
    _tamper(stage)
    stage.run("what drifted", "drift", "--detailed-exitcode", expected=2)
    stage.run("repair it", "apply", "--yes", expected=0)
    stage.run("nothing drifts", "drift", "--detailed-exitcode", expected=0)


def _empty(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", hint="name a new or empty folder for --keep")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _edit(stage: Stage) -> None:
    """Edit the district's files as a person would: as text."""
    (file,) = (path for path in stage.root.glob("tenants/*.yaml") if stage.district.id in path.read_text("utf-8"))
    _rewrite(file, lambda text: text.replace("schools:\n", f"schools:\n{NEW_SCHOOL}", 1))

    def fewer_and_renamed(text: str) -> str:
        header, first, _, _, _, *rest = text.splitlines(keepends=True)
        return "".join([header, re.sub(r"(\w+)(,[^,]*,[^,]*,[^,]*\n)$", r"\1 (Honors)\2", first), *rest])

    _rewrite(file.with_name(f"{file.stem}.courses.csv"), fewer_and_renamed)


def _rewrite(path: Path, edit: Callable[[str], str]) -> None:
    text = path.read_text("utf-8")
    edited = edit(text)
    if edited == text:
        raise ScopesyncError(f"the demo stopped: there was nothing to edit in {path.name}")
    path.write_text(edited, "utf-8", newline="")


def _tamper(stage: Stage) -> None:
    """Two calls with the district's own credential, as any other program could make them."""
    course = {**stage.district.courses[-1], "name": "Renamed behind Git's back"}
    _call(stage, "PUT", f"courses/{course['course_id']}", course)
    _call(stage, "DELETE", f"schools/{NEW_SCHOOL_ID}", None)


def _call(stage: Stage, method: str, path: str, row: dict[str, Any] | None) -> None:
    pair = f"{stage.district.client_id}:{stage.district.client_secret}".encode()
    request = Request(  # noqa: S310 - our own sandbox on the loopback interface
        f"{stage.base_url}/v2/interop/tenant/scoping/{path}",
        method=method,
        headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}", "Content-Type": "application/json"},
        data=None if row is None else json.dumps(row).encode(),
    )
    with build_opener(ProxyHandler({})).open(request, timeout=10):
        return
