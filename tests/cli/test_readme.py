"""The README, typed as it stands. Its two long commands are run by `.ci/run`, in a clean clone."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scopesync import errors
from scopesync.cli.program import program
from scopesync.sandbox.sample_districts import VENDOR_KEY

if TYPE_CHECKING:
    from tests.cli.conftest import Live, Shell

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
HOST = "https://api.us2.kimonocloud.com"


def _section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_five_steps_work_as_typed(shell: Shell, sandbox: Live) -> None:
    """In the order of the page: files are written, commands are run; the host alone is our own server."""
    subprocess.run(["git", "init", "--quiet", str(shell.root)], check=True)
    shell.environ = {"KIMONO_API_KEY": VENDOR_KEY}
    parts = re.findall(
        r"<!-- file: (?P<file>\S+) -->\n```yaml\n(?P<text>.*?)```|```console\n(?P<commands>.*?)```",
        _section("A first project, in five steps"),
        re.DOTALL,
    )
    commands = 0
    for file, text, block in parts:
        if file:
            (shell.root / file).write_text(text.replace(HOST, sandbox.base_url))
        for line in block.splitlines():
            commands += 1
            _type(shell, line.removeprefix("$ "))
    assert commands == 9
    listing = ["git", "-C", str(shell.root), "status", "--porcelain", "--untracked-files=all"]
    new = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    assert "tenants/" in new
    assert "plan.json" not in new  # a plan is no edit of the project: the next one must not say so
    assert ".scopesync" not in new


def _type(shell: Shell, line: str) -> None:
    first, *words = shlex.split(line)
    if first == "rm":
        (shell.root / words[0]).unlink()
        return
    assert first == "scopesync"
    words = [str(shell.root / word) if word == "plan.json" else word for word in words]
    ended = shell(*words)
    assert ended.code == 0, f"{line}: {ended.err}{ended.out}"


def test_the_plan_that_is_shown_is_one_that_is_tested() -> None:
    golden = (ROOT / "tests/golden/a-school-added-a-course-renamed/plan.txt").read_text("utf-8")
    assert golden in README


def test_the_refusal_that_is_shown_is_what_a_person_sees(shell: Shell) -> None:
    (file, text) = re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", README, re.DOTALL)[1]
    (session,) = re.findall(r"<!-- session -->\n```console\n\$ scopesync validate\n(.*?)```", README, re.DOTALL)
    shell("init")
    (shell.root / "tenants" / "example.yaml").unlink()
    (shell.root / file).write_text(text)
    ended = shell("validate")
    assert (ended.code, ended.err) == (1, session)


def test_the_tenant_file_that_is_shown_is_accepted(shell: Shell) -> None:
    block = re.findall(r"```yaml\n(.*?)```", _section("What a tenant file says"), re.DOTALL)[0]
    shell("init")
    (shell.root / "tenants" / "example.yaml").write_text(block)
    (shell.root / "tenants" / "courses.csv").write_text("course_id,school_id\nc,5f0e8c1a-1111-4111-8111-000000000001\n")
    assert shell("validate").code == 0, shell("validate").err


def test_the_exit_codes_are_those_of_the_exceptions() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", _section("Exit codes"), re.MULTILINE)}
    raised = {
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.ScopesyncError)
    }
    assert told == raised | {0, 2, 130}


@pytest.mark.parametrize("command", sorted(program.commands))
def test_every_command_is_named_and_has_help(shell: Shell, command: str) -> None:
    assert f"`{command}`" in README + (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert shell(command, "--help").code == 0
