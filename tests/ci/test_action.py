"""The action, run for real: its own shell, against a sandbox, on files as GitHub's runner gives them."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scopesync.report.clean import markdown
from tests.ci.workflows import Runner, document, steps

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
ACTION = document((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in steps(ACTION) if "name" in step}
FILE = "tenants/st-brigids-diocesan-schools-ceatharlach.yaml"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

GH = """\
#!/usr/bin/env bash
# stands in for gh: notes its words and the comment, and asks jq (for gh's own) about the comments that are there
printf '%s\\n' "$*" >> "$GH_LOG"
for word in "$@"; do
  case "$word" in body=@*) cat "${word#body=@}" > "$GH_LOG.body" ;; esac
done
case "$*" in *--paginate*) jq --raw-output "${@: -1}" <<< "$GH_COMMENTS" ;; esac
"""
MARK = "<!-- scopesync plan of . -->"
FOREIGN = [
    {"id": 39, "user": {"type": "User"}, "body": MARK},
    {"id": 40, "user": {"type": "Bot"}, "body": "coverage"},
]
OWN = {"id": 41, "user": {"type": "Bot"}, "body": f"{MARK}\n### scopesync plan\n"}


@pytest.fixture
def act(runner: Runner) -> Callable[..., int]:
    """Runs the action's main step with these inputs; those that are not given have their defaults."""
    (runner.folder / "scopesync").mkdir()
    (runner.folder / "scopesync" / "bin").symlink_to(Path(sys.executable).parent)

    def run(**inputs: str) -> int:
        assert set(inputs) <= set(ACTION["inputs"])
        step = STEPS["Run scopesync"]
        return runner.run(step["run"], **_environ(step, inputs))

    return run


def _environ(step: dict[str, object], inputs: dict[str, str]) -> dict[str, str]:
    """The step's variables, as the runner makes them of the inputs."""
    filled = {name: inputs.get(name, str(rule.get("default", ""))) for name, rule in ACTION["inputs"].items()}
    environ = step["env"]
    assert isinstance(environ, dict)
    return {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: filled[match[1]], value)
        for name, value in environ.items()
    }


def _edit(runner: Runner, old: str, new: str) -> None:
    path = runner.project / FILE
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _add_a_school(runner: Runner) -> None:
    _edit(runner, "schools:\n", "schools:\n  - {school_id: 5f0e8c1a-1111-4111-8111-000000000001, name: North}\n")


def _around_the_marks(log: str) -> tuple[str, str, str]:
    """What the log holds before, between and after the two lines that stop and resume the runner's commands."""
    before, stop, inside, resume, after = re.split(
        r"^::(?:stop-commands::)?([0-9a-f-]{36})(?:::)?$", log, flags=re.MULTILINE
    )
    assert stop == resume
    return before, inside, after


@pytest.mark.installs
def test_it_installs_its_own_checkout_and_runs_that(runner: Runner) -> None:
    given = {"PYTHON": sys.executable, "POSTGRES": "true", "GITHUB_ACTION_PATH": str(ROOT)}
    assert runner.run(STEPS["Install scopesync"]["run"], **given) == 0, runner.log
    assert list(runner.folder.glob("scopesync/lib/python*/site-packages/psycopg"))
    step = STEPS["Run scopesync"]
    assert runner.run(step["run"], **_environ(step, {"command": "plan"}), PATH="/usr/bin:/bin") == 0, runner.log
    assert runner.outputs["changed"] == "false"


def test_a_plan_with_changes_is_no_failure(act: Callable[..., int], runner: Runner) -> None:
    assert act(command="plan") == 0, runner.log
    assert (runner.outputs["exit-code"], runner.outputs["changed"]) == ("0", "false")
    _add_a_school(runner)
    assert act(command="plan", base="HEAD") == 0, runner.log
    outputs = runner.outputs
    assert (outputs["exit-code"], outputs["changed"]) == ("2", "true")
    assert DIGEST.fullmatch(outputs["digest"])
    assert runner.summary.startswith("### scopesync plan\n")
    assert "\nexit code 2\n" in runner.summary
    assert markdown(outputs["digest"]) in runner.summary


def test_the_plan_that_was_reviewed_is_applied_and_no_other(act: Callable[..., int], runner: Runner) -> None:
    _add_a_school(runner)
    act(command="plan")
    digest = runner.outputs["digest"]
    _edit(runner, "name: North", "name: South")
    assert act(command="apply", expect=digest) == 4
    assert "its digest is" in runner.log
    _edit(runner, "name: South", "name: North")
    assert act(command="apply", expect=digest) == 0, runner.log
    assert runner.outputs == {"exit-code": "0", "digest": "", "changed": ""}
    assert "### scopesync apply\n\n    Plan: 0 to remove, 1 to add" in runner.summary
    assert act(command="drift") == 0
    assert runner.outputs["changed"] == "false"


