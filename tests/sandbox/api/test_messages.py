from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopesync.sandbox.api.messages import Refusal, Request, Response


def test_a_header_is_found_whatever_its_case() -> None:
    request = Request("GET", "/", headers={"AUTHORIZATION": "Bearer x"})
    assert request.header("authorization") == "Bearer x"
    assert request.header("host") is None


def test_a_url_becomes_path_query_scheme_and_host() -> None:
    request = Request.to("GET", "https://api.example:8443/v2/a%20b?page=1&page=2", headers={"X": "1"})
    assert (request.scheme, request.path, request.query) == ("https", "/v2/a%20b", "page=1&page=2")
    assert request.header("Host") == "api.example:8443"
    assert request.parameters == {"page": ("1", "2")}


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/v2/interop/tenants", ("v2", "interop", "tenants")),
        ("/schools/", ("schools",)),
        ("/schools/.", ("schools",)),
        ("/schools/%2e", ("schools",)),
        ("/schools/a/..", ("schools",)),
        ("/schools/a%2Fb", ("schools", "a/b")),
        ("/", ()),
    ],
)
def test_dots_and_empty_parts_of_a_path_fall_away(path: str, segments: tuple[str, ...]) -> None:
    assert Request("GET", path).segments == segments


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b"9" * 5000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        Request("POST", "/", body=body).document()
    assert caught.value.response.status == 400
    assert caught.value.response.document()["error"]["code"] == "malformed_json"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_document_survives_a_response(document: object) -> None:
    assert Response.of(document).document() == document


def test_a_lone_surrogate_leaves_as_the_escape_that_json_has_for_it() -> None:
    response = Response.of({"name": "École \ud800"})
    assert response.body == b'{"name": "\xc3\x89cole \\ud800"}'
    assert json.loads(response.body) == {"name": "École \ud800"}
