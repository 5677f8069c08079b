"""What a read costs, counted: ceil(rows / page) requests a list, one token a tenant, and nothing else.

A list whose last page is full costs one more: without an empty page behind it, its end is not proved (API unknown 2).
An empty list costs one more too: a server that counts pages from 1 would hide a whole list behind an empty page 0.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from typing import TYPE_CHECKING, get_args

import pytest

from scopesync.live.reader import TenantReader
from scopesync.sandbox.api.behaviour import Behaviour, PagingNext
from tests.faults.fleet import Fleet, stored, tenant_id

if TYPE_CHECKING:
    from scopesync.sandbox.api.engine import Served

ANNOUNCED = [form for form in get_args(PagingNext) if form not in ("absent", "null")]
SIZES = ((3, 25), (12, 40), (0, 21), (10, 100), (1, 2000))
PAGE = 10


def _counted(served: tuple[Served, ...]) -> Counter[tuple[str | None, str]]:
    """How many requests of each kind each tenant made; None is the vendor."""
    return Counter((one.tenant_id, one.path.rsplit("/", 1)[1]) for one in served)


def _pages(rows: int) -> int:
    return rows // PAGE + 1 if rows else 2


def _expected() -> Counter[tuple[str | None, str]]:
    costs: Counter[tuple[str | None, str]] = Counter()
    for number, (schools, courses) in enumerate(SIZES):
        costs[tenant_id(number), "schools"] = _pages(schools)
        costs[tenant_id(number), "courses"] = _pages(courses)
        costs[tenant_id(number), "token"] = 1
    return costs


@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("form", ANNOUNCED)
def test_a_fleet_costs_its_pages_and_one_token_a_tenant(form: PagingNext, threads: int) -> None:
    fleet = Fleet(stored(*SIZES), Behaviour(paging_next=form), page_size=PAGE)
    with fleet.reading() as connection, ThreadPoolExecutor(threads) as pool:
        readers = [connection.tenant(fleet.tenant(number)) for number in range(len(SIZES))]
        lives = list(pool.map(TenantReader.read, readers))
    assert [(len(live.schools.rows), len(live.courses.rows)) for live in lives] == list(SIZES)
    assert _counted(fleet.engine.served) == _expected()


def test_a_vendor_key_costs_the_pages_of_its_tenants_once() -> None:
    fleet = Fleet(stored(*SIZES), Behaviour(), page_size=PAGE, vendor=True)
    with fleet.reading() as connection:
        for number in range(len(SIZES)):
            assert connection.tenant(fleet.tenant(number)).read().notes == ()
    assert _counted(fleet.engine.served) == _expected() + Counter({(None, "tenants"): ceil(len(SIZES) / PAGE)})


def test_a_server_that_announces_nothing_costs_one_request_more_for_the_longest_list_so_far() -> None:
    fleet = Fleet(stored((3, 4), (2, 4), (5, 1)), Behaviour(paging_next="absent"), page_size=PAGE)
    with fleet.reading() as connection:
        for number in range(3):
            connection.tenant(fleet.tenant(number)).read()
    asked = [one.path.rsplit("/", 1)[1] for one in fleet.engine.served if "/scoping/" in one.path]
    assert asked == [
        "courses",
        "courses",
        "schools",
        "schools",
        "courses",
        "courses",
        "schools",
        "courses",
        *["schools"] * 2,
    ]
