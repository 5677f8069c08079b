"""Situations that people meet, each with its whole plan: the document, its text and its Markdown.

A folder holds `scopesync.yaml` and `tenants/`, the live side in `live.json` (`{identity, schools, courses}`), and what
is expected: `plan.json`, `plan.txt`, `plan.md`, `drift.txt`.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scopesync.audit.drift import drift_document
from scopesync.desired.project import load_project
from scopesync.model import COURSES, SCHOOLS, Identity, LiveTenant
from scopesync.plan.document import to_document
from scopesync.plan.planner import plan_tenant
from scopesync.plan.types import Plan
from scopesync.report.renderers import drift_text, plan_text
from scopesync.row_identity import listing
from scopesync.schemas import validator

if TYPE_CHECKING:
    from collections.abc import Callable

SITUATIONS = sorted(path.parent for path in Path(__file__).parent.glob("*/live.json"))
HEAD = {"tool_version": "0.0.0", "created_at": "2026-01-01T00:00:00+00:00", "source": None}


def _plan(folder: Path) -> Plan:
    project = load_project(folder, today=date(2026, 1, 1))
    (tenant,) = project.tenants
    have = json.loads((folder / "live.json").read_text("utf-8"))
    schools, courses = (listing(kind, tuple(have[kind.name])) for kind in (SCHOOLS, COURSES))
    live = LiveTenant(tenant.tenant, schools, courses, Identity(**have["identity"]))
    return Plan((plan_tenant(tenant, live, guards=project.guards),))


@pytest.mark.parametrize("folder", SITUATIONS, ids=lambda folder: folder.name)
def test_plan(folder: Path, golden: Callable[[Path, str], None]) -> None:
    document = to_document(_plan(folder), **HEAD)  # type: ignore[arg-type]  # a table of keyword arguments
    text = plan_text(document, form="json")
    validator("plan").validate(json.loads(text))
    golden(folder / "plan.json", text)
    golden(folder / "plan.txt", plan_text(document, form="text"))
    golden(folder / "plan.md", plan_text(document, form="markdown"))


@pytest.mark.parametrize("folder", SITUATIONS, ids=lambda folder: folder.name)
def test_drift(folder: Path, golden: Callable[[Path, str], None]) -> None:
    document = drift_document(_plan(folder), None, **HEAD)  # type: ignore[arg-type]  # a table of keyword arguments
    validator("drift").validate(json.loads(drift_text(document, form="json")))
    golden(folder / "drift.txt", drift_text(document, form="text"))


def test_there_are_situations() -> None:
    assert len(SITUATIONS) >= 20
