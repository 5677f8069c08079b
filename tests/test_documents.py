"""The documents' types: the JSON Schemas say the same, and the documents that are made are of these types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from scopesync.apply.outcome import Cause, Difference, Outcome, Status, TenantOutcome
from scopesync.audit.attribution import MovedBy
from scopesync.documents import DriftDocument, OutcomeDocument, PlanDocument
from scopesync.report.outcome_text import outcome_text
from scopesync.schemas import schema_text
from tests.support.builders import TENANT
from tests.support.shapes import reduced, schema_of

WORDS = frozenset({"guard", "method", "moved_by"})
"""Texts in the types; which texts is held below, by tests/docs/test_guards.py, and where calls are made."""


@pytest.mark.parametrize(("name", "form"), [("plan", PlanDocument), ("drift", DriftDocument)])
def test_the_schema_and_the_type_of_a_document_have_the_same_keys_and_values(name: str, form: Any) -> None:
    schema = json.loads(schema_text(name))
    assert reduced(schema, schema, words=WORDS) == schema_of(form)


def test_who_moved_a_row_is_told_in_the_words_of_the_schema() -> None:
    rule = json.loads(schema_text("drift"))["definitions"]["difference"]["properties"]["moved_by"]
    assert rule["enum"] == [one.value for one in MovedBy]


def test_an_outcome_of_every_status_is_of_its_type_and_has_words_for_people() -> None:
    left = tuple(Difference("schools", "s", None, "missing", cause, ("name",)) for cause in Cause)
    outcome = Outcome(tuple(TenantOutcome(TENANT, status, 2, 1, "why", left) for status in Status))
    document = outcome.document()
    Draft7Validator(schema_of(OutcomeDocument)).validate(json.loads(json.dumps(document)))
    assert [one["status"] for one in document["tenants"]] == [status.value for status in Status]
    assert outcome_text(document).count(TENANT.name) == len(Status) - 1
