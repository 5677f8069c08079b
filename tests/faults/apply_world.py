"""A world drawn from a seed in which apply is run, killed, and run again: `run` does it all.

Everything happens in one process. In most worlds it happens tenant by tenant and call by call, in one order: the seed
decides it all. In the others tenants and calls go side by side, and the same seed may mix them in another way. Each
attempt plans in peace and applies under faults; the last one has peace from the start. A kill is a BaseException out of
the transport or of the ledger, between any two steps, after which nothing of that process goes on.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from scopesync.apply.fleet import apply_plan, check_guards
from scopesync.apply.ports import Side
from scopesync.environment import Environment
from scopesync.errors import ConfigurationError, LiveError, RefusedError
from scopesync.live.connection import reading, writing
from scopesync.model import (
    KINDS,
    Allow,
    ChangeLimit,
    Connection,
    DesiredTenant,
    Guards,
    Identity,
    Limits,
    LiveTenant,
    SecretRef,
    Tenant,
)
from scopesync.plan.planner import plan_tenant
from scopesync.plan.types import FailedTenant, Plan
from scopesync.row_identity import listing
from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.faults.faulty_engine import Faulty
from scopesync.sandbox.faults.script import NO_FAULTS, read_script
from tests.faults.apply_lists import Drawn, drawn_lists, ident
from tests.faults.apply_menu import drawn_apply_faults
from tests.faults.apply_oracle import Oracle
from tests.faults.server_habits import HARMLESS, drawn_habits
from tests.faults.turns import Clock, SharedClock
from tests.faults.world import _logged, _tokens
from tests.support.engine_transport import engine_transport
from tests.support.memory_log import MemoryLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scopesync.apply.outcome import Outcome, TenantOutcome
    from scopesync.model import ListName
    from scopesync.plan.types import AnyTenant, Call, TenantPlan
    from scopesync.sandbox.api.engine import Served
    from scopesync.sandbox.api.messages import Request, Response

BOUNDLESS = Guards(ChangeLimit(None, None), ChangeLimit(None, None), ChangeLimit(None, None))
LONG_AFTER_S = 200.0
"""By then every write that is carried out later is carried out, and every read shows it."""
LAGGING_READS = max(HARMLESS["read_lag_reads"])
NOT_FOLLOWED = {"names_from_roster"}
"""Habits that change what is stored: an oracle that followed them would be a second server."""
NOT_WITH_COPIES = {"page_past_end"}
"""A last page that is answered again cannot be told from copies: such a list is not read, and has no plan."""
SHARE_WITH_HABITS = 1 / 3
NOTHING_SENT = {"unchanged", "stale", "unread", "unrecorded", "not started"}


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Life:
    """The steps that a process still has; None is no end in sight."""

    left: int | None = None
    lock: Lock = field(default_factory=Lock)

    def step(self) -> None:
        """Go one step, or no more."""
        with self.lock:
            if self.left is None:
                return
            if self.left <= 0:
                raise Killed
            self.left -= 1


class Log(MemoryLog):
    """One tenant's log of one attempt; the process may die before and after each record."""

    def __init__(self, life: Life) -> None:
        super().__init__()
        self._life = life
        self._lock = Lock()
        self._sent: dict[int, Call] = {}

    def expects(self, request: Request) -> bool:
        """Whether a call like that was recorded, and has had no answer yet."""
        with self._lock:
            return any(c.method == request.method and request.path.endswith(c.path) for c in self._sent.values())

    def before(self, live: LiveTenant) -> None:
        self._step(partial(super().before, live))

    def intend(self, call: Call, keys: Iterable[str] = ()) -> int:
        self._life.step()
        with self._lock:
            token = super().intend(call, keys)
            self._sent[token] = call
        self._life.step()
        return token

    def answered(self, token: int) -> None:
        self._over(token)
        self._step(partial(super().answered, token))

    def failed(self, token: int, message: str, *, landed: Literal[False] | None) -> None:
        self._over(token)
        self._step(partial(super().failed, token, message, landed=landed))

    def _over(self, token: int) -> None:
        with self._lock:
            del self._sent[token]

    def after(self, live: LiveTenant | None) -> None:
        self._step(partial(super().after, live))

    def ended(self, status: str, message: str | None = None) -> None:
        self._step(partial(super().ended, status, message))

    def _step(self, work: Callable[[], None]) -> None:
        self._life.step()
        work()
        self._life.step()


@dataclass
class Attempt:
    """One run of apply. `outcome` is None when it was killed; `logs` are those of the tenants that it came to."""

    quiet: bool
    life: Life
    trouble: Mapping[str, dict[str, int]]
    logs: dict[str, Log] = field(default_factory=dict)
    outcome: Outcome | None = None

    @contextmanager
    def tenant(self, plan: TenantPlan) -> Iterator[Log]:
        log = self.logs[plan.tenant.id] = Log(self.life)
        for name, value in self.trouble.get(plan.tenant.id, {}).items():
            setattr(log, name, value)
        with log.tenant(plan):
            yield log


