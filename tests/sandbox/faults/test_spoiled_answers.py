from __future__ import annotations

import json
import math
import zlib
from typing import Any

import pytest

from scopesync.sandbox.api.messages import NO_CONTENT, Response
from scopesync.sandbox.faults.spoiled_answers import FORMS, gzip_bomb, spoilt

PAGE = {"data": [{"school_id": "a", "selected": True, "grade": 7}], "paging": {"next": "1"}}
SOUND = Response.of(PAGE, headers={"X-Kept": "yes"})


def document(form: str) -> Any:
    return json.loads(spoilt(SOUND, form).body)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_spoils_the_body_and_keeps_the_status(form: str) -> None:
    answer = spoilt(SOUND, form)
    assert answer.body != SOUND.body
    assert (answer.status, answer.headers["X-Kept"]) == (200, "yes")


@pytest.mark.parametrize("form", FORMS)
def test_what_has_no_body_cannot_be_spoilt(form: str) -> None:
    assert spoilt(NO_CONTENT, form) == NO_CONTENT


@pytest.mark.parametrize("form", ["html", "html-as-json", "garbage", "empty", "nested", "truncated"])
def test_some_forms_are_no_json_at_all(form: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        document(form)


def test_some_forms_are_json_of_another_shape() -> None:
    assert document("no-data") == {"paging": {"next": "1"}}
    assert document("null-data")["data"] is None
    assert document("object-data")["data"] == {}
    assert document("text-data")["data"] == "none"
    assert document("list") == [PAGE]
    assert document("error-object")["error"]["status"] == 500
    assert document("wrong-types") == {
        "data": [{"school_id": 42, "selected": "true", "grade": "7"}],
        "paging": {"next": 42},
    }


def test_nan_stands_where_only_a_strict_parser_minds_it() -> None:
    row = document("nan")["data"][0]
    assert math.isnan(row.pop("weight"))
    assert row == PAGE["data"][0]  # type: ignore[index]  # the page above is a plain dict of two types
    assert b"NaN" in spoilt(Response.of({"data": {}}), "nan").body


def test_what_is_spoilt_already_stays_so() -> None:
    assert spoilt(spoilt(SOUND, "html"), "wrong-types").body == spoilt(SOUND, "html").body


def test_a_bomb_is_small_and_unpacks_to_a_sound_document() -> None:
    bomb = gzip_bomb(SOUND, 3_000_000)
    assert len(bomb.body) < 10_000
    assert bomb.headers["Content-Encoding"] == "gzip"
    unpacked = zlib.decompress(bomb.body, wbits=31)
    assert len(unpacked) == len(SOUND.body) + 3_000_000
    assert json.loads(unpacked) == PAGE
