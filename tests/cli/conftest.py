from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from shutil import copytree
from typing import TYPE_CHECKING, Any

import pytest

from scopesync.cli.main import main
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.sample_districts import VENDOR_KEY, districts, load_fleet
from scopesync.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SMALL = districts()[3]
FILE = "tenants/st-brigids-diocesan-schools-ceatharlach.yaml"
NEW = 'schools:\n  - school_id: "5f0e8c1a-1111-4111-8111-000000000001"\n    name: Springfield\n'
PROJECT = """\
version: 1
tenants: tenants/*.yaml
connections:
  sandbox:
    base_url: {base_url}
    vendor: {{api_key: env:VENDOR_KEY}}
    limits: {{requests_per_second: 1000}}
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass
class Shell:
    """Runs commands in one project folder, as a person would, but in this process."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    environ: dict[str, str] = field(default_factory=lambda: {"VENDOR_KEY": VENDOR_KEY})

    def __call__(self, *words: str) -> Ended:
        self.capsys.readouterr()
        code = main(["-C", str(self.root), *words], environ=self.environ)
        return Ended(code, *self.capsys.readouterr())


@dataclass
class Live:
    """A sandbox on a socket, and its state, which a test may change behind everybody's back."""

    base_url: str
    engine: Engine
    store: Store

    @property
    def writes(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.engine.served if one.writes]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    root = tmp_path / "project"
    root.mkdir()
    return Shell(root, capsys)


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Live]:
    """A sandbox with its fleet; parametrized indirectly, it passes on what Engine takes."""
    with closing(Store.in_memory()) as store:
        load_fleet(store)
        engine = Engine(store, **getattr(request, "param", {}))
        with running(engine) as server:
            yield Live(server.base_url, engine, store)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's whole fleet, imported once: `tenants/`, as every sandbox would give it."""
    root = tmp_path_factory.mktemp("imported")
    with closing(Store.in_memory()) as store:
        load_fleet(store)
        with running(Engine(store)) as server:
            (root / "scopesync.yaml").write_text(PROJECT.format(base_url=server.base_url))
            assert main(["-C", str(root), "import", "--all"], environ={"VENDOR_KEY": VENDOR_KEY}) == 0
    return root / "tenants"


@pytest.fixture
def fleet(shell: Shell, sandbox: Live, imported: Path) -> Shell:
    """A project with the sandbox's whole fleet imported."""
    (shell.root / "scopesync.yaml").write_text(PROJECT.format(base_url=sandbox.base_url))
    copytree(imported, shell.root / "tenants")
    return shell


@pytest.fixture
def edit(shell: Shell) -> Callable[[str, str, str], None]:
    """Replaces the first occurrence of a text in one of the project's files."""

    def replace(name: str, old: str, new: str) -> None:
        path = shell.root / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return replace


@pytest.fixture
def applied(fleet: Shell, edit: Callable[[str, str, str], None]) -> Shell:
    """A project in which one run added a school and renamed another."""
    edit(FILE, "schools:\n", NEW)
    edit(FILE, f"name: {SMALL.schools[0]['name']}", "name: Renamed")
    fleet.environ |= {"USER": "lisa", "CI_JOB_URL": "https://ci.example/jobs/7"}
    assert fleet("apply", "--yes").code == 0
    return fleet
