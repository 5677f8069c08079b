"""Every workflow that we run or hand out: sound as a file, as shell, and as scopesync commands; then run for real."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packaging.requirements import Requirement

from scopesync.desired.init_files import scaffold
from scopesync.environment import Environment
from tests.ci.workflows import Runner, document, scopesync_commands, scripts, steps
from tests.docs.typed import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"<owner>/scopesync@<commit>")
MAJOR = re.compile(r"actions/[\w-]+@v\d+|pypa/gh-action-pypi-publish@release/v1")
NEW = "schools:\n  - {school_id: 5f0e8c1a-1111-4111-8111-000000000001, name: North}\n"
FILE = "tenants/st-brigids-diocesan-schools-ceatharlach.yaml"


def _files() -> Iterator[Path]:
    yield from [ROOT / "action.yml", *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    yield from sorted((ROOT / "examples" / "ci").glob("*.yml"))


@pytest.fixture(params=[*(str(path.relative_to(ROOT)) for path in _files()), "init"])
def text(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The text of a workflow, or of the action."""
    return _scaffolded(tmp_path) if request.param == "init" else (ROOT / request.param).read_text("utf-8")


def _scaffolded(folder: Path) -> str:
    scaffold(folder)
    return (folder / ".github/workflows/scopesync.yml").read_text("utf-8")


@pytest.fixture
def ours(tmp_path: Path) -> dict[str, Any]:
    """The workflow that `init` writes."""
    return document(_scaffolded(tmp_path / "scaffold"))


def test_no_expression_stands_inside_a_script(text: str) -> None:
    assert [script for script in scripts(document(text)) if "${{" in script] == []


def test_its_scripts_are_sound(text: str) -> None:
    found = scripts(document(text))
    for script in found:
        _check(["bash", "-n"], script)
    shellcheck = str(Path(sys.executable).parent / "shellcheck")
    for script in found:
        _check([shellcheck, "--shell=bash", "-"], f"set -e\n{script}")  # as every runner calls bash


def _check(command: list[str], script: str) -> None:
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_python_in_it_is_isolated(text: str) -> None:
    found = "\n".join(scripts(document(text)))
    started = r"(?:^|[;&|(])[ \t]*\"?[^\s\"]*python[\d.]*\"?[ \t]+(\S+)"
    assert set(re.findall(started, found, re.IGNORECASE | re.MULTILINE)) <= {"-I"}
    assert re.findall(r"(?<!-m )\bpip\"? install", found) == []


def test_every_scopesync_command_in_it_is_one(text: str) -> None:
    for words in [words for script in scripts(document(text)) for words in scopesync_commands(script)]:
        if words[0] != "$COMMAND":  # the action's: run for real in test_action
            parse(words)


