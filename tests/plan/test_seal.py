"""Fault 34: a saved plan is applied as it was reviewed, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.errors import StaleError
from scopesync.plan.document import to_document
from scopesync.plan.seal import check_usable, project_identity, sealed, unsealed
from scopesync.plan.types import Plan
from scopesync.schemas import validator
from tests.support.builders import desired, live, planned, school

PLAN = Plan((planned(desired([school("s"), school("new")]), live([school("s")])),))
OURS = project_identity({"us2": "https://api.us2.kimonocloud.com"})
DOCUMENT = to_document(PLAN, tool_version="1.0", created_at="2026-01-01T00:00:00+00:00", source=None)
SEALED = sealed(DOCUMENT, project=OURS, expires_at="2026-01-02T00:00:00+00:00")


def _use(**changes: str) -> None:
    facts = {"project": OURS, "tool_version": "1.0", "now": "2026-01-01T23:59:59+00:00", **changes}
    check_usable(SEALED, **facts)


def test_a_sealed_document_gives_its_plan_back_and_satisfies_the_schema() -> None:
    saved = json.loads(json.dumps(SEALED))
    validator("plan").validate(saved)
    assert unsealed(saved) == PLAN
    _use()


def test_a_document_that_was_never_sealed_is_refused() -> None:
    with pytest.raises(StaleError, match="no seal"):
        unsealed(DOCUMENT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"now": "2026-01-02T00:00:00+00:00"}, "expired at 2026-01-02"),
        ({"tool_version": "1.1"}, "made by version 1.0; this is 1.1"),
        ({"project": project_identity({"us2": "https://api.eu1.kimonocloud.com"})}, "other connections"),
    ],
)
def test_a_plan_that_is_old_foreign_or_of_another_version_is_refused(changes: dict[str, str], words: str) -> None:
    with pytest.raises(StaleError, match=words):
        _use(**changes)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document that holds a text or a number."""
    if isinstance(value, dict):
        return [place for key, inner in value.items() for place in _places(inner, (*path, key))]
    if isinstance(value, list):
        return [place for at, inner in enumerate(value) for place in _places(inner, (*path, at))]
    return [path] if isinstance(value, str | int) else []


@given(st.sampled_from(_places(SEALED)))
def test_no_value_can_be_edited_unnoticed(place: tuple[Any, ...]) -> None:
    edited = json.loads(json.dumps(SEALED))
    *path, last = place
    inner = edited
    for step in path:
        inner = inner[step]
    inner[last] = inner[last] + 1 if isinstance(inner[last], int) else f"{inner[last]}x"
    with pytest.raises(StaleError, match="edited"):
        unsealed(edited)