@dataclass(frozen=True)
class Edit:
    """What a second writer does just before the n-th request of an attempt."""

    before: int
    tenant: int
    list: ListName
    what: str


class ApplyWorld:
    """Some tenants, a server with its habits and faults, a second writer, and an apply that is killed and run again."""

    def __init__(self, seed: int) -> None:
        chance = self._chance = Random(seed)  # noqa: S311 - repeatable, not secret
        own = Random(f"habits of {seed}")  # noqa: S311 - repeatable, not secret
        self.drawn_habits = drawn_habits(own, without=NOT_FOLLOWED) if own.random() < SHARE_WITH_HABITS else {}
        self.clock = SharedClock() if self.drawn_habits else Clock()
        self.connection = Connection(
            "us2",
            "https://api.us2.kimonocloud.com",
            auth=chance.choice(["oauth2", "oauth2", "basic"]),
            limits=Limits(
                page_size=chance.choice([2, 5, 50]),
                requests_per_second=1e6,
                rows_per_call=chance.choice([1, 2, 3, 5, 1000, 1000]),
            ),
        )
        self.store = Store.in_memory()
        self.oracles: dict[str, Oracle] = {}
        self.secrets: dict[str, str] = {}
        self.tenants = [self._tenant(number) for number in range(chance.randint(1, 3))]
        if any(drawn.copies for oracle in self.oracles.values() for drawn in oracle.lists.values()):
            for habit in NOT_WITH_COPIES & self.drawn_habits.keys():
                del self.drawn_habits[habit]
        self.plain = Behaviour(put=chance.choice(["replace", "merge"]), append=_append(chance, self.oracles.values()))
        self.habits = replace(self.plain, **self.drawn_habits)
        self.engine = Engine(self.store, behaviour=self.habits, clock=self.clock, on_write=self._written)
        self.script = {"seed": seed, "faults": self._faults()}
        self.faulty = Faulty(self.engine, read_script({"faults": []}), sleep=self.clock.sleep)
        self.edits = self._edits() if chance.random() < 0.3 and not self.drawn_habits else []
        self.lanes = 1 if self.edits or self.drawn_habits else chance.choice([1, 1, 3])
        self.attempts = [self._attempt() for _ in range(chance.randint(1, 3))] + [
            Attempt(quiet=True, life=Life(), trouble={})
        ]
        self.current = self.attempts[0]
        self.struck: set[str | None] = set()
        self.told: list[str] = []
        self.refused: set[str] = set()
        self.unread: set[str] = set()
        self.applying = False
        self._requests = 0

    def run(self) -> None:
        """Every attempt, the last one in peace; each is judged as it ends."""
        for attempt in self.attempts:
            self.current = attempt
            if attempt.quiet:
                self._let_time_pass()
            with _logged(self.told):
                self._run()
            if attempt.outcome is None or attempt.outcome.exit_code != 0:
                self._let_time_pass()  # as a run does that finds an append in doubt in its ledger; after 0, none is

    def settled(self) -> None:
        """After the attempt in peace everything is as it shall be, and a fresh plan finds nothing to do.

        It is made by a reader of a server without habits, after all late work is done.
        """
        self._let_time_pass()
        self.engine.behaviour = self.plain
        for tenant in self.tenants:
            oracle = self.oracles[tenant.tenant.id]
            if tenant.tenant.id in self.refused:
                continue
            planned = self._planned(tenant)
            assert not isinstance(planned, FailedTenant), planned
            assert not planned.changed, f"{tenant.tenant.name}: a fresh plan is not empty: {planned.calls}"
            assert oracle.touched or oracle.settled(self._lists(tenant.tenant.id)), "it ends elsewhere"

    def handle(self, request: Request) -> Response:
        """One request: another client may be before us, and the process may die before it and after it."""
        if not self.applying:
            return self._answered(request)
        self.current.life.step()
        self._requests += 1
        self._let_others_in()
        self._check_recorded(request)
        response = self._answered(request)
        self.current.life.step()
        return response

    def _answered(self, request: Request) -> Response:
        response = self.faulty.handle(request)
        if request.path == "/oauth/token" and response.status == 200:
            self.secrets |= {f"token {token}": token for token in _tokens(response)}
        return response

    def _let_time_pass(self) -> None:
        """Let everything be carried out and shown that is still to come."""
        if not self.drawn_habits:
            return
        self.clock.sleep(LONG_AFTER_S)
        self.engine.do_what_is_due()
        for tenant in self.tenants * LAGGING_READS:
            with suppress(LiveError), reading(self.connection, **self._opening()) as opened:
                opened.tenant(tenant).read()

    # One attempt

    def _run(self) -> None:
        plan = self._plan()
        self.engine.forget_served()
        self.faulty.use(NO_FAULTS if self.current.quiet else read_script(self.script))
        self.applying, self._requests = True, 0
        try:
            with writing(self.connection, **self._opening()) as opened:
                self.current.outcome = apply_plan(
                    plan,
                    lambda one: Side(
                        opened.reader(self._of(one)),
                        opened.writer(self._of(one)),
                        self.connection.limits,
                        self.clock.sleep,
                        self._of(one).lists,
                    ),
                    self.current,
                    concurrency=self.lanes,
                )
        except Killed:
            pass
        finally:
            self.applying = False
            self.struck |= {struck.tenant_id for struck in self.faulty.struck}
            self.faulty.use(NO_FAULTS)
            self.current.life.left = None
        self._judge()

    def _judge(self) -> None:
        self.told += [line for log in self.current.logs.values() for line in log.told]
        if self.current.outcome is None:
            return
        self.told.append(repr(self.current.outcome))
        for ended in self.current.outcome.tenants:
            self._judge_tenant(ended)

    def _judge_tenant(self, ended: TenantOutcome) -> None:
        tenant, status = ended.tenant.id, ended.status
        oracle = self.oracles[tenant]
        wrote = [one for one in self.engine.served if one.writes and one.tenant_id == tenant and one.status < 300]
        assert not (wrote and status in NOTHING_SENT), f"{status}, but {wrote}: {ended}"
        if oracle.touched:
            return
        settled = oracle.settled(self._lists(tenant))
        assert settled or status not in {"applied", "unchanged"}, f"{status}, but it is not: {ended}"
        assert status != "applied" or not self._left_in_store(tenant), (
            f"applied, but a fresh plan is not empty: {ended}"
        )
        if self.drawn_habits and not self.current.quiet:
            return  # what was late when it ended may have come, or may move the lists under the next attempt
        assert not (settled and ended.differences), f"there is no difference: {ended.differences}"
        if self.current.quiet or not ({tenant} & self.struck or tenant in self.current.trouble):
            assert status in {"applied", "unchanged"}, f"nothing was in its way: {ended}"

    def _left_in_store(self, tenant_id: str) -> bool:
        """Whether a fresh plan, made from the store itself, would change anything."""
        tenant = next(one for one in self.tenants if one.tenant.id == tenant_id)
        schools, courses = (listing(kind, self.store.rows(tenant_id, kind.name)) for kind in KINDS)
        live = LiveTenant(tenant.tenant, schools, courses, Identity("verified", "the store"))
        return plan_tenant(tenant, live, guards=BOUNDLESS).changed

    def _plan(self) -> Plan:
        """The plan of all tenants that no guard refuses. One that a guard refuses stops all, and nothing is sent."""
        self.unread.clear()
        found = [self._planned(tenant) for tenant in self.tenants]
        good = [one for one in found if not isinstance(one, FailedTenant) and not one.refusals]
        self.refused |= {one.tenant.id for one in found} - {one.tenant.id for one in good} - self.unread
        whole = Plan(tuple(found))
        if whole.refusals:
            try:
                check_guards(whole)
            except RefusedError:
                return Plan(tuple(good))
        return Plan(tuple(good))

    def _planned(self, tenant: DesiredTenant) -> AnyTenant:
        try:
            with reading(self.connection, **self._opening()) as opened:
                live = opened.tenant(tenant).read()
        except LiveError as error:
            if not self.drawn_habits:
                raise
            self.unread.add(tenant.tenant.id)  # reads may lag by turns: then there is no plan for now
            return FailedTenant(tenant.tenant, "us2", error.kind, error.message)
        try:
            return plan_tenant(tenant, live, guards=BOUNDLESS)
        except ConfigurationError as error:
            return FailedTenant(tenant.tenant, "us2", error.kind, error.message)

    def _opening(self) -> dict[str, Any]:
        environ = {f"SECRET_{number}": self.secrets[one.tenant.id] for number, one in enumerate(self.tenants)}
        environ |= {f"ID_{number}": f"client-{number}" for number in range(len(self.tenants))}
        return {
            "environment": Environment(environ),
            "root": Path(),
            "transport": engine_transport(self, sleep=self.clock.sleep),
            "clock": self.clock,
            "today": self.clock,
            "sleep": self.clock.sleep,
            "jitter": lambda: 0.5,
        }

    def _of(self, plan: TenantPlan) -> DesiredTenant:
        return next(tenant for tenant in self.tenants if tenant.tenant.id == plan.tenant.id)

    # What is looked at

    def _written(self, served: Served) -> None:
        assert served.tenant_id is not None
        self.oracles[served.tenant_id].check(self._lists(served.tenant_id))

    def _lists(self, tenant_id: str) -> Mapping[ListName, tuple[dict[str, Any], ...]]:
        return {kind.name: self.store.rows(tenant_id, kind.name) for kind in KINDS}

    def _check_recorded(self, request: Request) -> None:
        """What is sent was recorded just before (fault 33)."""
        if request.method == "GET" or request.path.startswith("/oauth/"):
            return
        recorded = any(log.expects(request) for log in self.current.logs.values())
        assert recorded, f"{request.method} {request.path}, which was not recorded"

    # What another client does

    def _let_others_in(self) -> None:
        if self.current.quiet:
            return
        for edit in self.edits:
            if edit.before == self._requests:
                self._edit(edit)

    def _edit(self, edit: Edit) -> None:
        tenant, oracle = self.tenants[edit.tenant].tenant.id, self.oracles[self.tenants[edit.tenant].tenant.id]
        drawn = oracle.lists[edit.list]
        rows = list(self.store.rows(tenant, edit.list))
        if edit.what == "insert":
            row = {drawn.kind.id_field: _uuid(self._chance), "name": "His", "tenant_id": tenant}
            self._chance.shuffle(rows)
            rows.insert(self._chance.randint(0, len(rows)), row)
        elif edit.what == "ours" and (ours := [r for r in drawn.final_rows if r.get(drawn.kind.id_field)]):
            row = {**self._chance.choice(ours), "name": "His"}
            rows = [one for one in rows if ident(drawn.kind, one) != ident(drawn.kind, row)] + [row]
        elif rows:
            row = rows.pop(self._chance.randrange(len(rows)))
            rows += [{**row, "name": "His"}] if edit.what == "change" else []
            if edit.what == "remove":
                oracle.taken.add(edit.list)
        else:
            return
        oracle.touched.add(ident(drawn.kind, row))
        self.store.replace(tenant, edit.list, rows)

    # What is drawn

    def _tenant(self, number: int) -> DesiredTenant:
        chance = self._chance
        tenant = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        lists = drawn_lists(chance)
        self.oracles[tenant] = Oracle(lists)
        self.secrets[tenant] = f"canary-secret-of-{tenant}"
        auth = {"type": "client_credentials", "client_id": f"client-{number}", "client_secret": self.secrets[tenant]}
        self.store.put_tenant({"id": tenant, "name": f"t{number}", "account": {"id": tenant}, "auth": auth})
        for name, drawn in lists.items():
            self.store.replace(tenant, name, [{**row, "tenant_id": tenant, "account_id": tenant} for row in drawn.live])
        return DesiredTenant(
            Tenant(tenant, f"t{number}"),
            self.connection,
            {name: drawn.wanted for name, drawn in lists.items() if drawn.wanted is not None},
            credentials=(SecretRef("env", f"ID_{number}"), SecretRef("env", f"SECRET_{number}")),
            allow=tuple(_allowed(lists)),
        )

    def _faults(self) -> list[dict[str, Any]]:
        struck = [one.tenant.id for one in self.tenants if self._chance.random() < 0.7]
        return [fault for tenant in struck for fault in drawn_apply_faults(self._chance, tenant, self.secrets[tenant])]

    def _edits(self) -> list[Edit]:
        chance = self._chance
        return [
            Edit(
                chance.randint(1, 40),
                chance.randrange(len(self.tenants)),
                chance.choice([kind.name for kind in KINDS]),
                chance.choice(["insert", "ours", "change", "remove"]),
            )
            for _ in range(chance.randint(1, 3))
        ]

    def _attempt(self) -> Attempt:
        """An attempt with a ledger that may fail, and perhaps with an end that comes too early."""
        chance = self._chance
        kinds = ["full_from", "lost_from", "full_at_the_end"]
        trouble = {one.tenant.id: {chance.choice(kinds): chance.randint(1, 6)} for one in self.tenants}
        troubled = {tenant: what for tenant, what in trouble.items() if chance.random() < 0.12}
        return Attempt(
            quiet=False,
            life=Life(chance.choice([None, chance.randint(0, 40), chance.randint(0, 150)])),
            trouble=troubled,
        )


def _append(chance: Random, oracles: Iterable[Oracle]) -> Literal["reject", "duplicate", "update"]:
    """What the server does with an id that is there; one that has copies of a row takes copies."""
    options: list[Literal["reject", "duplicate", "update"]] = ["reject", "duplicate", "update"]
    copies = any(drawn.copies for oracle in oracles for drawn in oracle.lists.values())
    return "duplicate" if copies else chance.choice(options)


def _allowed(lists: Mapping[ListName, Drawn]) -> Iterator[Allow]:
    for name in lists:
        yield Allow("empty-list", name, 10_000, "the seed says so", date(2999, 1, 1))


def _uuid(chance: Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
