"""Properties of plans: whatever is live and whatever is wanted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from scopesync.errors import ConfigurationError
from scopesync.model import KINDS, DesiredTenant, LiveTenant, Manage
from scopesync.plan.document import from_document, plan_digest, to_document
from scopesync.plan.planner import reviewed_calls
from scopesync.plan.types import FailedTenant, Plan, TenantPlan
from scopesync.row_identity import fingerprint, keyed
from scopesync.schemas import validator
from tests.support.builders import TENANT, course, desired, live, planned, school
from tests.support.examples import examples
from tests.support.model_server import ModelServer

if TYPE_CHECKING:
    from scopesync.documents import SourceDocument
    from scopesync.plan.call_sequence import CallSequence

IDS = st.sampled_from(["a", "b", "c", "d", "e"])
TEXTS = st.sampled_from(["", "Algebra", "Großschönau", "0042", "x | y", "\ud800"])


def _fields(*, unknown: bool) -> st.SearchStrategy[dict[str, Any]]:
    optional = {"name": TEXTS | st.none(), "local_id": TEXTS | st.none(), "selected": st.booleans() | st.none()}
    return st.fixed_dictionaries({}, optional={**optional, "color": TEXTS} if unknown else optional)


REFERENCE = st.fixed_dictionaries({}, optional={"school_ref_id": IDS})
LIVE_SCHOOLS = st.lists(
    st.builds(lambda key, ref, more: school(key, **ref, **more), IDS | st.none(), REFERENCE, _fields(unknown=True)),
    max_size=5,
)
LIVE_COURSES = st.lists(
    st.builds(
        lambda key, at, ref, more: course(key, at, **ref, **more),
        IDS | st.none(),
        IDS | st.none(),
        REFERENCE,
        _fields(unknown=True),
    ),
    max_size=5,
)
MANAGE: st.SearchStrategy[Manage] = st.sampled_from(["exact", "additive"])


@st.composite
def wanted_tenants(draw: st.DrawFn) -> DesiredTenant:
    """A tenant whose files are valid: unique ids, and courses of schools in scope."""
    ids = draw(st.lists(IDS, unique=True, max_size=5))
    references = draw(st.permutations("abcde"))
    schools = [
        school(key, **draw(_fields(unknown=False)), **draw(st.sampled_from([{}, {"school_ref_id": reference}])))
        for key, reference in zip(ids, references, strict=False)
    ]
    courses = []
    for key in draw(st.lists(IDS, unique=True, max_size=5)):
        at = draw(st.sampled_from([_pointers(row) for row in schools] or [[{}]]).flatmap(st.sampled_from))
        courses.append(course(key, **at, **draw(_fields(unknown=False))))
    return desired(
        draw(st.none() | st.just(schools)),
        draw(st.none() | st.just(courses)),
        manage=(draw(MANAGE), draw(MANAGE)),
        rows_per_call=draw(st.sampled_from([1, 2, 3, 1000])),
    )


def _pointers(at: dict[str, Any]) -> list[dict[str, Any]]:
    """The ways in which a course can name that school: by id, by reference, by both."""
    by_id = {"school_id": at["school_id"]}
    by_reference = {"school_ref_id": at["school_ref_id"]} if "school_ref_id" in at else by_id
    return [by_id, by_reference, {**by_id, **by_reference}]


LIVE_TENANTS = st.builds(live, LIVE_SCHOOLS, LIVE_COURSES)
MANY, SOME = examples(6), examples(1.5)


def _plan(want: DesiredTenant, have: LiveTenant) -> TenantPlan | None:
    """The plan, or None where rows cannot be told apart (that is an answer too, and has its own tests)."""
    try:
        return planned(want, have)
    except ConfigurationError:
        return None


def _sequence(want: DesiredTenant, plan: TenantPlan, have: LiveTenant) -> CallSequence:
    return reviewed_calls(plan, have, want.connection.limits)


def _impossible(plan: TenantPlan) -> bool:
    return any(refusal.guard in {"orphaned-course", "no-safe-order"} for refusal in plan.refusals)


@MANY
@given(wanted_tenants(), LIVE_TENANTS)
def test_every_step_of_a_plan_keeps_the_invariants(want: DesiredTenant, have: LiveTenant) -> None:
    """Invariants 1 to 5."""
    plan = _plan(want, have)
    if plan is None or _impossible(plan):
        return
    ModelServer(have, plan).run(_sequence(want, plan, have).writes)


@SOME
@given(wanted_tenants(), LIVE_TENANTS, st.lists(st.booleans(), max_size=12))
def test_writes_that_were_only_answered_do_no_harm_before_the_next_leg(
    want: DesiredTenant, have: LiveTenant, lies: list[bool]
) -> None:
    """Fault 28: success, and nothing done. Between two legs somebody looks."""
    plan = _plan(want, have)
    if plan is None or _impossible(plan):
        return
    ModelServer(have, plan).run_with_lies(_sequence(want, plan, have).legs, lies)


@SOME
@given(wanted_tenants(), LIVE_TENANTS)
def test_after_a_plan_is_carried_out_a_fresh_plan_is_empty(want: DesiredTenant, have: LiveTenant) -> None:
    """Invariant 7."""
    plan = _plan(want, have)
    if plan is None or _impossible(plan):
        return
    server = ModelServer(have, plan)
    server.run(_sequence(want, plan, have).writes)
    assert not planned(want, live(server.rows["schools"], server.rows["courses"])).changed


@SOME
@given(wanted_tenants(), LIVE_TENANTS)
def test_no_course_is_let_in_without_a_school(want: DesiredTenant, have: LiveTenant) -> None:
    plan = _plan(want, have)
    if plan is None or "schools" not in want.lists or _impossible(plan):
        return
    server = ModelServer(have, plan)
    server.run(_sequence(want, plan, have).writes)
    schools = {field: {row.get(field) for row in server.rows["schools"]} for field in ("school_id", "school_ref_id")}
    for change in plan.lists[1].changes:
        named = [(field, (change.after or {}).get(field)) for field in schools]
        assert not any(value for _, value in named) or any(value in schools[field] for field, value in named if value)


@SOME
@given(LIVE_TENANTS)
def test_what_is_live_needs_no_plan(have: LiveTenant) -> None:
    """plan(x, x) is empty, for every list whose rows a file can name."""
    schools, courses = _named(have, 0), _named(have, 1)
    plan = planned(desired(schools, courses), live(schools, courses))
    assert not plan.changed
    assert not plan.calls
    assert not plan.refusals


def _named(have: LiveTenant, which: int) -> list[Any]:
    kind = KINDS[which]
    rows = {row[kind.id_field]: row for row in have.listing(kind).rows if row.get(kind.id_field)}
    return list(rows.values())


@SOME
@given(wanted_tenants(), LIVE_TENANTS)
def test_a_document_survives_json_and_back(want: DesiredTenant, have: LiveTenant) -> None:
    plan = _plan(want, have)
    tenant = plan or FailedTenant(TENANT, "us2", "configuration", "rows cannot be told apart")
    whole = Plan((tenant,))
    source: SourceDocument = {"commit": "0" * 40, "dirty": False}
    document = to_document(whole, tool_version="1.0", created_at="2026-01-01T00:00:00+00:00", source=source)
    saved = json.loads(json.dumps(document))
    validator("plan").validate(saved)
    read = from_document(saved)
    assert read == whole
    assert plan_digest(read) == document["digest"]


@given(LIVE_SCHOOLS, st.randoms())
def test_the_order_of_live_rows_means_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    """Invariant 10."""
    mixed = list(rows)
    random.shuffle(mixed)
    assert planned(desired([]), live(rows)) == planned(desired([]), live(mixed))
    assert fingerprint(KINDS[0], keyed(KINDS[0], rows)) == fingerprint(KINDS[0], keyed(KINDS[0], mixed))
