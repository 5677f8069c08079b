"""constraints.txt: one file of versions for every Python and system, that agrees with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.ci.workflows import document, scripts

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "constraints.txt").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINNED = [Requirement(line) for line in TEXT.splitlines() if not line.startswith("#")]
OPTION = "--constraint constraints.txt"


def _declared() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    declared = [*PROJECT["dependencies"], *(line for lines in extras for line in lines)]
    return [line for line in declared if Requirement(line).name != PROJECT["name"]]


@pytest.mark.parametrize("line", _declared())
def test_each_dependency_is_pinned_within_its_bounds(line: str) -> None:
    declared = Requirement(line)
    pins = [pin for pin in PINNED if canonicalize_name(pin.name) == canonicalize_name(declared.name)]
    assert pins, f"run the command on the second line of constraints.txt: it does not know {declared.name}"
    for pin in pins:
        (version,) = [specifier.version for specifier in pin.specifier]
        assert declared.specifier.contains(version), f"{pin} is not within {line}"


def test_it_holds_versions_and_nothing_else() -> None:
    """No extras, which pip refuses in such a file, and no address of an index."""
    assert [str(pin) for pin in PINNED if pin.extras or pin.url or {s.operator for s in pin.specifier} != {"=="}] == []
    assert "://" not in TEXT
    assert "--index" not in TEXT


def test_its_second_line_is_the_command_that_makes_it_for_every_python_that_we_support() -> None:
    command = TEXT.splitlines()[1]
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert re.search(r"uv pip compile .*--output-file constraints\.txt pyproject\.toml$", command)
    assert {"--universal", "--all-extras", f"--python-version {oldest}"} <= set(re.split(r" (?=--)", command))


def test_the_readme_and_the_gate_install_with_it() -> None:
    for name in ("README.md", ".ci/run"):
        installs = [line for line in (ROOT / name).read_text("utf-8").splitlines() if "pip install" in line]
        ours = [line for line in installs if "'.[" in line]
        assert ours
        assert [line for line in ours if OPTION not in line] == []


def test_the_weekly_job_installs_without_it() -> None:
    weekly = document((ROOT / ".github/workflows/weekly.yml").read_text("utf-8"))
    assert [script for script in scripts(weekly) if OPTION in script] == []
    assert {name for name, job in weekly["jobs"].items() if job.get("continue-on-error")} == {"httpx2"}
