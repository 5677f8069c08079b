from __future__ import annotations

import pytest

from scopesync.sandbox.api.engine import Behaviour
from scopesync.sandbox.api.messages import Refusal
from scopesync.sandbox.api.row_fields import FIELDS, Row
from scopesync.sandbox.api.stored_rows import changed, checked, joined, settled
from scopesync.sandbox.sample_districts import districts

A, B = "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"
TENANT = districts()[0].record
OWNER = {"account_id": TENANT["account"]["id"], "tenant_id": TENANT["id"]}


def school(school_id: str | None = A, **fields: object) -> Row:
    return {"school_id": school_id, **fields}


def test_the_rows_of_the_page_are_sound() -> None:
    for name, fields in FIELDS.items():
        examples = {"uuid": A, "text": "text", "flag": True}
        row = {field: examples[kind] for field, kind in fields.items()}
        assert checked(row, name, where="body", behaviour=Behaviour()) == row
        assert checked(dict.fromkeys(fields), name, where="body", behaviour=Behaviour()) == dict.fromkeys(fields)


@pytest.mark.parametrize(
    ("row", "details"),
    [
        ([], "data[0]"),
        ("text", "data[0]"),
        ({"name": 7}, "data[0].name"),
        ({"local_id": 42}, "data[0].local_id"),
        ({"selected": "true"}, "data[0].selected"),
        ({"selected": 1}, "data[0].selected"),
        ({"school_id": "0042"}, "data[0].school_id"),
        ({"school_id": f"{{{A}}}"}, "data[0].school_id"),
        ({"tenant_id": f"{A} "}, "data[0].tenant_id"),
    ],
)
def test_a_known_field_of_another_type_is_refused_and_named(row: object, details: str) -> None:
    with pytest.raises(Refusal) as caught:
        checked(row, "schools", where="data[0]", behaviour=Behaviour())
    assert caught.value.response.status == 400
    assert caught.value.response.document()["error"]["details"] == details


def test_a_server_may_take_ids_that_are_no_uuids_but_never_other_types() -> None:
    assert checked({"school_id": "0042"}, "schools", where="body", behaviour=Behaviour(checks_uuids=False)) == {
        "school_id": "0042"
    }
    with pytest.raises(Refusal):
        checked({"school_id": 42}, "schools", where="body", behaviour=Behaviour(checks_uuids=False))


def test_a_stored_row_belongs_to_its_tenant_and_keeps_what_is_unknown() -> None:
    row = school(tenant_id=None, building={"floors": [1, 2]}, course_id=7)
    stored = settled(row, "schools", tenant=TENANT, behaviour=Behaviour())
    assert stored == {"school_id": A, "building": {"floors": [1, 2]}, "course_id": 7, **OWNER}


@pytest.mark.parametrize("field", ["tenant_id", "account_id"])
def test_a_row_that_names_another_tenant_is_refused(field: str) -> None:
    with pytest.raises(Refusal) as caught:
        settled(school(**{field: B}), "schools", tenant=TENANT, behaviour=Behaviour())
    assert caught.value.response.document()["error"]["code"] == "foreign_row"


def test_text_of_known_fields_may_be_trimmed() -> None:
    row = school(name="  Scoil Naomh Bríd ", note=" as it is ", selected=True)
    trimmed = settled(row, "schools", tenant=TENANT, behaviour=Behaviour(trims_text=True))
    assert trimmed == school(name="Scoil Naomh Bríd", note=" as it is ", selected=True, **OWNER)


def test_a_name_may_be_normalised() -> None:
    row = school(name=" E\u0301cole\t de  l'Étincelle", note="E\u0301")
    normal = settled(row, "schools", tenant=TENANT, behaviour=Behaviour(normalises_names=True))
    assert normal == school(name="École de l'Étincelle", note="E\u0301", **OWNER)
    without = settled(school(), "schools", tenant=TENANT, behaviour=Behaviour(normalises_names=True))
    assert without == school(**OWNER)


def test_nulls_are_kept_dropped_or_filled_in() -> None:
    row = school(name=None)
    assert settled(row, "schools", tenant=TENANT, behaviour=Behaviour()) == school(name=None, **OWNER)
    assert settled(row, "schools", tenant=TENANT, behaviour=Behaviour(nulls="drop")) == school(**OWNER)
    filled = settled(school(name="x"), "schools", tenant=TENANT, behaviour=Behaviour(nulls="fill"))
    assert filled == {**dict.fromkeys(FIELDS["schools"]), **school(name="x", **OWNER)}


def test_an_append_rejects_duplicates_or_updates() -> None:
    live = (school(A, name="old"), school(B), school(None))
    sent = (school(A.upper(), name="new"), school(None))
    with pytest.raises(Refusal) as caught:
        joined(live, sent, "schools", Behaviour())
    assert caught.value.response.document()["error"]["code"] == "duplicate"
    assert joined(live, sent, "schools", Behaviour(append="duplicate")) == live + sent
    updated = joined(live, sent, "schools", Behaviour(append="update"))
    assert updated == (sent[0], school(B), school(None), school(None))


def test_ids_that_repeat_within_one_body_are_judged_alike() -> None:
    twice = (school(A, name="one"), school(A, name="two"))
    with pytest.raises(Refusal):
        joined((), twice, "schools", Behaviour())
    assert joined((), twice, "schools", Behaviour(append="duplicate")) == twice
    assert joined((), twice, "schools", Behaviour(append="update")) == twice[1:]


def test_what_is_doubled_already_does_not_stop_others_from_coming() -> None:
    doubled = (school(A), school(A))
    assert joined(doubled, (school(B),), "schools", Behaviour()) == (*doubled, school(B))


def test_put_replaces_or_merges_and_keeps_the_id() -> None:
    before = {"id": "own", **school(name="old", keywords="k", unknown=1)}
    sent = {"name": "new", "school_id": None}
    assert changed(before, sent, "schools", Behaviour()) == {"id": "own", **school(name="new")}
    merged = changed(before, sent, "schools", Behaviour(put="merge"))
    assert merged == {"id": "own", **school(name="new", keywords="k", unknown=1)}


def test_put_cannot_turn_a_row_into_another() -> None:
    with pytest.raises(Refusal) as caught:
        changed(school(A), school(B), "schools", Behaviour())
    assert caught.value.response.document()["error"]["code"] == "id_mismatch"
