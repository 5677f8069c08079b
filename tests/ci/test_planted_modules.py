"""Files of a checkout that have the names of Python's modules: no script that we hand out imports one of them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
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
    programs = runner.folder / "programs"
    programs.mkdir()
    (programs / "gh").write_text("#!/bin/sh\n")
    (programs / "gh").chmod(0o755)
    return {
        **INPUTS,
        **EVENT,
        "PATH": f"{programs}:{runner.environ['PATH']}",
        "PYTHON": sys.executable,
        "GITHUB_ACTION_PATH": str(wheel),
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
