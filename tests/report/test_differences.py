from __future__ import annotations

from scopesync.report.differences import field_lines


def test_each_difference_is_a_line_in_the_order_of_the_fields() -> None:
    before = {"name": "Algebra", "selected": True, "gone": "x", "same": 1, "deep": {"list": [1, 2]}}
    after = {"name": "Algebra I", "selected": "true", "new": None, "same": 1, "deep": {"list": [1, 3]}}
    assert field_lines(before, after) == (
        "deep.list.1: 2 -> 3",
        'gone: "x" -> none',
        'name: "Algebra" -> "Algebra I"',
        "new: none -> none",
        'selected: true -> "true"',
    )


def test_rows_without_a_difference_have_no_lines() -> None:
    assert field_lines({"a": 1}, {"a": 1}) == ()
