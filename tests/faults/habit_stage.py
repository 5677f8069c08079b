"""One tenant on a server with one habit, and an apply of each sort: what comes of it is one word.

Belongs here: the tenant, the sorts of change, running plan and apply, and judging what the store holds once all late
work is done. Does not belong here: which habits there are (`server_habits`), what the right word is for each.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scopesync.apply.fleet import apply_plan, check_guards
from scopesync.apply.ports import Side
from scopesync.audit.undo import wanted_back
from scopesync.environment import Environment
from scopesync.errors import LiveError, RefusedError
from scopesync.live.connection import reading, writing
from scopesync.model import (
    KINDS,
    ChangeLimit,
    Connection,
    DesiredList,
    DesiredRow,
    DesiredTenant,
    Guards,
    Identity,
    Limits,
    LiveTenant,
    SecretRef,
    Tenant,
)
from scopesync.plan.planner import plan_tenant
from scopesync.plan.types import Plan
from scopesync.row_identity import key_of, listing
from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.sample_districts import VENDOR_KEY
from tests.faults.turns import SharedClock
from tests.support.engine_transport import engine_transport
from tests.support.memory_log import MemoryLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scopesync.apply.outcome import Outcome
    from scopesync.model import Kind, ListName
    from scopesync.plan.types import TenantPlan

Fields = dict[str, Any]
Rows = dict[str, list[Fields]]

BOUNDLESS = Guards(ChangeLimit(None, None), ChangeLimit(None, None), ChangeLimit(None, None))
SORTS = ("items", "family", "replace", "undo")
LONG_AFTER_S = 200.0
"""By then every write that is carried out later is carried out, and every read shows it."""

ODD_NAME = "Café  Maths & More, 2nd floor "
"""A text that each stubborn server stores in a way of its own."""


def _id(word: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, word))


OURS = _id("tenant")


@dataclass(frozen=True)
class Result:
    """What came of one sort of change. `word` is ok, named, refused, or what is wrong; `detail` says why."""

    word: str
    detail: str = ""


class HabitStage:
    """A tenant with five schools of three courses each, on a server with these habits."""

    def __init__(self, habits: Mapping[str, Any], *, item_calls: int | None = 200) -> None:
        self.clock = SharedClock()
        self.store = Store.in_memory()
        # A tenant whose server shows it its own record has no need of the vendor's key.
        vendor_key = None if "tenant_finds_itself" in habits else SecretRef("env", "VENDOR_KEY")
        self.connection = Connection(
            "us2",
            "https://api.us2.kimonocloud.com",
            vendor_key=vendor_key,
            limits=Limits(page_size=8, item_calls=item_calls, settle_s=30),
        )
        auth = {"type": "client_credentials", "client_id": "client", "client_secret": "canary-secret"}
        known = {"account": {"id": OURS}, "integration": {"id": OURS, "name": "Reading"}}
        self.store.put_tenant({"id": OURS, "name": "t", **known, "license": {"status": "active"}, "auth": auth})
        self.engine = Engine(self.store, behaviour=Behaviour(**habits), clock=self.clock)

    def fill(self, rows: Rows) -> None:
        """Let these rows be live."""
        for kind in KINDS:
            owned = [{**row, "tenant_id": OURS, "account_id": OURS} for row in rows[kind.name]]
            self.store.replace(OURS, kind.name, owned)

    def desired(self, lists: Mapping[ListName, DesiredList]) -> DesiredTenant:
        """The tenant that wants these lists."""
        pair = (SecretRef("env", "ID"), SecretRef("env", "SECRET"))
        return DesiredTenant(Tenant(OURS, "t"), self.connection, lists, credentials=pair)

    def read(self, desired: DesiredTenant) -> LiveTenant:
        """Both lists as the server shows them. Raises LiveError."""
        with reading(self.connection, **self._opening()) as opened:
            return opened.tenant(desired).read()

    def stored(self) -> LiveTenant:
        """Both lists as they are in the store, whatever the server shows."""
        schools, courses = (listing(kind, self.store.rows(OURS, kind.name)) for kind in KINDS)
        return LiveTenant(Tenant(OURS, "t"), schools, courses, Identity("verified", "the store"))

    def applied(self, desired: DesiredTenant, *, is_from_files: bool = True) -> tuple[TenantPlan, Outcome]:
        """Plan and apply at once. Raises LiveError and RefusedError where there is no plan."""
        plan = plan_tenant(desired, self.read(desired), guards=BOUNDLESS)
        check_guards(Plan((plan,)))
        with writing(self.connection, **self._opening()) as opened:
            wanted = desired.lists if is_from_files else None
            side = Side(
                opened.reader(desired), opened.writer(desired), self.connection.limits, self.clock.sleep, wanted
            )
            return plan, apply_plan(Plan((plan,)), lambda _: side, MemoryLog(), concurrency=1)

    def writes(self) -> int:
        """How many writes the server has answered with success, or may have carried out."""
        return sum(one.writes and (one.status < 300 or one.status >= 500) for one in self.engine.served)

    def let_time_pass(self) -> None:
        """Let everything be carried out that is still to come."""
        self.clock.sleep(LONG_AFTER_S)
        self.engine.do_what_is_due()

    def _opening(self) -> dict[str, Any]:
        return {
            "environment": Environment({"ID": "client", "SECRET": "canary-secret", "VENDOR_KEY": VENDOR_KEY}),
            "root": Path(),
            "transport": engine_transport(self.engine, sleep=self.clock.sleep),
            "clock": self.clock,
            "today": self.clock,
            "sleep": self.clock.sleep,
            "jitter": lambda: 0.5,
        }


# The sorts of change


def result_of(sort: str, habits: Mapping[str, Any]) -> Result:
    """What comes of a change of that sort on a server with these habits."""
    stage = HabitStage(habits, item_calls=0 if sort == "replace" else 200)
    live = _live(with_nameless=sort == "replace")
    stage.fill(live)
    lists = _family(live) if sort == "family" else _items(live)
    if sort != "undo":
        return _judged(stage, stage.desired(lists))
    return _undone(stage, stage.desired(lists))


def _undone(stage: HabitStage, desired: DesiredTenant) -> Result:
    """What comes of taking a run of items back, as soon as it has ended."""
    before = stage.stored()
    try:
        plan, _ = stage.applied(desired)
        stage.let_time_pass()
        now = stage.read(desired)
    except (LiveError, RefusedError) as error:
        return Result("refused", f"the first run: {error}")
    lists = {}
    for part in plan.lists:
        keys: dict[Any, list[str]] = {"create": [], "update": [], "delete": []}
        for change in part.changes:
            keys[change.action].append(change.key)
        rows = (now.listing(part.kind).rows, before.listing(part.kind).rows)
        lists[part.kind.name] = wanted_back(part.kind, *rows, keys)
    stage.engine.forget_served()
    return _judged(stage, stage.desired(lists), is_from_files=False)


def _judged(stage: HabitStage, desired: DesiredTenant, *, is_from_files: bool = True) -> Result:
    before = stage.stored()
    try:
        _, outcome = stage.applied(desired, is_from_files=is_from_files)
    except (LiveError, RefusedError) as error:
        return _refused(stage, before, str(error))
    (ended,) = outcome.tenants
    why = f"{ended.status}: {ended.message}; {[(one.list, one.key, one.fields) for one in ended.differences]}"
    if outcome.exit_code == 0:
        return _checked_ok(stage, desired, is_from_files=is_from_files)
    if outcome.exit_code == 5:
        stage.let_time_pass()
        named = {(one.list, one.key) for one in ended.differences}
        return _checked_named(stage, desired, named, why)
    return _refused(stage, before, why)


def _refused(stage: HabitStage, before: LiveTenant, why: str) -> Result:
    stage.let_time_pass()
    if stage.writes() or _contents(stage.stored()) != _contents(before):
        return Result("WRITTEN", why)
    return Result("refused", why)


def _checked_ok(stage: HabitStage, desired: DesiredTenant, *, is_from_files: bool) -> Result:
    """0 is right where a second run at once sends nothing, and where in the end nothing is left to do."""
    stage.engine.forget_served()
    try:
        _, again = stage.applied(desired, is_from_files=is_from_files)
    except (LiveError, RefusedError) as error:
        return Result("AGAIN REFUSED", str(error))
    sent_again = stage.writes()
    stage.let_time_pass()
    if twice := _twice(stage.stored()):
        return Result("TWICE", str(twice))
    if left := _left(desired, stage.stored()):
        return Result("NOT SO", str(left))
    if sent_again:
        return Result("SENT AGAIN", f"{again}")
    return Result("ok")


def _checked_named(stage: HabitStage, desired: DesiredTenant, named: set[tuple[ListName, str]], why: str) -> Result:
    if twice := _twice(stage.stored()):
        return Result("TWICE", f"{twice} {why}")
    unnamed = _left(desired, stage.stored()) - named
    return Result("UNNAMED", f"{unnamed} {why}") if unnamed else Result("named", why)


def _left(desired: DesiredTenant, stored: LiveTenant) -> set[tuple[ListName, str]]:
    """The rows that a fresh plan would change."""
    plan = plan_tenant(desired, stored, guards=BOUNDLESS)
    return {(part.kind.name, change.key) for part in plan.lists for change in part.changes}


def _twice(stored: LiveTenant) -> list[str]:
    """The keys that several rows bear; a course at two schools is not among the rows here."""
    return [key for kind in KINDS for key in _repeated([key_of(kind, row) for row in stored.listing(kind).rows])]


def _repeated(keys: Sequence[str]) -> list[str]:
    return sorted({key for key in keys if keys.count(key) > 1})


def _contents(live: LiveTenant) -> tuple[Any, ...]:
    return tuple(live.listing(kind).rows for kind in KINDS)


# What is live, and what is wanted


def _live(*, with_nameless: bool) -> Rows:
    schools = [_school(number) for number in range(5)]
    courses = [_course(school, number) for school in range(5) for number in range(3)]
    if with_nameless:
        courses.append({"course_ref_id": "R-1", "school_id": _id("school 0"), "name": "Without an id"})
    return {"schools": schools, "courses": courses}


def _school(number: int) -> Fields:
    return {"school_id": _id(f"school {number}"), "name": f"school {number}", "selected": True, "extra": [number]}


def _course(school: int, number: int) -> Fields:
    name = f"course {school}-{number}"
    named = {"course_id": _id(name), "school_id": _id(f"school {school}"), "name": name}
    return {**named, "keywords": "math", "selected": number != 1, "extra": {"deep": number}}


def _mentioned(kind: Kind, row: Fields) -> Fields:
    return {field: value for field, value in row.items() if field in kind.fields}


def _lists(rows: Rows) -> dict[ListName, DesiredList]:
    return {
        kind.name: DesiredList(kind, tuple(DesiredRow(_mentioned(kind, row)) for row in rows[kind.name]))
        for kind in KINDS
    }


def _items(live: Rows) -> dict[ListName, DesiredList]:
    """A school and courses come, some change, one of each leaves; a course without an id changes where there is one."""
    schools = [*live["schools"], {**_school(5), "name": ODD_NAME}]
    schools[1] = {**schools[1], "name": "Renamed"}
    courses = [dict(row) for row in live["courses"]]
    courses[0]["name"] = ODD_NAME
    courses[1]["keywords"] = "Zoo, art"
    courses[2]["selected"] = False
    courses[4]["keywords"] = None
    if len(courses) > 15:
        courses[15]["name"] = "Renamed without an id"
    del courses[8]
    nameless = {"course_id": _id("unnamed"), "school_id": _id("school 3")}
    courses += [_course(5, 0), _course(5, 1), _course(0, 7), nameless]
    return _lists({"schools": schools, "courses": courses})


def _family(live: Rows) -> dict[ListName, DesiredList]:
    """A school leaves with its courses, and another comes with its own."""
    schools = [*live["schools"][1:], _school(6)]
    courses = [*live["courses"][3:], *(_course(6, number) for number in range(3))]
    return _lists({"schools": schools, "courses": courses})
