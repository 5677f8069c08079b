from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from scopesync.sandbox.api.store import Store
from scopesync.sandbox.sample_districts import districts
from scopesync.sandbox.setup_error import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

T = "tenant"


def school(number: int, **fields: object) -> dict[str, object]:
    return {"school_id": f"s{number}", **fields}


def test_rows_come_back_as_they_were_in_the_same_order() -> None:
    store = Store.in_memory()
    rows = (school(3, name="Été \ud800\0", extra={"a": [None, 1.5]}), school(1), {"name": "no id"}, school(2))
    store.replace(T, "schools", rows)
    assert store.rows(T, "schools") == rows
    assert store.rows(T, "schools", offset=1, limit=2) == rows[1:3]
    assert store.rows(T, "schools", offset=9) == ()
    assert (store.count(T, "schools"), store.count(T, "courses"), store.count("other", "schools")) == (4, 0, 0)


def test_a_row_is_put_in_its_place_and_removed_by_its_key() -> None:
    store = Store.in_memory()
    store.replace(T, "schools", [school(1), school(2), school(3)])
    assert store.put(T, "schools", school(2, name="new")) == 1
    assert store.put(T, "schools", school(9)) == 0
    assert store.row(T, "schools", "S2") == school(2, name="new")
    assert store.delete(T, "schools", "s1") == 1
    assert store.delete(T, "schools", "s1") == 0
    assert store.rows(T, "schools") == (school(2, name="new"), school(3))
    assert store.row(T, "schools", "s1") is None


def test_every_row_of_a_repeated_key_is_put_and_removed() -> None:
    store = Store.in_memory()
    store.replace(T, "schools", [school(1, name="a"), school(2), school(1, name="b")])
    assert store.row(T, "schools", "s1") == school(1, name="a")
    assert store.put(T, "schools", school(1)) == 2
    assert store.delete(T, "schools", "s1") == 2
    assert store.rows(T, "schools") == (school(2),)


def test_a_replace_that_fails_leaves_the_list_as_it_was() -> None:
    store = Store.in_memory()
    store.replace(T, "schools", [school(1)])
    with pytest.raises(TypeError):
        store.replace(T, "schools", [school(2), school(3, bad=object())])
    assert store.rows(T, "schools") == (school(1),)


def test_tenants_are_found_by_id_and_by_client_id() -> None:
    store = Store.in_memory()
    record = districts()[0].record
    store.put_tenant(record)
    store.put_tenant(districts()[1].record)
    store.put_tenant({**record, "name": "Renamed", "auth": {**record["auth"], "client_id": "other"}})
    assert [tenant["name"] for tenant in store.tenants()] == ["Renamed", districts()[1].name]
    assert store.tenant(record["id"].upper()) == store.tenant_of_client("other") == store.tenants()[0]
    assert store.tenant("x") is None
    assert store.tenant_of_client(record["auth"]["client_id"]) is None


def test_a_client_id_opens_one_tenant_only() -> None:
    store = Store.in_memory()
    first, second = districts()[:2]
    store.put_tenant(first.record)
    with pytest.raises(sqlite3.IntegrityError):
        store.put_tenant({**second.record, "auth": first.record["auth"]})


def test_a_file_remembers(tmp_path: Path) -> None:
    path = tmp_path / "data file.db"
    with closing(Store.open(path)) as store:
        store.put_tenant(districts()[0].record)
        store.replace(T, "courses", [{"course_id": "c1"}])
    with closing(Store.open(path)) as store:
        assert store.tenants() == (districts()[0].record,)
        assert store.rows(T, "courses") == ({"course_id": "c1"},)


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, and long enough to be seen as none" * 9)
    database = tmp_path / "ledger.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE run (id)")
    for path in (text, database, tmp_path / "no such folder" / "x.db"):
        before = path.read_bytes() if path.exists() else None
        with pytest.raises(SandboxError, match=path.name):
            Store.open(path)
        assert (path.read_bytes() if path.exists() else None) == before


def test_many_threads_may_use_one_store() -> None:
    store = Store.in_memory()

    def work(number: int) -> int:
        for _ in range(20):
            store.replace(f"t{number}", "schools", [school(row) for row in range(number)])
            store.delete(f"t{number}", "schools", "s0")
        return store.count(f"t{number}", "schools")

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(1, 9))) == list(range(8))


def test_closing_twice_is_closing_once() -> None:
    store = Store.in_memory()
    store.close()
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.tenants()


def test_the_first_row_of_a_repeated_key_alone_may_be_put_and_removed() -> None:
    store = Store.in_memory()
    store.replace(T, "schools", [school(1, name="a"), school(2), school(1, name="b")])
    assert store.put(T, "schools", school(1, name="c"), first_only=True) == 1
    assert store.rows(T, "schools") == (school(1, name="c"), school(2), school(1, name="b"))
    assert [store.delete(T, "schools", "s1", first_only=True) for _ in range(3)] == [1, 1, 0]
    assert store.rows(T, "schools") == (school(2),)