@pytest.mark.parametrize(
    "text",
    [".github/workflows/ci.yml", ".github/workflows/weekly.yml", "examples/ci/github-action.yml", "init"],
    indirect=True,
)
def test_it_says_what_it_may_and_leaves_no_credential_behind(text: str) -> None:
    read = document(text)
    assert read["permissions"] == {"contents": "read"}
    checkouts = [step for step in steps(read) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_what_is_not_ours_is_named_by_its_major_version(text: str) -> None:
    used = [step["uses"] for step in steps(document(text)) if "uses" in step]
    assert [one for one in used if not PLACE.fullmatch(one) and not MAJOR.fullmatch(one)] == []


def test_the_action_is_given_inputs_that_it_has() -> None:
    action = document((ROOT / "action.yml").read_text("utf-8"))
    example = document((ROOT / "examples/ci/github-action.yml").read_text("utf-8"))
    uses = [step for step in steps(example) if PLACE.fullmatch(step.get("uses", ""))]
    assert {step["with"]["command"] for step in uses} == {"fmt", "validate", "plan", "apply", "drift"}
    assert [step for step in uses if not set(step["with"]) <= set(action["inputs"])] == []


def test_ours_runs_on_every_python_that_the_metadata_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [one.rpartition(" ")[2] for one in project["classifiers"] if re.search(r":: 3\.\d+$", one)]
    gate = document((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]["gate"]
    assert gate["strategy"]["matrix"]["python"] == named
    assert [step["run"] for step in gate["steps"] if "run" in step] == [".ci/run"]
    assert f">={named[0]}" == project["requires-python"]
    assert f"PYTHONS=({' '.join(named)})" in (ROOT / ".ci/run").read_text("utf-8")


def test_the_weekly_look_at_httpx2_leaves_no_import_of_httpx(tmp_path: Path) -> None:
    """Its step as it stands, on a copy: a new way to import httpx would be left out of it, and nobody would know."""
    weekly = document((ROOT / ".github/workflows/weekly.yml").read_text("utf-8"))
    (swap,) = [step["run"] for step in weekly["jobs"]["httpx2"]["steps"] if "in the place of" in step.get("name", "")]
    for name in ("scopesync", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    runner = Runner(tmp_path, tmp_path, {"PATH": Environment.of_process().variables["PATH"]})
    assert runner.run(swap) == 0, runner.log
    texts = [path.read_text("utf-8") for path in tmp_path.rglob("*.py")]
    assert any("import httpx2 as httpx\n" in text for text in texts)
    assert [text for text in texts if re.search(r"^ *(import|from) (httpx|httpcore)\b(?!2)", text, re.MULTILINE)] == []


def test_what_we_hand_out_runs_on_a_python_that_the_metadata_names(ours: dict[str, Any]) -> None:
    metadata = (ROOT / "pyproject.toml").read_text("utf-8")
    action = document((ROOT / "action.yml").read_text("utf-8"))
    said = {step["with"]["python-version"] for step in steps(ours) if "setup-python" in step.get("uses", "")}
    (version,) = said | {action["inputs"]["python-version"]["default"]}
    assert f"Python :: {version}" in metadata


def test_hooks_are_commands() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        scopesync, *words = hook["entry"].split()
        assert scopesync == "scopesync"
        parse(words)


def test_the_templates_of_issues_have_a_name() -> None:
    for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.md"):
        front = yaml.safe_load(path.read_text("utf-8").split("---")[1])
        assert set(front) == {"name", "about"}


# What `init` writes


def test_a_place_that_was_not_filled_in_is_told_in_plain_words(ours: dict[str, Any], tmp_path: Path) -> None:
    assert ours["env"]["SCOPESYNC"] == ""
    installs = [step["run"] for step in steps(ours) if "-m pip install" in step.get("run", "")]
    assert len(installs) == len(ours["jobs"])
    (line,) = set(installs)
    runner = Runner(tmp_path, tmp_path, {"PATH": "/usr/bin:/bin"})
    assert runner.run(line, SCOPESYNC="") != 0
    assert "SCOPESYNC: set it at the top of this workflow" in runner.log
    printing = line.replace("python -I -m pip install --quiet", "printf %s")
    assert runner.run(printing, SCOPESYNC="git+https://github.com/o/s@v1") == 0
    assert Requirement(runner.log).extras == {"postgres"}


def test_merges_wait_for_one_another_and_nothing_ends_them(ours: dict[str, Any]) -> None:
    assert ours["concurrency"] == {
        "group": "scopesync-${{ github.event_name == 'push' && 'merge' || github.run_id }}",
        "cancel-in-progress": False,
    }


def test_secrets_and_the_ledger_come_from_the_repositorys_secrets(ours: dict[str, Any]) -> None:
    assert ours["env"]["SCOPESYNC_LEDGER_URL"] == "${{ secrets.SCOPESYNC_LEDGER_URL }}"
    assert "secrets." not in json.dumps(ours["jobs"])


def _script(read: dict[str, Any], job: str, start: str) -> str:
    (found,) = [step["run"] for step in read["jobs"][job]["steps"] if start in step.get("run", "")]
    return str(found)


def _add_a_school(runner: Runner) -> None:
    path = runner.project / FILE
    path.write_text(path.read_text("utf-8").replace("schools:\n", NEW, 1), "utf-8")


def test_what_a_merge_shows_is_what_it_applies(ours: dict[str, Any], runner: Runner) -> None:
    plan, apply, drift = (_script(ours, *one) for one in (("plan", "plan "), ("apply", "apply"), ("drift", "drift")))
    _add_a_school(runner)
    assert runner.run(plan, BASE="HEAD^1") == 0, runner.log
    assert "this branch" in runner.summary
    assert runner.run(plan, BASE="") == 0, runner.log
    digest = runner.outputs["digest"]
    assert runner.run(drift) == 2
    assert runner.run(apply, DIGEST=digest) == 0, runner.log
    assert runner.run(apply, DIGEST=digest) == 4
    assert runner.run(drift) == 0
    assert runner.summary.startswith("### scopesync drift\n")


def test_a_merge_that_changes_nothing_is_remembered(ours: dict[str, Any], runner: Runner) -> None:
    assert runner.run(_script(ours, "plan", "plan ")) == 0, runner.log
    assert runner.run(_script(ours, "apply", "apply"), DIGEST=runner.outputs["digest"]) == 0, runner.log
    assert runner.run("scopesync history verify") == 0, runner.log


def test_a_refused_plan_has_no_digest_and_an_incomplete_one_has(ours: dict[str, Any], runner: Runner) -> None:
    plan = _script(ours, "plan", "plan ")
    assert runner.run(plan, SCOPESYNC_ST_BRIGIDS_DIOCESAN_SCHOOLS_CEATHARLACH_CLIENT_ID="x") == 6, runner.log
    assert runner.outputs["digest"].startswith("sha256:")
    path = runner.project / FILE
    path.write_text(path.read_text("utf-8").partition("schools:")[0] + "schools: []\n")
    assert runner.run(plan) == 3
    assert runner.outputs == {}


def test_gitlabs_jobs_do_the_same(runner: Runner) -> None:
    jobs = document((ROOT / "examples/ci/gitlab-ci.yml").read_text("utf-8"))
    _add_a_school(runner)
    assert runner.run("\n".join(jobs["plan"]["script"]), CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD^1") == 0, runner.log
    assert "this branch" in runner.log
    digest = (runner.project / jobs["plan"]["artifacts"]["reports"]["dotenv"]).read_text().strip()
    assert runner.run("\n".join(jobs["apply"]["script"]), DIGEST=digest.removeprefix("DIGEST=")) == 0, runner.log
    assert runner.run("\n".join(jobs["drift"]["script"])) == 0, runner.log
