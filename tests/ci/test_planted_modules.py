"""Files of a checkout that are named like modules of Python, or like what pip is asked for: our scripts take none."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname
from zipfile import ZipFile

import pytest

from scopesync.desired.init_files import scaffold
from tests.ci.workflows import document, scripts

if TYPE_CHECKING:
    from tests.ci.workflows import Runner

ROOT = Path(__file__).parents[2]
INIT = ".github/workflows/scopesync.yml"
MODULES = (
    "ensurepip.py",
    "json.py",
    "pip.py",
    "scopesync/__init__.py",
    "secrets.py",
    "sitecustomize.py",
    "usercustomize.py",
    "uuid.py",
    "venv.py",
)
INPUTS = {"COMMAND": "plan", "TENANTS": "", "ARGUMENTS": "", "BASE": "", "EXPECT": "", "POSTGRES": "false"}
WHEEL = {
    "METADATA": "Metadata-Version: 2.1\nName: scopesync\nVersion: 0\nProvides-Extra: postgres\n",
    "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "RECORD": "",
}
PROJECT_OF_THE_ACTION = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "scopesync"
version = "0"
"""
BACKEND = """\
import shutil
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return shutil.copy({wheel!r}, folder).rpartition("/")[2]
"""
BUILDS_ITSELF = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "scopesync"
version = "9"
[tool.hatch.metadata.hooks.custom]
"""
INSTALL = 'python -I -m pip install "scopesync[postgres] @ $SCOPESYNC"'
EVENT = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_REPOSITORY": "o/r", "MARK": "<!-- scopesync -->"}


@pytest.fixture
def markers(runner: Runner) -> Path:
    """The checkout holds all of MODULES; each leaves a file in this folder when it is imported."""
    folder = runner.folder / "markers"
    folder.mkdir()
    for name in MODULES:
        module = runner.project / name
        module.parent.mkdir(exist_ok=True)
        marker = folder / name.partition(".")[0].partition("/")[0]
        module.write_text(f"open({str(marker)!r}, 'w').close()\n")
    return folder


@pytest.fixture
def given(runner: Runner) -> dict[str, str]:
    """Variables for all of the scripts: pip is real, and puts an empty wheel named scopesync into `installed`."""
    wheel = runner.folder / "scopesync-0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        for name, text in WHEEL.items():
            archive.writestr(f"scopesync-0.dist-info/{name}", text)
    action = runner.folder / "action"  # it builds with what it holds itself: nothing is fetched
    action.mkdir()
    (action / "pyproject.toml").write_text(PROJECT_OF_THE_ACTION)
    (action / "backend.py").write_text(BACKEND.format(wheel=str(wheel)))
    (action / "constraints.txt").write_text("")
    programs = runner.folder / "programs"
    programs.mkdir()
    (programs / "gh").write_text("#!/bin/sh\n")
    (programs / "gh").chmod(0o755)
    return {
        **INPUTS,
        **EVENT,
        "PATH": f"{programs}:{runner.environ['PATH']}",
        "PYTHON": sys.executable,
        "GITHUB_ACTION_PATH": str(action),
        "SCOPESYNC": wheel.as_uri(),
        "PIP_TARGET": str(runner.folder / "installed"),
        "PIP_UPGRADE": "1",
        "PIP_NO_INDEX": "1",
    }


def test_a_python_that_is_not_isolated_imports_them(runner: Runner, markers: Path) -> None:
    runner.run("python -m venv --help || true; python -m pip --version || true; python -c 'import uuid, json, secrets'")
    assert _names(markers) == ["json", "pip", "secrets", "uuid", "venv"]


@pytest.mark.parametrize("name", ["action.yml", "examples/ci/gitlab-ci.yml", INIT])
def test_no_script_imports_a_module_of_the_checkout(
    runner: Runner, markers: Path, given: dict[str, str], tmp_path: Path, name: str
) -> None:
    """Fault 56 and invariant 11."""
    digest = ""
    for script in scripts(document(_text(name, tmp_path / "scaffold"))):
        code = runner.run(script, **given, DIGEST=digest)
        assert _names(markers) == [], script
        assert code == 0, runner.log
        digest = digest or _handed_on(runner)
    assert digest
    assert (runner.folder / "installed" / "scopesync-0.dist-info").exists()


def test_pip_in_a_checkout_installs_a_folder_that_is_named_like_what_it_is_asked_for(
    runner: Runner, given: dict[str, str]
) -> None:
    marker = _plant_requirement(runner, given)
    runner.run(INSTALL, **given)
    assert marker.exists()


@pytest.mark.parametrize("name", ["examples/ci/gitlab-ci.yml", INIT])
def test_no_script_installs_a_folder_of_the_checkout(
    runner: Runner, given: dict[str, str], tmp_path: Path, name: str
) -> None:
    marker = _plant_requirement(runner, given)
    found = scripts(document(_text(name, tmp_path / "scaffold")))
    (install,) = {script for script in found if "pip install" in script}
    code = runner.run(install, **given)
    assert not marker.exists()
    assert code == 0, runner.log
    assert (runner.folder / "installed" / "scopesync-0.dist-info").exists()


def _plant_requirement(runner: Runner, given: dict[str, str]) -> Path:
    """A folder with the whole requirement as its path; the file that is there when it was built."""
    wheel = Path(url2pathname(urlsplit(given["SCOPESYNC"]).path))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    given["SCOPESYNC"] += f"#sha256={digest}"  # a path that ends with .whl would have to be a file
    given["PIP_NO_BUILD_ISOLATION"] = "0"  # this is how the environment says: build with what is installed
    folder = runner.project / f"scopesync[postgres] @ {given['SCOPESYNC']}"
    folder.mkdir(parents=True)
    marker = runner.folder / "built"
    (folder / "pyproject.toml").write_text(BUILDS_ITSELF, "utf-8")
    (folder / "hatch_build.py").write_text(f"open({str(marker)!r}, 'w').close()\n", "utf-8")
    return marker


def _text(name: str, folder: Path) -> str:
    """The workflow's text; the one that `init` writes is written first."""
    if name != INIT:
        return (ROOT / name).read_text("utf-8")
    scaffold(folder)
    return (folder / INIT).read_text("utf-8")


def _handed_on(runner: Runner) -> str:
    """The digest that the script gave to later jobs, empty when it gave none."""
    files = (runner.folder / "output", runner.project / "plan.env")
    written = "".join(path.read_text() for path in files if path.exists())
    found = re.search(r"^digest=(sha256:\w+)$", written, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""


def _names(markers: Path) -> list[str]:
    return sorted(path.name for path in markers.iterdir())
