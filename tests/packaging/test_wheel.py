"""The built wheel, installed alone into an empty environment: what a user gets; and the source distribution."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from scopesync.schemas import schema_text

ROOT = Path(__file__).parent.parent.parent


def test_it_holds_the_package_with_its_types_and_schemas_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"scopesync/py.typed", "scopesync/schemas/tenant.schema.json", "scopesync/cli/main.py"} <= names
    assert not any(name.startswith(("tests/", "examples/")) for name in names)


@pytest.mark.installs
def test_installed_alone_it_prints_schemas_and_validates(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    bin_folder = tmp_path / "venv" / "bin"
    constraints = str(ROOT / "constraints.txt")
    subprocess.run([bin_folder / "pip", "install", "--quiet", "--constraint", constraints, str(wheel)], check=True)
    scopesync = str(bin_folder / "scopesync")
    printed = subprocess.run([scopesync, "schema", "tenant"], check=True, capture_output=True, text=True)
    assert printed.stdout == schema_text("tenant")
    project = tmp_path / "project"
    project.mkdir()
    subprocess.run([scopesync, "-C", str(project), "init"], check=True, capture_output=True)
    valid = subprocess.run([scopesync, "-C", str(project), "validate"], check=True, capture_output=True, text=True)
    assert valid.stdout.endswith("valid: 1 tenant, 0 rows\n")
    demo = subprocess.run([scopesync, "demo"], check=False, capture_output=True, text=True)
    assert demo.returncode == 1
    assert "install scopesync with the extra sandbox, from where you installed it" in demo.stderr


def test_the_source_distribution_holds_all_that_its_tests_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert {"action.yml", ".github/workflows/ci.yml", ".pre-commit-hooks.yaml", "docs/ci.md"} <= names
    assert set(tracked) - names == set()
