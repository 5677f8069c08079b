from __future__ import annotations

import json
from typing import Any

import pytest

from scopesync.errors import AnswerError
from scopesync.live.answer_shape import check_rows, json_object, page_of, reason_in, row_of
from scopesync.model import COURSES, SCHOOLS

WHERE = "GET /list"


def _page(**content: Any) -> bytes:
    return json.dumps({"data": [], **content}).encode()


def test_a_page_as_documented() -> None:
    page = page_of(_page(data=[{"name": "a", "unknown": [1, {"deep": None}]}], paging={"next": "1"}, error=None), WHERE)
    assert page.rows == ({"name": "a", "unknown": [1, {"deep": None}]},)
    assert (page.next, page.total) == ("1", None)


@pytest.mark.parametrize("paging", [None, {}, {"next": None}])
def test_a_page_without_a_next(paging: Any) -> None:
    assert page_of(_page(paging=paging), WHERE).next is None
    assert page_of(b'{"data": []}', WHERE).next is None


@pytest.mark.parametrize(("total", "read"), [(7, 7), (True, None), ("7", None), (None, None)])
def test_a_total(total: Any, read: int | None) -> None:
    assert page_of(_page(paging={"total": total}), WHERE).total == read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Service in maintenance</html>",
        b'{"data": [{"name": "cut',
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"data": null}',
        b'{"data": {}}',
        b'{"data": [1]}',
        b'{"data": [null]}',
        b'{"data": [{"x": NaN}]}',
        b'{"data": [{"x": Infinity}]}',
        b'{"data": [{"x": -Infinity}]}',
        b'{"data": [{"x": 1e999}]}',
        b'{"data": [{"name": "\\ud800"}]}',
        b'{"data": [{"name": "\\uD800"}]}',
        b"\xff\xfe{",
        b'{"data": [{"x": ' + b"9" * 5000 + b"}]}",
        b"[" * 100_000,
        b'{"data": ' * 100_000,
        b'{"data": [], "paging": []}',
        b'{"data": [], "error": {"message": "no"}}',
        b'{"data": [], "error": "no"}',
    ],
)
def test_fault_16_what_is_no_page(body: bytes) -> None:
    with pytest.raises(AnswerError, match="GET /list"):
        page_of(body, WHERE)


NO_ERRORS: list[Any] = [
    None,
    {},
    [],
    "",
    False,
    0,
    {"status": None, "code": "", "message": None, "ext_message": "  ", "details": []},
    {"status": 200, "code": 0, "message": "OK", "details": {}},
    {"status": "204", "code": "0"},
    {"status": 201, "code": "ok", "message": "Success"},
    {"details": [{"status": 200, "message": ""}, None]},
]
ERRORS: list[Any] = [
    "no",
    True,
    {"status": 404},
    {"status": "500", "message": ""},
    {"status": 200, "message": "row 3 was refused"},
    {"status": 200, "code": "invalid"},
    {"code": 17},
    {"details": [{}, {"reason": "no"}]},
    ["no"],
]


@pytest.mark.parametrize("error", NO_ERRORS, ids=str)
def test_fault_48_an_error_beside_data_that_says_nothing_is_none(error: Any) -> None:
    assert page_of(_page(data=[{"name": "a"}], error=error), WHERE).rows == ({"name": "a"},)
    assert row_of(json.dumps({"data": {"name": "a"}, "error": error}).encode(), SCHOOLS, WHERE) == {"name": "a"}


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_fault_48_an_error_beside_data_that_says_something_is_one(error: Any) -> None:
    with pytest.raises(AnswerError, match="answered with an error"):
        page_of(_page(data=[{"name": "a"}], error=error), WHERE)


def test_pairs_of_surrogates_are_text() -> None:
    assert json_object(b'{"name": "\\ud83d\\ude00"}', WHERE) == {"name": "\U0001f600"}


def test_fault_16_an_error_object_is_quoted_as_one_bounded_line() -> None:
    error = {"code": "oops", "message": "first\nsecond\x1b[2J", "details": {"a": 1}, "ext_message": "x" * 10_000}
    with pytest.raises(AnswerError) as caught:
        page_of(_page(error=error), WHERE)
    assert "oops; first second [2J; xxx" in caught.value.message
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()


def test_the_reason_of_a_refusal_if_there_is_one() -> None:
    assert reason_in(b'{"error": {"message": "too many"}}') == ": too many"
    assert reason_in(b'{"error": {}}') == ""
    assert reason_in(b"<html>") == ""


@pytest.mark.parametrize("name", ["school_id", "school_ref_id", "name", "local_id", "keywords", "tenant_id", "id"])
@pytest.mark.parametrize("value", [1, True, 1.5, [], {}])
def test_fault_18_a_known_field_of_another_type(name: str, value: Any) -> None:
    with pytest.raises(AnswerError, match=f"row 1 of the page has no text in {name}"):
        check_rows(page_of(_page(data=[{}, {name: value}]), WHERE), SCHOOLS, WHERE)


@pytest.mark.parametrize("value", [1, 0, "true", []])
def test_fault_18_selected_is_a_boolean(value: Any) -> None:
    with pytest.raises(AnswerError, match="no boolean in selected"):
        check_rows(page_of(_page(data=[{"selected": value}]), WHERE), SCHOOLS, WHERE)


def test_fault_18_unknown_fields_are_kept_as_they_are() -> None:
    row = {"course_id": None, "name": "a", "selected": False, "unknown": 1, "nested": {"x": [None]}}
    assert check_rows(page_of(_page(data=[row]), WHERE), COURSES, WHERE).rows == (row,)


def test_a_field_of_the_other_kind_is_unknown_here() -> None:
    row = {"course_ref_id": 7}
    assert check_rows(page_of(_page(data=[row]), WHERE), SCHOOLS, WHERE).rows == (row,)
