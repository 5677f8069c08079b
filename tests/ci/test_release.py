"""The release workflow: who may do what, what is pinned, and its scripts, run by a shell as they stand."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scopesync.environment import Environment
from tests.ci.workflows import Runner, document, scripts

ROOT = Path(__file__).parents[2]
RELEASE = document((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
SERVER, OWNER, NAME = PROJECT["urls"]["Repository"].rsplit("/", 2)
TAG = f"v{PROJECT['version']}"


def _job(name: str) -> dict[str, Any]:
    job: dict[str, Any] = RELEASE["jobs"][name]
    return job


def _script(job: str, start: str) -> str:
    (found,) = [step["run"] for step in _job(job)["steps"] if step.get("name", "").startswith(start)]
    return str(found)


def test_only_a_tag_starts_it() -> None:
    assert RELEASE["on"] == {"push": {"tags": ["v*"]}}


def test_each_job_may_do_what_it_has_to_and_no_more() -> None:
    assert RELEASE["permissions"] == {}
    assert {name: job["permissions"] for name, job in RELEASE["jobs"].items()} == {
        "gate": {"contents": "read"},
        "build": {"contents": "read"},
        "test": {"contents": "read"},
        "attest": {"id-token": "write", "attestations": "write"},
        "publish": {"id-token": "write"},
        "list": {"contents": "write"},
    }


def test_a_job_that_may_write_runs_no_code_of_the_tree() -> None:
    for job in RELEASE["jobs"].values():
        uses = [step["uses"] for step in job["steps"] if "uses" in step]
        checked_out = any(one.startswith("actions/checkout@") for one in uses)
        assert checked_out == (job["permissions"] == {"contents": "read"})


def test_no_checkout_leaves_a_credential_behind() -> None:
    checkouts = [
        step for job in RELEASE["jobs"].values() for step in job["steps"] if "checkout" in step.get("uses", "")
    ]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * 3


def test_nothing_is_published_before_it_was_judged_tested_and_signed_or_without_the_environment() -> None:
    assert set(_job("attest")["needs"]) == {"gate", "build", "test"}
    assert _job("publish")["needs"] == "attest"
    assert _job("publish")["environment"] == "release"
    assert _job("list")["needs"] == "publish"
    assert [name for name, job in RELEASE["jobs"].items() if "if" in job or "continue-on-error" in job] == []


def test_the_index_trusts_the_workflow_and_not_a_password() -> None:
    (publish,) = [step for step in _job("publish")["steps"] if "pypi-publish" in step["uses"]]
    assert "with" not in publish
    assert "secrets." not in json.dumps(RELEASE)


def test_the_wheel_is_tested_on_every_python_that_the_metadata_names() -> None:
    named = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", one)]
    assert _job("test")["strategy"]["matrix"]["python"] == named


def test_python_runs_isolated_in_every_script() -> None:
    """A file in the tree that is named like a module is then a file and nothing else."""
    started = [line for script in scripts(RELEASE) for line in re.findall(r"(?:\S*/)?python\"? .*", script)]
    assert len(started) > 5
    ours = [line for line in started if not re.match(r"\S*python\"? (-I |\\$)", line)]
    assert ours == []


@pytest.mark.parametrize("requirement", PYPROJECT["build-system"]["requires"])
def test_what_builds_the_project_is_pinned_for_a_release(requirement: str) -> None:
    wanted = Requirement(requirement)
    assert wanted.specifier.contains(_pins()[canonicalize_name(wanted.name)])


def test_each_tool_of_a_release_is_pinned_by_its_hashes() -> None:
    lines = (ROOT / ".github/release-tools.in").read_text("utf-8").splitlines()
    asked = {canonicalize_name(line) for line in lines if not line.startswith("#")}
    assert asked <= set(_pins())
    text = _tools()
    assert "://" not in text
    assert [block for block in re.split(r"\n(?=\w)", text)[1:] if "--hash=sha256:" not in block] == []


def _tools() -> str:
    return (ROOT / ".github/release-tools.txt").read_text("utf-8")


def _pins() -> dict[str, str]:
    return {
        canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", _tools(), re.MULTILINE)
    }


def test_updates_are_proposed_for_all_that_is_pinned() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text("utf-8"))["updates"]
    places = {one["package-ecosystem"]: one.get("directories", [one.get("directory")]) for one in updates}
    assert places == {"github-actions": ["/"], "pip": ["/", "/.github"], "docker": ["/"]}


# The step that says no


@pytest.fixture
def tagged(tmp_path: Path) -> Runner:
    """A checkout of a version that may be released."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tree)
    changelog = re.sub(
        r"^## (\S+) \(.*\)$", r"## \1 (2026-11-25)", (tree / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE
    )
    (tree / "CHANGELOG.md").write_text(changelog, "utf-8")
    environ = {
        "PATH": Environment.of_process().variables["PATH"],
        "GITHUB_REF_NAME": TAG,
        "GITHUB_SERVER_URL": SERVER,
        "GITHUB_REPOSITORY": f"{OWNER}/{NAME}",
    }
    return Runner(tmp_path, tree, environ)


def test_a_tag_that_is_the_packages_version_may_become_a_release(tagged: Runner) -> None:
    assert tagged.run(_script("build", "Check that this tag")) == 0, tagged.log
    assert tagged.log == ""


@pytest.mark.parametrize("tag", ["v9.9.9", PROJECT["version"], f"{TAG}.1", f"{TAG}rc1"])
def test_another_tag_is_refused(tagged: Runner, tag: str) -> None:
    assert tagged.run(_script("build", "Check that this tag"), GITHUB_REF_NAME=tag) == 1
    assert tagged.log.startswith(f"the tag {tag} is not {TAG}, the version in pyproject.toml")


def test_another_repository_is_refused(tagged: Runner) -> None:
    """A copy elsewhere would publish links to ours; and the address that was never filled in is none."""
    elsewhere = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "somebody/scopesync"}
    assert tagged.run(_script("build", "Check that this tag"), **elsewhere) == 1
    assert "this is https://github.com/somebody/scopesync: set its addresses" in tagged.log


