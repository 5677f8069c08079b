"""Plans as files: written whole and private, opened only when they are what was written.

Belongs here: the file, and what a saved plan has besides its document. Does not belong here: the document's layout
(plan), what a plan may do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scopesync.errors import ScopesyncError, StaleError
from scopesync.files import PRIVATE, write_atomically
from scopesync.operations.provenance import tool_version
from scopesync.plan.document import FORMAT_VERSION
from scopesync.plan.seal import check_usable, project_identity, sealed, unsealed
from scopesync.schemas import validator

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.desired.project import Project
    from scopesync.documents import PlanDocument
    from scopesync.operations.workspace import Workspace
    from scopesync.plan.types import Plan

_AGAIN = "make a new plan and have it reviewed"


@dataclass(frozen=True, slots=True)
class Seal:
    """What binds a saved plan: the identity of its project, and the moment (ISO 8601) until which it may be applied."""

    project: str
    expires_at: str


def seal_of(workspace: Workspace, project: Project) -> Seal:
    """The seal of a plan that is made now."""
    expires_at = workspace.clock() + timedelta(hours=project.plans_expire_after_h)
    return Seal(_identity(project), expires_at.isoformat(timespec="seconds"))


def check_digest(document: PlanDocument, expected: str) -> None:
    """Raise StaleError unless the document's change is the one with that digest."""
    digest = document["digest"]
    if digest != expected:
        raise StaleError(f"the change is not the one that was reviewed: its digest is {digest}", hint=_AGAIN)


def save_plan(path: Path, document: PlanDocument, seal: Seal) -> None:
    """Write the plan document with its seal: whole or not at all, for the owner's eyes (it names schools and courses).

    Raises ScopesyncError when the file cannot be written.
    """
    whole = sealed(document, project=seal.project, expires_at=seal.expires_at)
    try:
        write_atomically(path, json.dumps(whole, indent=2) + "\n", mode=PRIVATE)
    except OSError as error:
        raise ScopesyncError(f"{path}: the plan cannot be saved: {error.strerror}") from error


def open_plan(path: Path) -> tuple[PlanDocument, Plan]:
    """The document in the file, and its plan. Raises StaleError when it is not a whole plan, as it was saved."""
    document = _document(path)
    try:
        return document, unsealed(document)
    except StaleError as error:
        raise StaleError(f"{path}: {error.message}", hint=error.hint) from error


def open_usable_plan(path: Path, workspace: Workspace, project: Project) -> Plan:
    """The plan in the file, when it may be applied: made by this version, for this project, and not expired.

    Raises StaleError otherwise.
    """
    document, plan = open_plan(path)
    identity = _identity(project)
    try:
        check_usable(document, project=identity, tool_version=tool_version(), now=workspace.moment)
    except StaleError as error:
        raise StaleError(f"{path}: {error.message}", hint=error.hint) from error
    return plan


def _identity(project: Project) -> str:
    return project_identity({name: connection.base_url for name, connection in project.connections.items()})


def _document(path: Path) -> PlanDocument:
    try:
        document: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise StaleError(f"{path}: cannot be read: {error.strerror}", hint=_AGAIN) from error
    except (ValueError, RecursionError) as error:
        raise StaleError(f"{path}: is not a whole plan document", hint=_AGAIN) from error
    found = document.get("format_version") if isinstance(document, dict) else None
    if found != FORMAT_VERSION:
        message = f"{path}: is a plan document of format {found!r}; this version reads {FORMAT_VERSION!r}"
        raise StaleError(message, hint=_AGAIN)
    fault = next(validator("plan").iter_errors(document), None)
    if fault is not None:
        raise StaleError(f"{path}: is not a plan document: {fault.json_path} is not as the schema says", hint=_AGAIN)
    plan: PlanDocument = document
    return plan
