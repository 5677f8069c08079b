"""docs/guards.md: its table is the code's, as the schemas' names are; what it advises does what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.guards import MADE, ROOT
from tests.support.builders import course, desired, live, planned, school

if TYPE_CHECKING:
    from collections.abc import Callable

    from scopesync.model import DesiredTenant, LiveTenant
    from tests.cli.conftest import Shell

    Edit = Callable[[str, str, str], None]

FILE = "tenants/st-brigids-diocesan-schools-ceatharlach.yaml"
ROW = '  - school_id: "5f0e8c1a-1111-4111-8111-000000000001"\n    name: Springfield\n'


@pytest.mark.parametrize("name", MADE)
def test_the_guards_that_a_file_names_are_those_of_the_code(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert MADE[name](text) == text, "python -m tests.docs.guards"


def test_protection_is_lifted_in_two_applies(fleet: Shell, edit: Edit) -> None:
    without = (fleet.root / FILE).read_text("utf-8")
    edit(FILE, "schools:\n", f"schools:\n{ROW}    protect: true\n")
    assert fleet("apply", "--yes").code == 0
    (fleet.root / FILE).write_text(without, "utf-8")
    refused = fleet("plan")
    assert (refused.code, "protected-row" in refused.out) == (3, True)
    edit(FILE, "schools:\n", f"schools:\n{ROW}")
    assert fleet("apply", "--yes").code == 0
    (fleet.root / FILE).write_text(without, "utf-8")
    assert fleet("apply", "--yes").code == 0


def test_one_refused_tenant_stops_all_and_the_others_can_be_named(fleet: Shell, edit: Edit) -> None:
    text = (fleet.root / FILE).read_text("utf-8")
    (fleet.root / FILE).write_text(text.partition("schools:")[0] + "schools: []\n", "utf-8")
    other = next(path for path in (fleet.root / "tenants").glob("riverbend*.yaml"))
    edit(f"tenants/{other.name}", "schools:\n", f"schools:\n{ROW}")
    assert fleet("apply", "--yes").code == 3
    assert fleet("plan", other.stem, "--detailed-exitcode").code == 2
    assert fleet("apply", other.stem, "--yes").code == 0


def test_courses_that_are_given_an_id_of_their_school_let_its_reference_change() -> None:
    def both(reference: str, *school_ids: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        return [school("s", school_ref_id=reference)], [course("c", *school_ids, school_ref_id=reference)]

    assert _refused(desired(*both("new")), live(*both("old"))) == ["no-safe-order"]
    assert _refused(desired(*both("old", "s")), live(*both("old"))) == []
    assert _refused(desired(*both("new", "s")), live(*both("old", "s"))) == []


def test_a_school_leaves_with_its_courses_or_once_they_are_elsewhere() -> None:
    schools = [school("s"), school("t")]
    have = live(schools, [course("c", "s"), course("d", "t"), course("e", "t")])
    assert _refused(desired(schools[1:]), have) == ["orphaned-course"]
    assert _refused(desired(schools[1:], [course("d", "t"), course("e", "t")]), have) == []
    assert _refused(desired(schools[1:], [course("c", "t"), course("d", "t"), course("e", "t")]), have) == []


def _refused(want: DesiredTenant, have: LiveTenant) -> list[str]:
    return [refusal.guard for refusal in planned(want, have).refusals]
