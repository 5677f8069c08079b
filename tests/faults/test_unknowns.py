"""What the vendor's page leaves open, each answer tried: lists are read whole, writes say what became of them."""

from __future__ import annotations

from itertools import product
from math import ceil
from typing import TYPE_CHECKING, Any, get_args

import pytest

from scopesync.errors import AnswerError, WriteError
from scopesync.live.reader import row_key
from scopesync.model import KINDS, SCHOOLS
from scopesync.sandbox.api.behaviour import Behaviour, PagingNext
from tests.faults.fleet import Fleet, rows, stored, tenant_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.model import LiveTenant, Row
    from scopesync.sandbox.api.store import Store

OURS = tenant_id(0)
SIZES = (0, 1, 4, 5, 6, 10, 11)
ENDS = ("absent", "null", "empty")
SILENT = ("absent", "null")
FORMS: Sequence[PagingNext] = get_args(PagingNext)


@pytest.fixture(scope="module")
def stores() -> dict[int, Store]:
    """For each size a tenant with so many schools and twice as many courses."""
    return {size: stored((size, 2 * size)) for size in SIZES}


def _read(store: Store, behaviour: Behaviour, *, page_size: int = 5) -> tuple[LiveTenant, list[str]]:
    fleet = Fleet(store, behaviour, page_size=page_size)
    with fleet.reading() as connection:
        live = connection.tenant(fleet.tenant(0)).read()
    return live, [served.path.rsplit("/", 1)[1] for served in fleet.engine.served]


@pytest.mark.parametrize(("form", "end"), list(product(FORMS, ENDS)))
@pytest.mark.parametrize("most", [2, 5, 500])
@pytest.mark.parametrize("honours", [True, False])
def test_a_list_is_whole_in_every_way_of_paging(
    stores: dict[int, Store], form: PagingNext, end: Any, most: int, *, honours: bool
) -> None:
    paging = Behaviour(paging_next=form, paging_end=end, max_page_size=most, honours_page_size=honours)
    for size, store in stores.items():
        live, asked = _read(store, paging)
        for kind, count in zip(KINDS, (size, 2 * size), strict=True):
            assert live.listing(kind).rows == store.rows(OURS, kind.name)
            least = max(1, ceil(count / (min(most, 5) if honours else most)))
            assert asked.count(kind.name) <= least + 1
        assert live.identity.state == ("verified" if size else "unverified")
        assert asked.count("token") == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", FORMS)
def test_a_full_page_may_announce_one_that_is_empty(stores: dict[int, Store], size: int, form: PagingNext) -> None:
    live, asked = _read(stores[size], Behaviour(paging_next=form, next_after_full_page=True))
    assert live.schools.rows == stores[size].rows(OURS, "schools")
    hollow = form not in SILENT and size % 5 == 0 and size > 0
    assert asked.count("schools") <= (2 * (size // 5 + 1) if hollow else size // 5 + 2)


def test_fault_41_a_list_that_must_be_read_twice_may_hold_a_field_that_moves_on_each_read(
    stores: dict[int, Store],
) -> None:
    live, _ = _read(stores[5], Behaviour(next_after_full_page=True, stamps="read"))
    assert len(live.schools.rows) == 5


@pytest.mark.parametrize("size", [0, 4, 11])
def test_a_page_size_that_is_refused_is_no_list(stores: dict[int, Store], size: int) -> None:
    with pytest.raises(AnswerError, match="answered 400: invalid_parameter; page_size may be 2 at most"):
        _read(stores[size], Behaviour(max_page_size=2, oversized_page="reject"))


@pytest.mark.parametrize("nulls", ["keep", "drop", "fill"])
@pytest.mark.parametrize("named", [True, False])
def test_rows_come_through_as_they_are(nulls: Any, named: bool) -> None:  # noqa: FBT001 - one of the unknowns
    store = stored((0, 0))
    odd: list[dict[str, Any]] = [
        {"tenant_id": OURS, "name": None},
        {"school_id": "a", "id": "an-id-of-its-own", "selected": None},
        {"school_ref_id": "R", "unknown": {"deep": [1, None]}},
    ]
    store.replace(OURS, "schools", odd)
    live, _ = _read(store, Behaviour(nulls=nulls, rows_carry_tenant_id=named))
    shown = [{name: value for name, value in row.items() if named or name != "tenant_id"} for row in odd]
    assert list(live.schools.rows) == shown
    assert live.identity.state == ("verified" if named else "unverified")
    assert [row_key(row, SCHOOLS) for row in live.schools.rows][1] == "an-id-of-its-own"


def _written(behaviour: Behaviour, write: str, *arguments: Any) -> tuple[list[Row], WriteError | None]:
    """The schools after one write on five of them, and what it raised."""
    fleet = Fleet(stored((5, 0)), behaviour, page_size=100)
    failure = None
    with fleet.writing() as connection:
        try:
            getattr(connection.writer(fleet.tenant(0)), write)(SCHOOLS, *arguments)
        except WriteError as error:
            failure = error
    return list(fleet.store.rows(OURS, "schools")), failure


BEFORE = rows(OURS, "schools", 5)
OWNED = {"account_id": OURS, "tenant_id": OURS}


@pytest.mark.parametrize("put", ["replace", "merge"])
def test_a_put_of_the_whole_row_comes_out_alike_whether_it_merges_or_replaces(put: Any) -> None:
    row = {**BEFORE[2], "name": "Renamed"}
    after, failure = _written(Behaviour(put=put), "update", row["school_id"], row)
    assert failure is None
    assert after == [*BEFORE[:2], {**row, **OWNED}, *BEFORE[3:]]


@pytest.mark.parametrize(
    ("append", "landed", "status"), [("reject", False, 400), ("duplicate", None, None), ("update", None, None)]
)
def test_an_append_of_what_is_there_is_refused_or_shows_when_it_is_read_back(
    append: Any, landed: Any, status: int | None
) -> None:
    after, failure = _written(Behaviour(append=append), "append", [BEFORE[0]])
    expected = {
        "reject": BEFORE,
        "duplicate": [*BEFORE, {**BEFORE[0], **OWNED}],
        "update": [{**BEFORE[0], **OWNED}, *BEFORE[1:]],
    }
    assert after == expected[append]
    assert (failure is not None) == (append == "reject")
    assert failure is None or (failure.landed, failure.status) == (landed, status)


@pytest.mark.parametrize("append", ["reject", "duplicate", "update"])
def test_an_append_of_new_rows_and_a_replace_come_out_alike(append: Any) -> None:
    new = {"school_id": tenant_id(9), "name": "New"}
    after, failure = _written(Behaviour(append=append), "append", [new])
    assert failure is None
    assert after == [*BEFORE, {**new, **OWNED}]
    assert _written(Behaviour(append=append), "replace", [new]) == ([{**new, **OWNED}], None)


@pytest.mark.parametrize("limit", [{"max_rows_per_post": 1}, {"max_body_bytes": 50}])
def test_a_body_beyond_the_servers_limit_is_refused_and_nothing_happened(limit: dict[str, Any]) -> None:
    new = [{"school_id": tenant_id(number), "name": "New"} for number in (8, 9)]
    after, failure = _written(Behaviour(**limit), "append", new)
    assert failure is not None
    assert (failure.landed, failure.status, after) == (False, 413, BEFORE)
