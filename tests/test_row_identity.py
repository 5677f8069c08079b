from __future__ import annotations

from typing import Any

from scopesync.model import SCHOOLS
from scopesync.row_identity import fingerprint, key_of, keyed
from tests.support.builders import school


def test_a_row_is_called_by_its_id_else_its_reference_else_its_local_id_else_its_content() -> None:
    assert key_of(SCHOOLS, school("a", school_ref_id="R1")) == "a"
    assert key_of(SCHOOLS, school(None, school_ref_id="R1", local_id="7")) == "ref:R1"
    assert key_of(SCHOOLS, school(None, local_id="7")) == "local:7"
    assert key_of(SCHOOLS, {"name": "Nameless"}).startswith("row:")


def test_copies_of_a_key_are_told_apart_and_none_is_lost() -> None:
    rows = keyed(SCHOOLS, [school("a", name="Second"), school("a", name="First"), school("a#2")])
    assert [(key, row["name"]) for key, row in rows.items()] == [
        ("a", "First"),
        ("a#2#", "Second"),
        ("a#2", "School a#2"),
    ]


def _fingerprint(rows: list[dict[str, Any]]) -> str:
    return fingerprint(SCHOOLS, keyed(SCHOOLS, rows))


def test_a_fingerprint_sees_every_field_and_no_order() -> None:
    rows = [school("a"), school("b", color="blue")]
    assert _fingerprint(rows) == _fingerprint(rows[::-1])
    assert _fingerprint(rows) != _fingerprint([school("a"), school("b", color="green")])
    assert _fingerprint(rows) != _fingerprint([*rows, school("b", color="blue")])
