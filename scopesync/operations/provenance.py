"""Where a document comes from: which version of the tool, when, and from which commit.

Belongs here: asking the installed package and Git. Does not belong here: the rest of a document.
"""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any

from scopesync.desired.source import git_source

if TYPE_CHECKING:
    from scopesync.desired.project import Project
    from scopesync.operations.workspace import Workspace


def tool_version() -> str:
    """The installed package's version, as `pyproject.toml` says it."""
    return installed_version("scopesync")


def heading(workspace: Workspace, project: Project) -> dict[str, Any]:
    """What every document begins with: which tool, when, from which commit."""
    return {
        "tool_version": tool_version(),
        "created_at": workspace.moment,
        "source": git_source(project.root),
    }
