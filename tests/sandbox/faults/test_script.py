from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scopesync.sandbox.faults.conditions import When
from scopesync.sandbox.faults.effects import (
    Answer,
    Behave,
    Cut,
    Delay,
    Drip,
    Drop,
    ExpireTokens,
    GzipBomb,
    LongHeader,
    Pad,
    Shift,
    Spoil,
    Swap,
)
from scopesync.sandbox.faults.script import EFFECTS, NO_FAULTS, load_script, read_script, script_of
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

TENANT = "dddddddd-0000-4000-8000-000000000000"
YAML = b"""
seed: 7
faults:
  - name: lost
    when: {method: [POST], operation: [write, list], path: "*/schools", query: {replace: false}, list: schools, page: 0,
      tenant: DDDDDDDD-0000-4000-8000-000000000000, from: 2, to: 9, every: 2, times: 3, probability: 0.5, per: tenant}
    do: {drop: after}
  - do: {answer: {status: 503, headers: {Retry-After: 2}}}
"""


def effect(do: dict[str, Any]) -> object:
    (found,) = read_script({"faults": [{"do": do}]}).faults[0].effects
    return found


def test_every_word_of_when_has_its_meaning() -> None:
    lost, refused = script_of(YAML).faults
    assert lost.name == "lost"
    assert lost.when == When(
        methods={"POST"},
        operations={"create", "clear", "update", "delete", "list"},
        path="*/schools",
        query={"replace": "false"},
        list_name="schools",
        page=0,
        tenant_id=TENANT,
        first=2,
        last=9,
        every=2,
        times=3,
        probability=0.5,
        per_tenant=True,
    )
    assert (refused.name, refused.when) == ("faults[1]", When())


@pytest.mark.parametrize(
    ("do", "meant"),
    [
        ({"delay": 2}, Delay(after=2)),
        ({"delay": {"before": 1, "after": 0.5}}, Delay(before=1, after=0.5)),
        ({"drop": "before"}, Drop(after_work=False)),
        ({"drop": "after"}, Drop(after_work=True)),
        ({"cut": -1}, Cut(-1)),
        ({"drip": {}}, Drip(1, 1)),
        ({"drip": {"bytes": 3, "pause": 0.1}}, Drip(3, 0.1)),
        ({"endless": True}, Pad(None)),
        ({"huge": 5_000_000_000}, Pad(5_000_000_000)),
        ({"long_header": 70_000}, LongHeader(70_000)),
        ({"gzip_bomb": 1000}, GzipBomb(1000)),
        ({"spoil": "wrong-types"}, Spoil("wrong-types")),
        ({"answer": 503}, Answer(503)),
        ({"answer": {"status": 429, "headers": {"Retry-After": 2}}}, Answer(429, {"Retry-After": "2"})),
        ({"answer": {"status": 200, "json": [], "done": True}}, Answer(200, {}, b"[]", done=True)),
        ({"answer": {"status": 200, "text": "gone"}}, Answer(200, {}, b"gone")),
        ({"redirect": "//elsewhere"}, Answer(307, {"Location": "//elsewhere"})),
        ({"redirect": {"to": "/", "status": 301}}, Answer(301, {"Location": "/"})),
        ({"expire_tokens": "tenant"}, ExpireTokens(everyones=False)),
        ({"expire_tokens": "all"}, ExpireTokens(everyones=True)),
        ({"shift": {"insert": 1, "move": 2}}, Shift(insert=1, move=2)),
        ({"swap": TENANT.upper()}, Swap(TENANT)),
        ({"behaviour": {"put": "merge", "expires_in": "soon"}}, Behave({"put": "merge", "expires_in": "soon"})),
    ],
)
def test_every_word_of_do_has_its_meaning(do: dict[str, Any], meant: object) -> None:
    assert effect(do) == meant


