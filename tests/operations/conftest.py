"""The fleet of the command line's tests, as a program sees it: a workspace in a folder, a sandbox on a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scopesync.operations.workspace import Workspace
from tests.cli.conftest import edit, fleet, imported, sandbox, shell

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

__all__ = ["edit", "fleet", "imported", "sandbox", "shell", "workspace"]


@pytest.fixture
def workspace(fleet: Shell) -> Workspace:
    """The project with the sandbox's whole fleet imported."""
    return Workspace.from_environment(fleet.root, fleet.environ)
