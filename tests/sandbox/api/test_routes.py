from __future__ import annotations

import pytest

from scopesync.sandbox.api.messages import Refusal, Request
from scopesync.sandbox.api.routes import Call, ScopingCall, TenantsCall, TokenCall, route

SCOPING = "/v2/interop/tenant/scoping"


@pytest.mark.parametrize(
    ("method", "path", "call"),
    [
        ("POST", "/oauth/token", TokenCall()),
        ("GET", "/v2/interop/tenants", TenantsCall(None)),
        ("GET", "/v2/interop/tenants/a", TenantsCall("a")),
        ("GET", f"{SCOPING}/schools", ScopingCall("list", "schools", None)),
        ("POST", f"{SCOPING}/schools", ScopingCall("create", "schools", None)),
        ("DELETE", f"{SCOPING}/schools", ScopingCall("clear", "schools", None)),
        ("GET", f"{SCOPING}/schools/a", ScopingCall("find", "schools", "a")),
        ("PUT", f"{SCOPING}/schools/a", ScopingCall("update", "schools", "a")),
        ("DELETE", f"{SCOPING}/schools/a", ScopingCall("delete", "schools", "a")),
        ("GET", f"{SCOPING}/courses", ScopingCall("list", "courses", None)),
        ("POST", f"{SCOPING}/courses", ScopingCall("create", "courses", None)),
        ("DELETE", f"{SCOPING}/courses", ScopingCall("clear", "courses", None)),
        ("GET", f"{SCOPING}/courses/a", ScopingCall("find", "courses", "a")),
        ("PUT", f"{SCOPING}/courses/a", ScopingCall("update", "courses", "a")),
        ("DELETE", f"{SCOPING}/courses/a", ScopingCall("delete", "courses", "a")),
        # the trap of the real world: an id of "." is the whole list
        ("DELETE", f"{SCOPING}/courses/%2E", ScopingCall("clear", "courses", None)),
    ],
)
def test_the_token_call_and_the_fourteen_operations(method: str, path: str, call: Call) -> None:
    assert route(Request(method, path)) == call


@pytest.mark.parametrize(
    "path", ["/", "/v2", "/v2/interop", "/v2/interop/tenants/a/b", f"{SCOPING}/teachers", f"{SCOPING}/schools/a/b"]
)
def test_an_unknown_path_is_404(path: str) -> None:
    with pytest.raises(Refusal) as caught:
        route(Request("GET", path))
    assert caught.value.response.status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/oauth/token", "POST"),
        ("DELETE", "/v2/interop/tenants/a", "GET"),
        ("PUT", f"{SCOPING}/schools", "GET, POST, DELETE"),
        ("POST", f"{SCOPING}/courses/a", "GET, PUT, DELETE"),
        ("HEAD", f"{SCOPING}/courses", "GET, POST, DELETE"),
    ],
)
def test_an_unknown_method_is_405_and_says_what_is_allowed(method: str, path: str, allowed: str) -> None:
    with pytest.raises(Refusal) as caught:
        route(Request(method, path))
    assert caught.value.response.status == 405
    assert caught.value.response.headers["Allow"] == allowed