def test_which_effect_wraps_which_does_not_depend_on_how_they_are_written() -> None:
    written = {"behaviour": {"put": "merge"}, "spoil": "html", "answer": 503, "drop": "after", "delay": 1}
    (fault,) = read_script({"faults": [{"do": written}]}).faults
    assert [type(one) for one in fault.effects] == [Delay, Drop, Spoil, Answer, Behave]
    assert (*EFFECTS,)[:: len(EFFECTS) - 1] == ("delay", "behaviour")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "at the top: a mapping is wanted here, not None"),
        ({}, "a script needs a list under 'faults', if only []"),
        ({"fault": []}, "at the top: 'fault' is not known; did you mean 'faults'?"),
        ({"faults": {}}, "faults: a list is wanted here, not {}"),
        ({"faults": [], "seed": "x"}, "seed: a whole number is wanted here, not 'x'"),
        ({"faults": [{}]}, "faults[0]: a fault needs 'do'"),
        ({"faults": [{"do": {}}]}, "faults[0].do: at least one effect is wanted here, not {}"),
        ({"faults": [{"do": {"dorp": "after"}}]}, "faults[0].do: 'dorp' is not known; did you mean 'drop'?"),
    ],
)
def test_what_is_no_script_is_refused_with_its_place(document: object, message: str) -> None:
    with pytest.raises(SandboxError) as caught:
        read_script(document)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"operation": "wipe"}, "operation: one of token, list-tenants, find-tenant, list, find, create"),
        ({"method": ["GET", "get"]}, r"method\[1\]: one of GET"),
        ({"list": "teachers"}, "list: one of schools, courses"),
        ({"tenant": "springfield"}, "tenant: a tenant's id, a UUID"),
        ({"page": -1}, "page: 0 or more"),
        ({"from": 0}, "from: 1 or more"),
        ({"from": 3, "to": 2}, "to: a number not below 'from' is wanted here, not 2"),
        ({"probability": 2}, "probability: a number from 0 to 1"),
        ({"per": "list"}, "per: one of all, tenant"),
    ],
)
def test_a_condition_that_is_none_is_refused(when: dict[str, Any], message: str) -> None:
    with pytest.raises(SandboxError, match=rf"^faults\[0\]\.when\.{message}"):
        read_script({"faults": [{"when": when, "do": {"answer": 500}}]})


@pytest.mark.parametrize(
    ("do", "message"),
    [
        ({"answer": 99}, "answer: a whole number from 200 to 599"),
        ({"answer": {}}, "answer: 'status' is missing"),
        ({"answer": {"status": 200, "text": "", "json": 1}}, "answer: 'json' and 'text' exclude each other"),
        ({"answer": {"status": 200, "json": {1, 2}}}, "answer.json: data that JSON can hold"),
        ({"redirect": {}}, "redirect: 'to' is missing"),
        ({"endless": False}, "endless: true is wanted"),
        ({"spoil": "milk"}, "spoil: one of html"),
        ({"behaviour": {"paging": "token"}}, "behaviour: 'paging' is not known; did you mean"),
        ({"behaviour": {"put": "patch"}}, "behaviour.put: one of replace, merge is wanted here, not 'patch'"),
        ({"behaviour": {"trims_text": 1}}, "behaviour.trims_text: true or false is wanted here, not 1"),
        ({"behaviour": {"expires_in": 1.5}}, "behaviour.expires_in: a whole number or text or null is wanted"),
        ({"behaviour": {"max_page_size": True}}, "behaviour.max_page_size: a whole number is wanted"),
        ({"behaviour": {"max_page_size": 0}}, "behaviour: max_page_size must be 1 or more"),
    ],
)
def test_an_effect_that_is_none_is_refused(do: dict[str, Any], message: str) -> None:
    with pytest.raises(SandboxError, match=rf"^faults\[0\]\.do\.{message}"):
        read_script({"faults": [{"do": do}]})


def test_json_is_as_good_as_yaml(tmp_path: Path) -> None:
    document = {"faults": [{"do": {"answer": 503}}]}
    file = tmp_path / "faults.json"
    file.write_text(json.dumps(document))
    assert load_script(file).faults == read_script(document).faults
    assert load_script(file).document == document
    assert NO_FAULTS.faults == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"faults: [", "this is no YAML: the parser stops at line 1, column 10"),
        (b"\xff\xfe\x00", "this is no YAML"),
        (b"[" * 2_000, "this is no YAML: nested too deep"),
        (b"faults: 1", "faults: a list is wanted"),
    ],
)
def test_a_file_that_is_no_script_is_named(tmp_path: Path, text: bytes, message: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_bytes(text)
    with pytest.raises(SandboxError, match=rf"faults\.yaml: {message}"):
        load_script(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"none\.yaml: cannot be read: No such file"):
        load_script(tmp_path / "none.yaml")
