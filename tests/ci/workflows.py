"""Workflows and actions as data: their scripts, and the scopesync commands in them.

Belongs here: reading them, and running a script as a runner does. Does not belong here: any judgement (the tests).
"""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
"""How GitHub's runner calls bash for a step that says `shell: bash`."""

_OPERATORS = set("();<>|&")


def document(text: str) -> dict[str, Any]:
    """The YAML, with `on` as a text: in YAML 1.1, which PyYAML reads, it is a boolean."""
    return {"on" if key is True else str(key): value for key, value in yaml.safe_load(text).items()}


def steps(read: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a workflow's jobs, or of a composite action."""
    for job in read.get("jobs", {}).values():
        yield from job["steps"]
    yield from read.get("runs", {}).get("steps", [])


def scripts(read: Mapping[str, Any]) -> list[str]:
    """Every script: GitHub's `run`, and the lines of GitLab's `before_script` and `script`."""
    jobs = [job for job in read.values() if isinstance(job, dict)]
    lines = ["\n".join(job[name]) for job in jobs for name in ("before_script", "script") if name in job]
    return [step["run"] for step in steps(read) if "run" in step] + lines


def scopesync_commands(script: str) -> list[list[str]]:
    """The words after `scopesync` of each such command; `${NAME:+words}` stands for its words."""
    found: list[list[str]] = []
    for line in re.sub(r"\$\{\w+:\+(.*?)\}", r"\1", script).replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
        ends = [*(at for at, word in enumerate(words) if set(word) <= _OPERATORS), len(words)]
        starts = [0, *(end + 1 for end in ends)]
        parts = [words[start:end] for start, end in zip(starts, ends, strict=False)]
        found += [part[1:] for part in parts if part[:1] == ["scopesync"]]
    return found


@dataclass
class Runner:
    """What GitHub's runner gives to a script: files to write to, a folder, variables."""

    folder: Path
    project: Path
    environ: dict[str, str]
    log: str = field(default="", init=False)

    def run(self, script: str, **environ: str) -> int:
        """Run it in the project's folder; the exit code. What it prints is in `log`, its errors too."""
        path = self.folder / "script.sh"
        path.write_text(script)
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        given = {
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder),
        }
        done = subprocess.run(
            [*BASH, str(path)],
            cwd=self.project,
            env={**self.environ, **given, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log = done.stdout
        return done.returncode

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()