def test_a_version_without_a_day_in_the_changelog_is_refused(tagged: Runner) -> None:
    path = tagged.project / "CHANGELOG.md"
    path.write_text(path.read_text("utf-8").replace("(2026-11-25)", "(unreleased)"), "utf-8")
    assert tagged.run(_script("build", "Check that this tag")) == 1
    assert tagged.log.startswith(f"CHANGELOG.md has no heading '## {PROJECT['version']} (YYYY-MM-DD)'")


def test_a_module_in_the_tree_is_not_imported(tagged: Runner) -> None:
    (tagged.project / "tomllib.py").write_text("raise SystemExit('imported from the tree')\n")
    assert tagged.run(_script("build", "Check that this tag")) == 0, tagged.log


# The whole, for real


@pytest.mark.installs
def test_its_scripts_build_check_describe_and_test_a_release(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    left = shutil.ignore_patterns(".venv", "__pycache__", "*_cache", ".hypothesis", "dist", "build")
    shutil.copytree(ROOT, tree, ignore=left)
    runner = Runner(tmp_path, tree, {**Environment.of_process().variables, "GITHUB_REF_NAME": TAG})
    for start in ("Install the tools", "Build the source", "Check what an index", "Write the SBOM"):
        assert runner.run(_script("build", start)) == 0, runner.log
    assert runner.run(_script("test", "Install the wheel")) == 0, runner.log
    assert sorted(path.suffix for path in (tree / "dist").iterdir()) == [".gz", ".whl"]
    _check_sbom(json.loads((tree / "sbom" / f"scopesync-{TAG}.cdx.json").read_text("utf-8")))


def _check_sbom(sbom: dict[str, Any]) -> None:
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["metadata"]["component"]["name"] == "scopesync"
    described = {component["name"].casefold(): component["version"] for component in sbom["components"]}
    assert {"click", "deepdiff", "httpx", "jsonschema", "pyyaml", "psycopg", "uvicorn"} <= set(described)
    assert "pip" not in described
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    assert f"\nhttpx=={described['httpx']}\n" in constraints
