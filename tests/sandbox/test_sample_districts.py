from __future__ import annotations

import hashlib
import json
from collections import Counter

from scopesync.sandbox.api.behaviour import PLAIN
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.api.stored_rows import checked
from scopesync.sandbox.sample_districts import districts, load_fleet


def test_three_active_districts_of_a_believable_size_and_a_small_one_that_expired() -> None:
    sizes = [(d.record["license"]["status"], len(d.schools), len(d.courses)) for d in districts()]
    assert sizes == [("active", 42, 1272), ("active", 24, 576), ("active", 14, 320), ("expired", 3, 18)]


def test_the_fleet_is_the_same_one_for_ever() -> None:
    text = json.dumps([[d.record, d.schools, d.courses] for d in districts()], sort_keys=True)
    # people keep tenant files of this fleet, and its ids are in examples: change it only on purpose
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "88df2108fe19210f992b77c2ebe92a118d995d03a9133d9c8c50d79af5f1cf7b"
    )


def test_every_row_is_sound_and_belongs_to_its_tenant() -> None:
    for district in districts():
        owner = (district.record["account"]["id"], district.id)
        for row in district.schools:
            checked(row, "schools", where="row", behaviour=PLAIN)
            assert (row["account_id"], row["tenant_id"]) == owner
        for row in district.courses:
            checked(row, "courses", where="row", behaviour=PLAIN)
            assert (row["account_id"], row["tenant_id"]) == owner


def test_no_id_is_used_twice_anywhere() -> None:
    ids = Counter(row["school_id"] for d in districts() for row in d.schools)
    ids.update(row["course_id"] for d in districts() for row in d.courses)
    ids.update(d.id for d in districts())
    ids.update(d.record["account"]["id"] for d in districts())
    assert set(ids.values()) == {1}
    assert len({d.client_id for d in districts()}) == len({d.client_secret for d in districts()}) == 4


def test_every_course_belongs_to_a_school_of_its_district_and_every_school_teaches() -> None:
    for district in districts():
        schools = {row["school_id"]: row["school_ref_id"] for row in district.schools}
        assert {row["school_id"] for row in district.courses} == schools.keys()
        assert all(schools[row["school_id"]] == row["school_ref_id"] for row in district.courses)


def test_names_and_numbers_are_as_hard_as_in_real_life() -> None:
    for district in districts()[:3]:
        rows = district.schools + district.courses
        names = "".join(row["name"] for row in rows)
        assert all(mark in names for mark in "'&(,-")
        assert not names.isascii()
        assert max(len(row["name"]) for row in rows) > 80
        assert any(row.get("local_id", "").startswith("0") for row in rows)
        assert any("local_id" not in row for row in district.schools)
        assert any("local_id" not in row for row in district.courses)
        assert {row["selected"] for row in rows} == {True, False}


def test_districts_lie_in_different_regions() -> None:
    assert len({d.record["cloud"]["name"] for d in districts()}) == 4


def test_a_record_has_every_part_that_the_page_shows() -> None:
    for district in districts():
        shape = {key: set(value) for key, value in district.record.items() if isinstance(value, dict)}
        assert shape == {
            "account": {"id", "name", "public_id", "timezone", "userdata"},
            "cloud": {"id", "name", "generation", "env"},
            "integration": {"id", "name", "version"},
            "license": {"status", "valid_from", "valid_to"},
            "status": {"op_state", "setup_state", "last_sync_at"},
            "sis_status": {"op_state", "setup_state", "last_sync_at"},
            "auth": {"type", "client_id", "client_secret", "updated_at"},
        }


def test_loading_puts_the_fleet_in_the_place_of_what_was_there() -> None:
    store = Store.in_memory()
    load_fleet(store)
    first = districts()[0]
    store.replace(first.id, "schools", [])
    load_fleet(store)
    assert store.tenants() == tuple(d.record for d in districts())
    for district in districts():
        assert store.rows(district.id, "schools") == district.schools
        assert store.rows(district.id, "courses") == district.courses
