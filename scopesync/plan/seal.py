"""The seal of a saved plan: what makes a file the plan that was reviewed, and nothing else.

Belongs here: the checksum over the whole document, whose project it is of, which tool made it, until when it holds.
Does not belong here: files and clocks; `now` is passed in. Times are ISO 8601 in UTC to the second: they compare as
texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scopesync.errors import StaleError
from scopesync.plan.document import from_document, plan_digest
from scopesync.row_identity import canonical, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scopesync.documents import PlanDocument, SealDocument
    from scopesync.plan.types import Plan

_AGAIN = "make a new plan and have it reviewed"


def project_identity(connections: Mapping[str, str]) -> str:
    """A digest of the project's connections, name to base URL: a plan made for one server is not applied to another."""
    return digest([canonical(dict(connections))], name="project")


def sealed(document: PlanDocument, *, project: str, expires_at: str) -> PlanDocument:
    """The document with its seal; `project` is a `project_identity`."""
    checksum = _checksum(document, project=project, expires_at=expires_at)
    seal: SealDocument = {"project": project, "expires_at": expires_at, "checksum": checksum}
    return {**document, "seal": seal}


def unsealed(document: PlanDocument) -> Plan:
    """The plan in a sealed document that satisfies `plan.schema.json`.

    Raises StaleError when the document was never sealed, or is not the one that was.
    """
    if "seal" not in document:
        raise StaleError("the plan was not saved with --out: it has no seal", hint=_AGAIN)
    seal = document["seal"]
    if _checksum(document, project=seal["project"], expires_at=seal["expires_at"]) != seal["checksum"]:
        raise StaleError("the plan was edited: its checksum does not fit its text", hint=_AGAIN)
    plan = from_document(document)
    if plan_digest(plan) != document["digest"]:
        raise StaleError("the plan was edited: its digest does not cover its changes", hint=_AGAIN)
    return plan


def check_usable(document: PlanDocument, *, project: str, tool_version: str, now: str) -> None:
    """Raise StaleError unless the sealed document was made by this tool, for this project, and has not expired."""
    seal, made_by = document["seal"], document["tool"]["version"]
    if made_by != tool_version:
        raise StaleError(f"the plan was made by version {made_by}; this is {tool_version}", hint=_AGAIN)
    if seal["project"] != project:
        raise StaleError("the plan was made for other connections than this project has", hint=_AGAIN)
    if now >= seal["expires_at"]:
        raise StaleError(f"the plan expired at {seal['expires_at']}", hint=_AGAIN)


def _checksum(document: PlanDocument, *, project: str, expires_at: str) -> str:
    """A digest of the document with its seal, the checksum itself left out."""
    whole = {**document, "seal": {"project": project, "expires_at": expires_at}}
    return digest([canonical(whole)], name="file")
