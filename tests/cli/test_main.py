"""The command line itself: exit codes, streams, failures as words and as documents."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scopesync.schemas import NAMES, schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Shell

SCOPESYNC = [sys.executable, "-m", "scopesync"]


@pytest.mark.parametrize("words", [["plam"], ["plan", "--format", "xml"], ["plan", "--nonsense"], ["show"], []])
def test_wrong_usage_ends_with_64_and_is_never_taken_for_differences(shell: Shell, words: list[str]) -> None:
    ended = shell(*words)
    assert ended.code == 64
    assert ended.err
    assert not ended.out


def test_annotations_count_files_from_the_root_of_the_repository(shell: Shell) -> None:
    (shell.root / "scopesync.yaml").write_text("version: 2\n")
    assert "file=scopesync.yaml," in shell("validate", "--format", "github").out
    shell.environ["GITHUB_WORKSPACE"] = str(shell.root.parent)
    assert f"file={shell.root.name}/scopesync.yaml," in shell("validate", "--format", "github").out
    shell.environ["GITHUB_WORKSPACE"] = str(shell.root / "elsewhere")
    assert "file=scopesync.yaml," in shell("validate", "--format", "github").out


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "drift", "tenants"])
def test_a_folder_without_a_project_says_what_to_do(shell: Shell, command: str) -> None:
    ended = shell(command)
    assert ended.code == 1
    assert "scopesync init" in ended.err
    assert not ended.out


@pytest.mark.parametrize("command", ["validate", "plan", "drift", "tenants"])
def test_json_prints_one_document_also_on_failure(shell: Shell, command: str) -> None:
    ended = shell(command, "--format", "json")
    assert ended.code == 1
    assert ended.document["error"]["kind"] == "configuration"
    assert ended.document["problems"][0]["file"] == "scopesync.yaml"
    assert not ended.err


def test_init_writes_a_project_that_validates_and_overwrites_nothing(shell: Shell) -> None:
    first = shell("init")
    assert first.code == 0
    assert "wrote scopesync.yaml" in first.out
    assert shell("validate").code == 0
    again = shell("init")
    assert (again.code, again.out) == (0, "")
    assert "left scopesync.yaml" in again.err


def test_validate_shows_every_problem_with_its_place(shell: Shell) -> None:
    shell("init")
    (shell.root / "tenants" / "example.yaml").write_text(
        "version: 1\ntenant: 00000000-0000-4000-8000-000000000000\nshcools: []\ncourses: 7\n"
    )
    ended = shell("validate")
    assert ended.code == 1
    assert "tenants/example.yaml:3:1: error" in ended.err
    assert "schools" in ended.err
    assert "tenants/example.yaml:4:" in ended.err
    assert shell("validate", "--format", "github").out.startswith("::error file=tenants/example.yaml,line=3")


@pytest.mark.parametrize("name", NAMES)
def test_schema_prints_the_file_as_it_is(shell: Shell, name: str) -> None:
    assert shell("schema", name).out == schema_text(name)
    json.loads(shell("schema", name).out)


class Broken(dict[str, str]):
    """An environment that fails in a way that nobody expects."""

    def get(self, *_: object) -> str:
        raise RuntimeError("boom")


def test_an_internal_failure_is_told_and_never_dumped(shell: Shell) -> None:
    shell("init")
    shell.environ = Broken()
    ended = shell("plan")
    assert ended.code == 1
    assert "internal failure: RuntimeError: boom" in ended.err
    assert "-vv shows where" in ended.err
    assert "Traceback" not in ended.err + ended.out
    assert "Traceback" in shell("-vv", "plan").err
    failed = shell("plan", "--format", "json")
    assert (failed.code, failed.document["error"]["kind"]) == (1, "internal")


def test_a_reader_that_has_gone_away_is_no_failure() -> None:
    """Fault 36."""
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {' '.join(SCOPESYNC)} schema plan | head -n 1"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


@pytest.mark.parametrize(("environ", "words"), [({"LC_ALL": "C", "PYTHONUTF8": "0"}, []), ({"COLUMNS": "20"}, [])])
def test_a_poor_locale_and_a_narrow_terminal_still_get_valid_output(
    tmp_path: Path, environ: dict[str, str], words: list[str]
) -> None:
    """Fault 36."""
    done = subprocess.run(
        [*SCOPESYNC, *words, "-C", str(tmp_path), "plan", "--format", "json"],
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environ},
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["kind"] == "configuration"


def test_colour_is_for_terminals_and_for_those_who_ask(shell: Shell) -> None:
    shell("init")
    assert "\x1b[" not in shell("drift").out
    assert "\x1b[" in shell("--color", "always", "drift").out


def test_the_shell_is_told_how_to_complete() -> None:
    done = subprocess.run(
        SCOPESYNC,
        capture_output=True,
        check=False,
        text=True,
        env={
            "PATH": "/usr/bin:/bin",
            "_SCOPESYNC_COMPLETE": "bash_complete",
            "COMP_WORDS": "scopesync pl",
            "COMP_CWORD": "1",
        },
    )
    assert done.stdout.strip() == "plain,plan"


def test_help_is_short_of_heavy_imports() -> None:
    code = (
        "import sys\nfrom scopesync.cli.main import main\ncode = main(['--help'])\n"
        "heavy = {'yaml', 'httpx', 'jsonschema', 'deepdiff', 'rich', 'starlette', 'uvicorn'} & set(sys.modules)\n"
        "assert not heavy, heavy\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "drift" in done.stdout