def test_drift_fails_the_step_and_says_so(act: Callable[..., int], runner: Runner) -> None:
    _add_a_school(runner)
    assert act(command="drift") == 2
    assert (runner.outputs["exit-code"], runner.outputs["changed"]) == ("2", "true")
    assert runner.summary.startswith("### scopesync drift\n")


def test_a_refused_plan_fails_the_step_and_is_still_shown(act: Callable[..., int], runner: Runner) -> None:
    text = (runner.project / FILE).read_text("utf-8")
    (runner.project / FILE).write_text(text.partition("schools:")[0] + "schools: []\n")
    assert act(command="plan") == 3
    assert DIGEST.fullmatch(runner.outputs["digest"])
    assert "refused by `empty-list`" in runner.summary


def test_problems_become_annotations(act: Callable[..., int], runner: Runner) -> None:
    assert act(command="validate") == 0, runner.log
    assert act(command="fmt") == 0, runner.log
    _edit(runner, "schools:", "shcools:")
    assert act(command="validate") == 1
    _, _, after_the_mark = _around_the_marks(runner.log)
    assert re.search(r"^::error file=tenants/st-brigids\S+,line=\d+,col=1::unknown key", after_the_mark, re.MULTILINE)
    assert runner.summary == "### scopesync validate\n\nexit code 1\n"


def test_an_unknown_command_is_wrong_usage(act: Callable[..., int], runner: Runner) -> None:
    assert act(command="plan; id") == 64
    assert "command must be validate, fmt, plan, apply or drift" in runner.log
    assert act(command="validate", base="HEAD") == 64


def test_tenants_and_further_options_are_words_and_never_shell(act: Callable[..., int], runner: Runner) -> None:
    _add_a_school(runner)
    chosen = "st-brigids-diocesan-schools-ceatharlach"
    assert act(command="plan", tenants=f"\n{chosen}\n", arguments="--color\n") == 64
    assert act(command="plan", tenants=f"\n{chosen}\n", arguments="--changed-since\nHEAD\n--full") == 0, runner.log
    assert " in 1 tenant**" in runner.summary
    assert act(command="plan", tenants="$(touch owned)", arguments="--label\na=`touch owned`") == 64
    assert act(command="plan", base="--out=owned") == 64
    assert act(command="plan", tenants="--out=owned") == 64
    assert not (runner.project / "owned").exists()


def test_no_name_in_the_log_is_a_command_to_the_runner(act: Callable[..., int], runner: Runner) -> None:
    _edit(
        runner,
        "schools:\n",
        'schools:\n  - {school_id: "5f0e8c1a-1111-4111-8111-000000000001", name: "##[add-mask]a"}\n',
    )
    assert act(command="apply") == 0, runner.log
    before, inside, after = _around_the_marks(runner.log)
    assert "add-mask" in inside
    assert "##[" not in before + after


def test_no_secret_is_printed(act: Callable[..., int], runner: Runner) -> None:
    key = runner.environ["VENDOR_KEY"]
    for command in ("plan", "apply", "drift", "validate", "fmt"):
        act(command=command, arguments="" if command in ("validate", "fmt") else "--full")
        assert key not in runner.log + runner.summary + json.dumps(runner.outputs)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq stands in for the one in gh")
@pytest.mark.parametrize(
    ("there", "call"),
    [
        (FOREIGN, "--method POST repos/o/r/issues/7/comments --field body=@"),
        ([*FOREIGN, OWN], "--method PATCH repos/o/r/issues/comments/41 --field body=@"),
    ],
)
def test_the_plan_is_one_comment_on_its_pull_request(
    act: Callable[..., int], runner: Runner, there: list[object], call: str
) -> None:
    """Fault 78."""
    programs = runner.folder / "programs"
    programs.mkdir()
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o755)
    log = runner.folder / "gh.log"
    _add_a_school(runner)
    act(command="plan")
    step = STEPS["Comment on the pull request"]
    event = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_REPOSITORY": "o/r"}
    given = {"GH_LOG": str(log), "GH_COMMENTS": json.dumps(there), "PATH": f"{programs}:{runner.environ['PATH']}"}
    assert runner.run(step["run"], **_environ(step, {}), **event, **given) == 0, runner.log
    asked, written = log.read_text().splitlines()
    assert asked.startswith("api --paginate repos/o/r/issues/7/comments --jq")
    assert call in written
    assert Path(f"{log}.body").read_text().startswith(f"{MARK}\n### scopesync plan\n")
