"""Faults 13 to 16 and 18 to 23, one by one, through the sandbox's engine: the whole list or none, and its cost.

What only a socket can show is in tests/live/http: dripping bytes and endless headers (19) in test_client, the
environment (24) in test_client and test_network. A list that has collapsed (17) is a guard's business: it is
read as what it is.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from scopesync.errors import AnswerError, CredentialError, HostError, LiveError, UnreachableError, UnstableReadError
from scopesync.live.reader import TenantReader
from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.faults.spoiled_answers import FORMS
from tests.faults.fleet import Fleet, stored, tenant_id

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (7, 23)
PAGE = 5
EVIL = "https://evil.example/v2/interop/tenant/scoping/courses?page=1"
FAILURES: list[dict[str, Any]] = [
    *({"answer": status} for status in (408, 429, 500, 502, 503, 504)),
    {"drop": "before"},
    {"drop": "after"},
    {"cut": 0},
    {"cut": -1},
    {"delay": 35},
    {"drip": {"bytes": 10, "pause": 1}},
    {"endless": True, "drip": {"bytes": 1000, "pause": 1}},
]


def _under(*faults: dict[str, Any], **behaviour: Any) -> Fleet:
    return Fleet(stored(SIZES, (3, 3)), Behaviour(**behaviour), page_size=PAGE, faults=faults)


def _page(rows: Sequence[Any], following: Any) -> dict[str, Any]:
    return {"answer": {"status": 200, "json": {"data": rows, "paging": {"next": following}}}}


def _on(page: int | None, do: dict[str, Any], **when: Any) -> dict[str, Any]:
    paged = {} if page is None else {"page": page}
    return {"when": {"operation": "list", "list": "courses", **paged, **when}, "do": do}


def _check_whole(fleet: Fleet) -> None:
    """The read succeeds, and both lists are what they are."""
    live = fleet.read()
    assert live.courses.rows == fleet.store.rows(tenant_id(0), "courses")
    assert live.schools.rows == fleet.store.rows(tenant_id(0), "schools")
    assert live.identity.state == "verified"


@pytest.mark.parametrize("page", [0, 2, 4])
@pytest.mark.parametrize("do", FAILURES, ids=str)
def test_fault_13_a_page_that_fails_is_asked_for_again(do: dict[str, Any], page: int) -> None:
    fleet = _under(_on(page, do, times=2))
    _check_whole(fleet)
    assert len(fleet.faulty.struck) == 2


@pytest.mark.parametrize("page", [0, 2, 4])
@pytest.mark.parametrize("do", FAILURES, ids=str)
def test_fault_13_a_page_that_never_comes_is_no_list(do: dict[str, Any], page: int) -> None:
    fleet = _under(_on(page, do))
    with pytest.raises(UnreachableError, match="GET /v2/interop/tenant/scoping/courses"):
        fleet.read()
    most = 20 if do.get("answer") in (429, 503) else 5  # "later" costs no attempt, but time: fault 52
    assert 2 <= len(fleet.faulty.struck) <= most


def test_fault_14_an_empty_page_in_the_middle_is_no_end() -> None:
    _check_whole(_under(_on(1, _page([], "?page=1&again=yes"), times=1)))


@pytest.mark.parametrize("paging", ["absent", "null"])
def test_fault_14_a_full_last_page_without_an_end_marker_is_asked_beyond(paging: str) -> None:
    fleet = Fleet(stored((10, 20)), Behaviour(paging_next=paging), page_size=PAGE)  # type: ignore[arg-type]  # one of its words
    _check_whole(fleet)
    assert fleet.asked("courses") == 5


def test_fault_14_a_page_size_that_changes_on_the_way_is_read_again() -> None:
    fleet = _under(_on(1, {"behaviour": {"max_page_size": 3}}, times=1))
    _check_whole(fleet)
    assert fleet.asked("courses") > 10


@pytest.mark.parametrize("do", [_page([{}], "0"), _page([{"course_id": "a"}], "7"), _page([], "7")], ids=str)
def test_fault_14_a_next_that_leads_in_circles_is_no_list(do: dict[str, Any]) -> None:
    with pytest.raises(UnstableReadError):
        _under(_on(None, do)).read()


@pytest.mark.parametrize("empty", [{}, {"next": None}, {"next": ""}], ids=str)
def test_fault_14_an_announced_page_that_is_empty_once_is_not_the_end(empty: dict[str, Any]) -> None:
    _check_whole(_under(_on(2, {"answer": {"status": 200, "json": {"data": [], "paging": empty}}}, times=1)))


@pytest.mark.parametrize("shift", [{"insert": 1}, {"insert": 3}, {"move": 1}, {"insert": 2, "remove": 1}], ids=str)
@pytest.mark.parametrize("page", [1, 3, 4])
def test_fault_15_rows_that_move_between_two_pages_are_read_again(shift: dict[str, int], page: int) -> None:
    fleet = _under(_on(page, {"shift": shift}, times=1))
    _check_whole(fleet)
    assert fleet.asked("courses") > 10


def test_fault_15_a_list_that_never_rests_is_no_list() -> None:
    with pytest.raises(UnstableReadError, match="readings of the list differ"):
        _under(_on(2, {"shift": {"insert": 1}})).read()


OF_LISTS = [("list", form) for form in FORMS]
OF_TOKENS = [("token", form) for form in FORMS if not form.endswith("-data")]


@pytest.mark.parametrize(("operation", "form"), [*OF_LISTS, *OF_TOKENS])
def test_fault_16_what_makes_no_sense_is_asked_for_once_more(operation: str, form: str) -> None:
    def fault(**when: Any) -> dict[str, Any]:
        return {"when": {"operation": operation, **when}, "do": {"spoil": form}}

    once = _under(fault(times=1))
    _check_whole(once)
    assert len(once.faulty.struck) == 1
    always = _under(fault())
    with pytest.raises(LiveError, match=r"answered with|has no text in"):
        always.read()
    assert len(always.faulty.struck) == 2


def test_fault_18_what_nobody_knows_is_kept_and_duplicates_are_shown() -> None:
    fleet = _under()
    odd = [{"course_id": "a", "tenant_id": tenant_id(0), "new_field": {"deep": [1, None]}}] * 2
    fleet.store.replace(tenant_id(0), "courses", [*odd, {"name": "without an id"}])
    _check_whole(fleet)


@pytest.mark.parametrize("field", [{"name": 7}, {"selected": "yes"}, {"tenant_id": 1}, {"course_id": ["a"]}], ids=str)
def test_fault_18_a_known_field_of_another_type_is_no_list(field: dict[str, Any]) -> None:
    fleet = _under()
    fleet.store.replace(tenant_id(0), "courses", [{"name": "fine"}, field])
    with pytest.raises(AnswerError, match=f"row 1 of the page has no .* in {next(iter(field))}"):
        fleet.read()


@pytest.mark.parametrize("do", [{"gzip_bomb": 100_000_000}, {"huge": 100_000_000}, {"endless": True}], ids=str)
def test_fault_19_a_body_beyond_the_cap_is_cut_and_no_list(do: dict[str, Any]) -> None:
    with pytest.raises(AnswerError, match="is larger than 67108864 bytes"):
        _under(_on(1, do)).read()


@pytest.mark.parametrize("status", [404, 400, 410, 204, 206])
def test_fault_20_another_status_is_never_an_empty_list(status: int) -> None:
    with pytest.raises(AnswerError, match=f"answered {status}"):
        _under(_on(None, {"answer": status})).read()


@pytest.mark.parametrize("do", [{"answer": 401}, {"answer": 403}, {"expire_tokens": "tenant"}], ids=str)
@pytest.mark.parametrize("page", [0, 3])
def test_fault_20_a_refused_token_is_renewed_once(do: dict[str, Any], page: int) -> None:
    once = _under(_on(page, do, times=1))
    _check_whole(once)
    assert once.asked("/token") == 2
    always = _under(_on(page, do))
    with pytest.raises(CredentialError, match="the credential is refused"):
        always.read()
    assert always.asked("/token") == 2


@pytest.mark.parametrize("operation", ["list", "token"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_fault_21_a_redirect_is_refused(operation: str, status: int) -> None:
    fleet = _under({"when": {"operation": operation}, "do": {"redirect": {"to": EVIL, "status": status}}})
    with pytest.raises(LiveError, match="redirects are not followed"):
        fleet.read()
    assert len(fleet.faulty.struck) == 1


def test_fault_21_a_next_on_another_host_is_refused() -> None:
    fleet = _under(_on(0, _page([{}], EVIL)))
    with pytest.raises(HostError, match="another host; nothing was sent there"):
        fleet.read()
    assert len(fleet.faulty.struck) == 1


@pytest.mark.parametrize("operation", ["token", "list"])
def test_fault_22_the_credential_of_another_tenant_is_foreign(operation: str) -> None:
    swap = {"when": {"tenant": tenant_id(0), "operation": operation}, "do": {"swap": tenant_id(1)}}
    fleet = _under(swap)
    identity = fleet.read().identity
    assert (identity.state, tenant_id(1) in identity.evidence) == ("foreign", True)
    assert fleet.read(1).identity.state == "verified"


def test_fault_23_twenty_threads_make_one_token_request() -> None:
    fleet = _under()
    with fleet.reading() as connection, ThreadPoolExecutor(20) as pool:
        reader = connection.tenant(fleet.tenant(0))
        lives = list(pool.map(lambda _: TenantReader.read(reader), range(20)))
    assert {len(live.courses.rows) for live in lives} == {23}
    assert fleet.asked("/token") == 1


@pytest.mark.parametrize("expires_in", [1, 0, -1, None, "soon"])
def test_fault_23_a_strange_life_is_no_loop(expires_in: Any) -> None:
    fleet = _under(expires_in=expires_in)
    _check_whole(fleet)
    assert fleet.asked("/token") == 1
