"""Plans as files: written whole and private, opened only when they are what was written.

Belongs here: the file, and what a document says of its making. Does not belong here: the document's layout (plan),
what a plan may do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scopesync.cli.version import version
from scopesync.desired.source import git_source
from scopesync.errors import StaleError
from scopesync.files import PRIVATE, write_atomically
from scopesync.plan.document import FORMAT_VERSION, from_document, plan_digest, to_document
from scopesync.schemas import validator

if TYPE_CHECKING:
    from pathlib import Path

    from scopesync.cli.session import Session
    from scopesync.desired.project import Project
    from scopesync.plan.types import Plan

Document = dict[str, Any]

_AGAIN = "make a new plan and have it reviewed"


def heading(session: Session, project: Project) -> Document:
    """What every document says first: which tool, when, from which commit."""
    return {
        "tool_version": version(),
        "created_at": session.now.isoformat(timespec="seconds"),
        "source": git_source(project.root),
    }


def plan_document(session: Session, project: Project, plan: Plan) -> Document:
    """The plan as a document of this moment."""
    return to_document(plan, **heading(session, project))


def check_digest(plan: Plan, expected: str) -> None:
    """Raise StaleError unless the plan's change is the one with that digest."""
    digest = plan_digest(plan)
    if digest != expected:
        raise StaleError(f"the change is not the one that was reviewed: its digest is {digest}", hint=_AGAIN)


def save_plan(path: Path, text: str) -> None:
    """Write the plan document: whole or not at all, for the owner's eyes (it names schools and courses)."""
    write_atomically(path, text, mode=PRIVATE)


def open_plan(path: Path) -> tuple[Document, Plan]:
    """The document in the file, and its plan.

    Raises StaleError when the file is not a plan of this format or its changes are not those that its digest covers.
    """
    document = _document(path)
    plan = from_document(document)
    if plan_digest(plan) != document["digest"]:
        raise StaleError(f"{path}: the plan was edited: its digest does not cover its changes", hint=_AGAIN)
    return document, plan


def _document(path: Path) -> Document:
    try:
        document: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise StaleError(f"{path}: cannot be read: {error.strerror}", hint=_AGAIN) from error
    except ValueError as error:
        raise StaleError(f"{path}: is not a whole plan document", hint=_AGAIN) from error
    version = document.get("format_version") if isinstance(document, dict) else None
    if version != FORMAT_VERSION:
        message = f"{path}: is a plan document of format {version!r}; this version reads {FORMAT_VERSION!r}"
        raise StaleError(message, hint=_AGAIN)
    fault = next(validator("plan").iter_errors(document), None)
    if fault is not None:
        raise StaleError(f"{path}: is not a plan document: {fault.json_path} is not as the schema says", hint=_AGAIN)
    return dict(document)
