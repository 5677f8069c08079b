from __future__ import annotations

from scopesync.report.differences import field_lines


def test_each_difference_is_a_line_in_the_order_of_the_fields() -> None:
    before = {"name": "Algebra", "selected": True, "gone": "x", "same": 1, "deep": {"list": [1, 2]}}
    after = {"name": "Algebra I", "selected": "true", "new": None, "same": 1, "deep": {"list": [1, 3]}}
    assert field_lines(before, after) == (
        "deep.list.1: 2 -> 3",
        'gone: "x" -> none',
        'name: "Algebra" -> "Algebra I"',
        'selected: true -> "true"',
    )


def test_plain_values_read_the_same_with_and_without_a_nested_one() -> None:
    before, after = {"name": "Algebra", "local_id": None}, {"name": "Algebra I", "local_id": "0042"}
    lines = ('local_id: none -> "0042"', 'name: "Algebra" -> "Algebra I"')
    assert field_lines(before, after) == lines
    assert field_lines({**before, "deep": [1]}, {**after, "deep": [2]}) == ("deep.0: 1 -> 2", *lines)


def test_rows_without_a_difference_have_no_lines() -> None:
    assert field_lines({"a": 1}, {"a": 1}) == ()
