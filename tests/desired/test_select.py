from __future__ import annotations

import pytest

from scopesync.desired.select import select
from scopesync.errors import UsageError
from scopesync.model import Connection, DesiredTenant, Tenant

US2 = Connection("us2", "https://api.us2.kimonocloud.com")


def tenant(name: str, identity: str, **labels: str) -> DesiredTenant:
    return DesiredTenant(Tenant(identity, name), US2, {}, labels=labels)


FLEET = (
    tenant("north", "id-1", region="midwest", tier="pilot"),
    tenant("south", "id-2", region="midwest"),
    tenant("west", "id-3", region="coast", tier="full"),
)


@pytest.mark.parametrize(
    ("names", "labels", "chosen"),
    [
        ([], [], "north south west"),
        (["west", "north"], [], "north west"),
        (["id-2", "south"], [], "south"),
        ([], ["region=midwest"], "north south"),
        ([], ["region=midwest,tier!=pilot"], "south"),
        ([], ["region==midwest, tier = pilot"], "north"),
        ([], ["region=midwest", "tier=pilot"], "north"),
        ([], ["region!=midwest"], "west"),
        (["north", "west"], ["region=coast"], "west"),
    ],
)
def test_tenants_are_chosen_by_name_id_and_label(names: list[str], labels: list[str], chosen: str) -> None:
    assert [one.tenant.name for one in select(FLEET, names, labels)] == chosen.split()


def test_an_unknown_name_is_wrong_usage_with_the_nearest_name() -> None:
    with pytest.raises(UsageError) as caught:
        select(FLEET, ["nroth"], [])
    assert caught.value.hint == 'did you mean "north"?'


def test_a_name_in_a_project_without_tenants_leads_to_import() -> None:
    with pytest.raises(UsageError) as caught:
        select((), ["north"], [])
    assert caught.value.hint == "there is none yet: `scopesync import` writes tenant files"


def test_a_selector_that_fits_nobody_is_wrong_usage() -> None:
    with pytest.raises(UsageError) as caught:
        select(FLEET, [], ["region=midwst"])
    assert "region=midwest" in (caught.value.hint or "")


@pytest.mark.parametrize("label", ["region", "=x", "a=", "", "a=b,", "!=x"])
def test_a_selector_that_cannot_be_read_is_wrong_usage(label: str) -> None:
    with pytest.raises(UsageError, match="is no selector"):
        select(FLEET, [], [label])


def test_a_word_that_means_two_tenants_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="the name of one tenant and the id of another"):
        select((*FLEET, tenant("id-1", "id-9")), ["id-1"], [])


def test_no_tenants_and_no_choice_is_no_tenants() -> None:
    assert select((), [], []) == ()
