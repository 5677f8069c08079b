"""A project's folder to write files into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest

from scopesync.desired.project import load_project
from scopesync.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.desired.project import Project
    from scopesync.errors import Problem
    from scopesync.model import DesiredTenant

PROJECT = """\
version: 1
tenants: tenants/*.yaml
connections:
  us2: {base_url: https://api.us2.kimonocloud.com}
"""
HEAD = "version: 1\ntenant: 7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11\n"
TODAY = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class Folder:
    """A project with a good `scopesync.yaml`, and whatever a test adds."""

    root: Path

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def tenant(self, body: str, name: str = "a") -> None:
        """A tenant file with a good beginning."""
        self.write(f"tenants/{name}.yaml", HEAD + body)

    def load(self) -> Project:
        return load_project(self.root, today=TODAY)

    def one(self) -> DesiredTenant:
        (tenant,) = self.load().tenants
        return tenant

    def problems(self) -> list[Problem]:
        """Everything that loading has to say, errors or not."""
        try:
            return list(self.load().problems)
        except ConfigurationError as error:
            return list(error.problems)

    def errors(self) -> list[Problem]:
        """The errors that loading ends with; at least one."""
        with pytest.raises(ConfigurationError) as caught:
            self.load()
        return [problem for problem in caught.value.problems if problem.severity == "error"]

    def error(self) -> Problem:
        """The only error that loading ends with."""
        (problem,) = self.errors()
        return problem


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "project"
    root.mkdir()
    made = Folder(root)
    made.write("scopesync.yaml", PROJECT)
    return made
